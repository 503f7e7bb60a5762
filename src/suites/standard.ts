/** The suites that every product goes through, made from its definition; the product's own checks are added to them. */
import { placesOf, type Product, type Subject } from "../products/index.ts";
import { crashSuite } from "./crash.ts";
import { footprintSuite } from "./footprint.ts";
import { kindNamed } from "./kind.ts";
import { hasSecrets, secretsSuite } from "./secrets.ts";
import { installSuite } from "./install.ts";
import type { Lifecycle, MachineFiles } from "./lifecycle.ts";
import { powerCutSuite, rebootSuite } from "./reboot.ts";
import { serviceSuite } from "./service.ts";
import { smokeSuite } from "./smoke.ts";
import { soakSuite } from "./soak.ts";
import { uninstallSuite } from "./uninstall.ts";
import type { Suite } from "../checks/check.ts";

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
