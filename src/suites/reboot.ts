/** The suites of coming back: after a reboot and after a power cut each service runs by itself, as the same release, with what it had kept. */
import { healthyCheck, identityCheck, ownHealthChecks } from "./healthy.ts";
import { keptStill } from "./kept.ts";
import { installed, onceInstalled, versionOf, type Lifecycle } from "./lifecycle.ts";
import { unrestarted } from "./unrestarted.ts";
import type { Check, Suite } from "../checks/check.ts";

/** After the machine was shut down and started again. */
export function rebootSuite(life: Lifecycle): Suite {
  return { name: "reboot", afterReboot: "clean", checks: backChecks(life) };
}

/** The same when the machine has lost its power. */
export function powerCutSuite(life: Lifecycle): Suite {
  return { name: "power-cut", afterReboot: "hard", checks: backChecks(life) };
}

/** Each service runs by itself and has what it kept; `since` is the check that noted that, where the smoke suite did not. */
export function backChecks(life: Lifecycle, since?: string): Check[] {
  const { product, kind, subject, at } = life;
  const version = (binary: string): string => versionOf(life, binary);
  const back = [
    ...kind.services.map((service) => identityCheck(`identity-${service.name}`, service, version(service.binary))),
    ...ownHealthChecks(life),
    ...product.checks.planted(subject, at),
    ...keptStill(life, false, since),
  ];
  return [
    ...kind.services.map((service) => healthyCheck(`back-${service.name}`, service, 60)),
    ...unrestarted(kind, "", installed, back.map(onceInstalled)),
  ];
}
