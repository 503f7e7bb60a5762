/** The suites that every product goes through, made from its definition; the product's own checks are added to them. */
import { placesOf, type Kind, type Places, type Product, type Subject } from "../products/index.ts";
import { crashSuite } from "./crash.ts";
import { footprintSuite } from "./footprint.ts";
import { kindNamed } from "./kind.ts";
import { hasSecrets, secretsSuite } from "./secrets.ts";
import { installSuite, uninstallSuite } from "./standard-install.ts";
import { powerCutSuite, rebootSuite, serviceSuite, soakSuite, smokeSuite } from "./standard-service.ts";
import type { Suite } from "../checks/check.ts";

/** Where things lie on the machine, absolute, and how long the soak is. */
export interface MachineFiles {
  /** where the installer is unpacked to, out of the archive */
  installer: string;
  /** the archive as it was received */
  archivePath: string;
  /** seconds that each service must have been up and answering in one go; 0 leaves the soak out */
  soakSeconds: number;
}

/** What the makers of the suites work from. */
export interface Lifecycle {
  product: Product;
  kind: Kind;
  subject: Subject;
  files: MachineFiles;
  at: Places;
}

/**
 * install, smoke, service, soak, footprint, reboot, power-cut, crash, secrets, uninstall for one archive, in the order in which they
 * run on one machine. A kind without services has no service and soak; one without
 * secrets has none to look for.
 */
export function standardSuites(product: Product, kind: string, subject: Subject, files: MachineFiles): Suite[] {
  const definition = kindNamed(product, kind);
  const life: Lifecycle = { product, kind: definition, subject, files, at: placesOf(product, definition) };
  const services = life.kind.services.length > 0;
  return [
    installSuite(life),
    smokeSuite(life),
    ...(services ? [serviceSuite(life)] : []),
    ...(services && files.soakSeconds > 0 ? [soakSuite(life)] : []),
    footprintSuite(life),
    rebootSuite(life),
    powerCutSuite(life),
    crashSuite(),
    ...(hasSecrets(life) ? [secretsSuite(life)] : []),
    uninstallSuite(life),
  ];
}
