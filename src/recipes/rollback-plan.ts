/**
 * `release/rollback-plan.json`: how a release is taken back, as steps for a person. A product's own plan keeps its scopes and
 * steps; where the recipe has a command that does a step, the step says so. A product without a plan gets one.
 */
import { z } from "zod";
import { parseJson } from "../edges/edges.ts";
import { profile, rollbackPlanPath, type Packaged } from "./packaged.ts";
import type { Mend } from "./profile-manifest.ts";

/** Further parts of a product's own plan pass through as they are. */
const RollbackPlan = z.looseObject({
  schema_version: z.literal(1),
  profile_id: z.literal(profile),
  guarded_scopes: z.array(z.string().min(1)).min(1),
  steps: z
    .array(z.looseObject({ order: z.number().int(), id: z.string().min(1), action: z.string().min(1) }))
    .min(1)
    .refine((steps) => steps.every(({ order }, i) => order === i + 1), "steps are not numbered from 1 without a gap"),
});
type RollbackPlan = z.output<typeof RollbackPlan>;

const back =
  "Run ./rollback: it stops the services and brings back the release before this one, with the state and configuration that were backed up before this one first ran, and starts it";

/** The steps that a command of the recipe does, by their ids, and how. `migrate_back`: migrations only go forward, so the way back is the backup. */
const done: Readonly<Record<string, string>> = {
  restore_config: back,
  migrate_back: `${back}. Nothing is migrated back: what was written since the upgrade is kept aside and not read again`,
  restore_state: `${back}. What was written since the upgrade is kept aside and not read again`,
  restart_services: "./rollback has done it, and has waited until they were healthy",
  verify:
    "Run ./status in the folder of the previous release's recipe: its exit code is 0 when that release is whole and healthy",
};

/** The plan of a product that brings none. */
const general: RollbackPlan = {
  schema_version: 1,
  profile_id: profile,
  guarded_scopes: ["config", "state"],
  steps: ["freeze_rollout", "restore_config", "restore_state", "restart_services", "verify"].map((id, i) => ({
    order: i + 1,
    id,
    action: done[id] ?? "Deploy this release to no further machine until it is known what is wrong with it",
  })),
};

const render = (plan: RollbackPlan): string => `${JSON.stringify(plan, null, 2)}\n`;

/**
 * The plan's text, and where it differs from the product's own.
 * @throws EdgeError when the product's own is not of the known format.
 */
export function rollbackPlan(packaged: Packaged): { text: string; mends: Mend[] } {
  const own = packaged[rollbackPlanPath];
  if (own === undefined) return { text: render(general), mends: [] };
  parseJson(RollbackPlan, own, {
    what: `The candidate's ${rollbackPlanPath} for ${profile}`,
    remedy: "generate it with the candidate's own command and seal the candidate again",
  });
  // The text's own order of keys is kept, which the parsed value is not sure to have.
  const plan = JSON.parse(own) as RollbackPlan;
  const mended = plan.steps.flatMap(({ id }, i): Mend[] =>
    done[id] ? [{ file: rollbackPlanPath, path: `steps.${i}.action`, why: "a command of this recipe does it" }] : [],
  );
  return {
    text: render({ ...plan, steps: plan.steps.map((step) => ({ ...step, action: done[step.id] ?? step.action })) }),
    mends: mended,
  };
}
