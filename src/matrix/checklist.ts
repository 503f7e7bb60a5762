/**
 * `compat-hardening-readiness.json`: what must be known before a release counts as ready. The format is Palyra's (schema version 1);
 * ours are a control's `capabilities` and `may_open_with`, and a limitation's `effect`.
 */
import { z } from "zod";
import { faultAt, type Fault, type Located, type Path } from "../edges/located.ts";
import { DaySchema, IdSchema, namesOf, ProfileNameSchema, TextSchema, type Matrix } from "./schema.ts";

const nothing = z.array(z.never()).max(0, "must be empty here").optional();
const evidence = { id: IdSchema, summary: TextSchema };

const EvidenceItemSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    ...evidence,
    kind: z.literal("workflow_report"),
    validation_mode: z.literal("runtime"),
    profile: ProfileNameSchema,
    must_contain: nothing,
    required_subsystems: namesOf(IdSchema).min(1, "names no subsystem"),
    must_pass_scenarios: namesOf(IdSchema).min(1, "names no scenario"),
  }),
  z.strictObject({
    ...evidence,
    kind: z.literal("source_contract"),
    validation_mode: z.literal("structural"),
    path: TextSchema,
    must_contain: namesOf(TextSchema).min(1, "asks for nothing"),
    required_subsystems: nothing,
    must_pass_scenarios: nothing,
  }),
]);
export type EvidenceItem = z.output<typeof EvidenceItemSchema>;

const control = {
  id: IdSchema,
  kind: z.enum(["operator_surface", "preview_mode", "degrade_guardrail", "feature_flag"]),
  summary: TextSchema,
};
const limitation = {
  id: IdSchema,
  state: z.enum(["expected_guardrail", "two_stage_validation", "preview_only"]),
  summary: TextSchema,
};
const EffectSchema = z.strictObject({
  /** deployment profiles that a release must not be promoted for while this holds */
  forbids_promotion_of: namesOf(TextSchema),
});
/** The capabilities that a control keeps closed, and the items of evidence that must all be satisfied before it may open. */
const ours = { capabilities: namesOf(IdSchema).min(1), may_open_with: namesOf(IdSchema).min(1) };

const checklist = {
  schema_version: z.literal(1),
  release_scope: TextSchema,
  updated_at: DaySchema,
  matrix_manifest: TextSchema,
  migration_tracks: z
    .array(z.strictObject({ id: IdSchema, surface: TextSchema, apply: TextSchema, rollback: TextSchema }))
    .min(1, "is empty"),
  evidence: z.array(EvidenceItemSchema).min(1, "is empty"),
};

/** The releaser's own file. */
export const ChecklistSchema = z.strictObject({
  ...checklist,
  rollout_controls: z.array(z.strictObject({ ...control, ...ours })).min(1, "is empty"),
  known_limitations: z.array(z.strictObject({ ...limitation, effect: EffectSchema })),
});
export type Checklist = z.output<typeof ChecklistSchema>;

/** The same file as a product's checkout has it: compared, and never obeyed. */
export const ProductChecklistSchema = z.strictObject({
  ...checklist,
  rollout_controls: z
    .array(
      z.strictObject({
        ...control,
        capabilities: ours.capabilities.optional(),
        may_open_with: ours.may_open_with.optional(),
      }),
    )
    .min(1, "is empty"),
  known_limitations: z.array(z.strictObject({ ...limitation, effect: EffectSchema.optional() })),
});
export type ProductChecklist = z.output<typeof ProductChecklistSchema>;

interface Rule {
  name: string;
  /** what must hold */
  holds: string;
  find(checklist: Located<Checklist>, matrix: Located<Matrix>): Fault[];
}

function unknown(
  at: Located<unknown>,
  what: string,
  path: Path,
  names: readonly string[],
  known: readonly string[],
  where: string,
): Fault[] {
  return names.flatMap((name, i) =>
    known.includes(name)
      ? []
      : [
          faultAt(
            at,
            [...path, i],
            `names the ${what} ${name}, which ${where} does not have; take it out, or add it there`,
          ),
        ],
  );
}

const ids = (list: readonly { id: string }[]): string[] => list.map(({ id }) => id);

/** Every rule, in the order in which faults are reported. */
export const checklistRules: readonly Rule[] = [
  {
    name: "unique-ids",
    holds: "no two entries of a list have the same id",
    find: (c) =>
      (["rollout_controls", "migration_tracks", "known_limitations", "evidence"] as const).flatMap((field) =>
        c.value[field].flatMap(({ id }, i) =>
          ids(c.value[field]).indexOf(id) === i
            ? []
            : [faultAt(c, [field, i, "id"], `is ${id}, which an earlier entry is called; give each a name of its own`)],
        ),
      ),
  },
  {
    name: "same-scope",
    holds: "it is about the same releases as the matrix",
    find: (c, m) =>
      c.value.release_scope === m.value.release_scope
        ? []
        : [
            faultAt(
              c,
              ["release_scope"],
              `is ${c.value.release_scope}, and ${m.file} says ${m.value.release_scope}; write the same in both`,
            ),
          ],
  },
  {
    name: "its-matrix",
    holds: "it names the matrix that lies beside it",
    find: (c, m) =>
      c.value.matrix_manifest === m.file
        ? []
        : [faultAt(c, ["matrix_manifest"], `is ${c.value.matrix_manifest}, and the matrix is ${m.file}; write that`)],
  },
  {
    name: "known-capabilities",
    holds: "controls keep capabilities closed that the matrix has as subsystems",
    find: (c, m) =>
      c.value.rollout_controls.flatMap(({ capabilities }, i) =>
        unknown(
          c,
          "capability",
          ["rollout_controls", i, "capabilities"],
          capabilities,
          ids(m.value.required_subsystems),
          m.file,
        ),
      ),
  },
  {
    name: "known-evidence",
    holds: "a control opens with evidence that there is",
    find: (c) =>
      c.value.rollout_controls.flatMap(({ may_open_with }, i) =>
        unknown(
          c,
          "item of evidence",
          ["rollout_controls", i, "may_open_with"],
          may_open_with,
          ids(c.value.evidence),
          "this file",
        ),
      ),
  },
  {
    name: "known-subsystems",
    holds: "a report must cover subsystems that the matrix has",
    find: (c, m) =>
      c.value.evidence.flatMap((item, i) =>
        unknown(
          c,
          "subsystem",
          ["evidence", i, "required_subsystems"],
          item.required_subsystems ?? [],
          ids(m.value.required_subsystems),
          m.file,
        ),
      ),
  },
  {
    name: "known-scenarios",
    holds: "a report must pass scenarios that the matrix has in the report's profile",
    find: (c, m) =>
      c.value.evidence.flatMap((item, i) => {
        if (item.kind !== "workflow_report") return [];
        const known = ids(m.value.scenarios.filter(({ profiles }) => profiles.includes(item.profile)));
        return unknown(
          c,
          "scenario",
          ["evidence", i, "must_pass_scenarios"],
          item.must_pass_scenarios,
          known,
          `the profile ${item.profile} of ${m.file}`,
        );
      }),
  },
  {
    name: "preview-has-effect",
    holds: "a limitation that leaves something a preview forbids to promote it",
    find: (c) =>
      c.value.known_limitations.flatMap(({ id, state, effect }, i) =>
        state === "preview_only" && effect.forbids_promotion_of.length === 0
          ? [
              faultAt(
                c,
                ["known_limitations", i, "effect", "forbids_promotion_of"],
                `limitation ${id} is preview_only and forbids nothing; name the deployment profiles that it forbids`,
              ),
            ]
          : [],
      ),
  },
];

/** Everything that breaks a rule. */
export function checklistFaults(checklist: Located<Checklist>, matrix: Located<Matrix>): Fault[] {
  return checklistRules.flatMap((rule) => rule.find(checklist, matrix));
}
