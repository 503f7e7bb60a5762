/** The suites that every product goes through, made from its definition; the product's own checks are added to them. */
import { placesOf, type Kind, type Places, type Product, type Subject } from "../products/index.ts";
import { kindNamed } from "./kind.ts";
import { installSuite, uninstallSuite } from "./standard-install.ts";
import { powerCutSuite, rebootSuite, serviceSuite, soakSuite, smokeSuite } from "./standard-service.ts";
import type { Suite } from "./suite.ts";

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
 * install, smoke, service, soak, reboot, power-cut, uninstall for one archive, in the order in which they run on one machine. A kind
 * without services has no service and soak.
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
    rebootSuite(life),
    powerCutSuite(life),
    uninstallSuite(life),
  ];
}
