/**
 * The regression matrix of a product, as its file holds it. The format is Palyra's (schema version 1); `time_limit_seconds` and
 * `proof` are ours: how long a scenario may take, and what proves it.
 */
import { z } from "zod";
import { lowerCaseName } from "../edges/names.ts";

/** Text that says something. */
export const TextSchema = z.string().regex(/\S/, "is blank");

/** What everything in these files is named by. */
export const IdSchema = z.string().regex(/^[a-z][a-z0-9_]*$/, "is no name of a-z, 0-9 and _");

/** A day, as these files are dated. */
export const DaySchema = z.iso.date({ error: "is no day like 2026-01-31" });

/** Names, none of them twice. */
export const namesOf = <S extends z.ZodType<string>>(name: S) =>
  z.array(name).superRefine((list, context) => {
    list.forEach((each, i) => {
      if (list.indexOf(each) !== i) context.addIssue({ code: "custom", path: [i], message: "is there twice" });
    });
  });

/** How much is proven: `fast` with each change, `full` before a release. */
export const profileNames = ["fast", "full"] as const;
export const ProfileNameSchema = z.enum(profileNames, { error: `is no profile; there are ${profileNames.join(", ")}` });
export type ProfileName = z.output<typeof ProfileNameSchema>;

/** How the output of a command says how many tests it has executed. */
export const countings = ["cargo", "go", "mocha", "node", "junit"] as const;

const CommandProofSchema = z
  .strictObject({
    counted: z.enum(countings),
    /** for `junit`: the reports that the command writes, relative to the checkout */
    files: namesOf(
      z.string().regex(/^(?!\/)(?!.*(^|\/)\.\.(\/|$)).+$/, "is no path that stays in the checkout"),
    ).optional(),
  })
  .refine(({ counted, files }) => (counted === "junit") === (files?.length ?? 0) > 0, {
    path: ["files"],
    error: "is for `junit`, and must be there for it",
  });

/** What may prove a scenario; each way that is named is enough by itself. */
export const ProofSchema = z
  .strictObject({
    /** the scenario's command, run in a checkout */
    command: CommandProofSchema.optional(),
    /** checks of the installed product on a clean machine, `<suite>/<check>`, of one of the product's kinds */
    machine: z
      .strictObject({
        kind: lowerCaseName("is no kind's name"),
        checks: namesOf(z.string().regex(/^[a-z0-9-]+\/[a-z0-9-]+$/, "is no check like smoke/help-pages")).min(1),
      })
      .optional(),
    /** tests by their names in a report of the product's own CI; a name's end is enough where `::`, `.`, `/` or `#` is before it */
    report: z.strictObject({ tests: namesOf(TextSchema).min(1) }).optional(),
  })
  .refine((proof) => Object.keys(proof).length > 0, "names nothing that would prove the scenario");

const CommandSchema = z.array(z.string().min(1, "is an empty word")).min(1, "is empty");
const SecondsSchema = z.int().min(1).max(86_400);
const ProfileSchema = z.strictObject({
  description: TextSchema,
  required_subsystems: namesOf(IdSchema).min(1, "names no subsystem"),
  minimum_chaos_scenarios: z.int().min(0),
});
const EntrySchema = z.strictObject({ id: IdSchema, summary: TextSchema });

const scenario = {
  id: IdSchema,
  label: TextSchema,
  category: IdSchema,
  profiles: namesOf(ProfileNameSchema).min(1, "names no profile"),
  subsystems: namesOf(IdSchema).min(1, "names no subsystem"),
  chaos: z.boolean(),
  acceptance_scenarios: namesOf(IdSchema).optional(),
};
const setupStep = {
  id: IdSchema,
  label: TextSchema,
  profiles: namesOf(ProfileNameSchema).min(1, "names no profile"),
  command: CommandSchema,
};
const matrix = {
  schema_version: z.literal(1),
  release_scope: TextSchema,
  updated_at: DaySchema,
  profiles: z.strictObject({ fast: ProfileSchema, full: ProfileSchema }),
  required_subsystems: z.array(EntrySchema).min(1, "is empty"),
  runtime_acceptance_fixtures: z.array(EntrySchema).min(1, "is empty"),
  runtime_acceptance_scenarios: z
    .array(
      z.strictObject({
        id: IdSchema,
        label: TextSchema,
        summary: TextSchema,
        capability: IdSchema,
        required_profiles: namesOf(ProfileNameSchema).min(1, "names no profile"),
        fixture_keys: namesOf(IdSchema).min(1, "names no fixture"),
      }),
    )
    .min(1, "is empty"),
};

/** The releaser's own file. */
export const MatrixSchema = z.strictObject({
  ...matrix,
  setup_steps: z.array(z.strictObject({ ...setupStep, time_limit_seconds: SecondsSchema })),
  scenarios: z
    .array(
      z.strictObject({
        ...scenario,
        /** only where a command proves it */
        command: CommandSchema.optional(),
        time_limit_seconds: SecondsSchema.optional(),
        proof: ProofSchema,
      }),
    )
    .min(1, "is empty"),
});
export type Matrix = z.output<typeof MatrixSchema>;
export type Scenario = Matrix["scenarios"][number];
export type SetupStep = Matrix["setup_steps"][number];

/** The same file as a product's checkout has it: without what is ours. It is compared, and never obeyed. */
export const ProductMatrixSchema = z.strictObject({
  ...matrix,
  setup_steps: z.array(z.strictObject({ ...setupStep, time_limit_seconds: SecondsSchema.optional() })),
  scenarios: z
    .array(
      z.strictObject({
        ...scenario,
        command: CommandSchema.optional(),
        time_limit_seconds: SecondsSchema.optional(),
        proof: ProofSchema.optional(),
      }),
    )
    .min(1, "is empty"),
});
export type ProductMatrix = z.output<typeof ProductMatrixSchema>;
