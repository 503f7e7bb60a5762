/** `deployment-promotion-gates.json`: what must hold before a release is promoted for a deployment profile (schema version 1). */
import { z } from "zod";
import { faultAt, type Fault, type Located } from "../edges/located.ts";
import { DaySchema, IdSchema, namesOf, TextSchema } from "./schema.ts";
import type { Vocabulary } from "./vocabulary.ts";

/** A gate that somebody must pass by hand, or that stays closed. None begins open: what passes a gate is recorded, not written here. */
export const gateStatuses = ["manual", "blocked"] as const;

export const PromotionGatesSchema = z.strictObject({
  schema_version: z.literal(1),
  release_scope: z.literal("deployment_profiles"),
  updated_at: DaySchema,
  gates: z
    .array(
      z.strictObject({
        id: IdSchema,
        profiles: namesOf(TextSchema).min(1, "names no deployment profile, and would be for none"),
        required: z.boolean(),
        default_status: z.enum(gateStatuses),
        summary: TextSchema,
      }),
    )
    .min(1, "is empty"),
});
export type PromotionGates = z.output<typeof PromotionGatesSchema>;

/** Everything that is wrong with the gates of a product: ids twice, profiles that it does not have, profiles that nothing is required for. */
export function promotionGateFaults(gates: Located<PromotionGates>, words: Located<Vocabulary>): Fault[] {
  const list = gates.value.gates;
  const known = words.value.deployment_profiles;
  return [
    ...list.flatMap(({ id }, i) =>
      list.findIndex((each) => each.id === id) === i
        ? []
        : [
            faultAt(
              gates,
              ["gates", i, "id"],
              `is ${id}, which an earlier gate is called; give each a name of its own`,
            ),
          ],
    ),
    ...list.flatMap(({ profiles }, i) =>
      profiles.flatMap((profile, j) =>
        known.includes(profile)
          ? []
          : [
              faultAt(
                gates,
                ["gates", i, "profiles", j],
                `names the deployment profile ${profile}, which the product does not have; use one of ${known.join(", ")}, or add it to ${words.file}`,
              ),
            ],
      ),
    ),
    ...known
      .filter((profile) => !list.some(({ required, profiles }) => required && profiles.includes(profile)))
      .map((profile) => {
        const named = `${words.file}:${words.line(["deployment_profiles", known.indexOf(profile)])}`;
        const what = `requires nothing for the deployment profile ${profile} of ${named} (deployment_profiles)`;
        return faultAt(gates, ["gates"], `${what}; add a gate that is required for it, or take the profile out`);
      }),
  ];
}
