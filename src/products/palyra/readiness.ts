/** Which checks of an installed Palyra show that it is ready, by the ids of its readiness checklist. */
import type { MachineChecks, ReadinessRules } from "../product.ts";
import { controlCheck, rolloutControls } from "./rollout.ts";

const headless = (...checks: string[]): MachineChecks => ({ kind: "headless", checks });

/** A release brings its own catalogue: it is the new one's that answers, and afterwards that of the release before. */
const catalogue = {
  apply: headless("upgrade/upgrade", "upgrade/new-in-use"),
  verify: headless("upgrade/new-answers-as-released", "upgrade/new-identity-palyrad"),
  rollback: headless("rollback/rollback", "rollback/back-in-use", "rollback/back-answers-as-released"),
};

/** What scenarios need (sessions, settings, secrets) is there after an upgrade, and after the way back without what came later. */
const fixtures = {
  apply: headless("upgrade/upgrade", "upgrade/new-written-later"),
  verify: headless("upgrade/kept-planted", "upgrade/kept-data"),
  rollback: headless("rollback/rollback", "rollback/back-later-is-gone", "rollback/kept-planted", "rollback/kept-data"),
};

/** Settings and environment that switch capabilities leave them off after an upgrade, and after the way back. */
const controls = {
  apply: headless("upgrade/upgrade", "upgrade/new-in-use"),
  verify: headless("upgrade/new-capabilities-off"),
  rollback: headless("rollback/rollback", "rollback/back-capabilities-off"),
};

export const readiness: ReadinessRules = {
  controls: Object.fromEntries(Object.keys(rolloutControls).map((id) => [id, headless(`smoke/${controlCheck(id)}`)])),
  tracks: {
    runtime_contract_catalog: catalogue,
    operator_runtime_controls: controls,
    acceptance_harness_expansion: fixtures,
  },
};
