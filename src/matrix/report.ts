/**
 * What is known of a product's scenarios at one commit: made by running them, or brought in from elsewhere. The shape is that of
 * Palyra's runner (schema version 1); the fields after `release_checklist`, and `tests` and `detail`, are ours.
 */
import { z } from "zod";
import { Sha256Schema } from "../edges/names.ts";
import { canonicalJson, sha256 } from "../storage/digest.ts";
import { addTests, noTests, type Tests } from "./count.ts";
import type { ProductPolicy } from "./files.ts";
import { readinessOf, ReadinessSchema } from "./readiness.ts";
import { ProfileNameSchema, type ProfileName, type Scenario } from "./schema.ts";

const CountSchema = z.int().min(0);
const TestsSchema = z.strictObject({
  executed: CountSchema,
  passed: CountSchema,
  failed: CountSchema,
  skipped: CountSchema,
});
/** A commit as git names it. */
export const CommitSchema = z.string().regex(/^[0-9a-f]{40}([0-9a-f]{24})?$/, "is no commit of 40 or 64 hex digits");

const result = {
  id: z.string(),
  label: z.string(),
  command: z.array(z.string()),
  status: z.enum(["passed", "failed", "skipped"]),
  duration_ms: CountSchema,
  /** relative to the report's folder; null when nothing was run */
  log_path: z.string().nullable(),
  exit_code: z.int().nullable(),
  output_excerpt: z.string(),
  /** why it did not pass, in a sentence; empty when it did */
  detail: z.string(),
};
export const SetupResultSchema = z.strictObject(result);
export type SetupResult = z.output<typeof SetupResultSchema>;
export const ScenarioResultSchema = z.strictObject({
  ...result,
  category: z.string(),
  subsystems: z.array(z.string()),
  chaos: z.boolean(),
  acceptance_scenarios: z.array(z.string()),
  tests: TestsSchema,
});
export type ScenarioResult = z.output<typeof ScenarioResultSchema>;

export const ReportSchema = z.strictObject({
  schema_version: z.literal(1),
  release_scope: z.string(),
  manifest_path: z.string(),
  checklist_path: z.string().nullable(),
  profile: ProfileNameSchema,
  started_at_unix_ms: CountSchema,
  completed_at_unix_ms: CountSchema,
  summary: z.strictObject({
    setup_total: CountSchema,
    setup_failed: CountSchema,
    scenario_total: CountSchema,
    scenario_passed: CountSchema,
    scenario_failed: CountSchema,
    scenario_skipped: CountSchema,
    chaos_total: CountSchema,
    chaos_failed: CountSchema,
    chaos_passed: CountSchema,
    chaos_minimum: CountSchema,
  }),
  coverage: z.strictObject({
    required_subsystems: z.array(z.string()),
    covered_subsystems: z.array(z.string()),
    missing_subsystems: z.array(z.string()),
    required_acceptance_scenarios: z.array(z.string()),
    covered_acceptance_scenarios: z.array(z.string()),
    missing_acceptance_scenarios: z.array(z.string()),
  }),
  setup_steps: z.array(SetupResultSchema),
  scenarios: z.array(ScenarioResultSchema),
  release_checklist: ReadinessSchema.nullable(),
  product: z.string(),
  /** how it came about: commands in a checkout, a report of the product's own CI, or stored evidence of machines, judged again */
  origin: z.enum(["run", "import", "machine"]),
  commit: CommitSchema,
  /** whether the checkout held changes that no commit has: then the report is about no commit */
  changed: z.boolean(),
  /** archives that were proven, where scenarios were proven on machines */
  archives: z.array(z.strictObject({ name: z.string(), sha256: Sha256Schema })),
  tests: TestsSchema,
  /** what it was made from: reports of others, kept beside its logs, or evidence by its cells */
  sources: z.array(z.strictObject({ name: z.string(), sha256: Sha256Schema })),
  /** SHA-256 of each policy file's value, by which the report was made */
  policy: z.record(z.string(), Sha256Schema),
});
export type Report = z.output<typeof ReportSchema>;

/** The digests of a product's policy files, by their paths. */
export function policyDigests({ matrix, checklist }: ProductPolicy): Record<string, string> {
  return Object.fromEntries(
    [matrix, ...(checklist ? [checklist] : [])].map(({ file, value }) => [file, sha256(canonicalJson(value))]),
  );
}

/** What a report is made of. */
export interface ReportFacts {
  policy: ProductPolicy;
  product: string;
  profile: ProfileName;
  origin: Report["origin"];
  commit: string;
  changed: boolean;
  started: Date;
  completed: Date;
  setup: readonly SetupResult[];
  scenarios: readonly ScenarioResult[];
  archives?: Report["archives"];
  sources?: Report["sources"];
}

/** What is known of a command that was not run. */
export const nothingRan = {
  status: "skipped",
  duration_ms: 0,
  log_path: null,
  exit_code: null,
  output_excerpt: "",
} as const;

/** The result of a scenario that nothing was run for. */
export function notRun(scenario: Scenario, detail: string): ScenarioResult {
  const { id, label, category, subsystems, chaos, acceptance_scenarios = [], command = [] } = scenario;
  return {
    ...{ id, label, category, subsystems, chaos, acceptance_scenarios, command },
    ...nothingRan,
    detail,
    tests: noTests,
  };
}

/** What of `required` has a scenario that passed, and what has none: only what has run and passed covers anything. */
function coverage(
  required: readonly string[],
  passed: readonly ScenarioResult[],
  of: (result: ScenarioResult) => readonly string[],
) {
  const covered = new Set(passed.flatMap((each) => of(each)));
  return {
    required: [...required],
    covered: required.filter((id) => covered.has(id)),
    missing: required.filter((id) => !covered.has(id)),
  };
}

/** The report on results, with everything that follows from them. */
export function makeReport(facts: ReportFacts): Report {
  const { policy, profile, scenarios, setup } = facts;
  const matrix = policy.matrix.value;
  const of = (status: ScenarioResult["status"]): ScenarioResult[] => scenarios.filter((each) => each.status === status);
  const chaos = scenarios.filter((each) => each.chaos);
  const subsystems = coverage(matrix.profiles[profile].required_subsystems, of("passed"), (each) => each.subsystems);
  const required = matrix.runtime_acceptance_scenarios.filter((each) => each.required_profiles.includes(profile));
  const acceptance = coverage(
    required.map(({ id }) => id),
    of("passed"),
    (each) => each.acceptance_scenarios,
  );
  const report: Report = {
    schema_version: 1,
    release_scope: matrix.release_scope,
    manifest_path: policy.matrix.file,
    checklist_path: policy.checklist?.file ?? null,
    profile,
    started_at_unix_ms: facts.started.getTime(),
    completed_at_unix_ms: facts.completed.getTime(),
    summary: {
      setup_total: setup.length,
      setup_failed: setup.filter(({ status }) => status === "failed").length,
      scenario_total: scenarios.length,
      scenario_passed: of("passed").length,
      scenario_failed: of("failed").length,
      scenario_skipped: of("skipped").length,
      chaos_total: chaos.length,
      chaos_failed: chaos.filter(({ status }) => status === "failed").length,
      chaos_passed: chaos.filter(({ status }) => status === "passed").length,
      chaos_minimum: matrix.profiles[profile].minimum_chaos_scenarios,
    },
    coverage: {
      required_subsystems: subsystems.required,
      covered_subsystems: subsystems.covered,
      missing_subsystems: subsystems.missing,
      required_acceptance_scenarios: acceptance.required,
      covered_acceptance_scenarios: acceptance.covered,
      missing_acceptance_scenarios: acceptance.missing,
    },
    setup_steps: [...setup],
    scenarios: [...scenarios],
    release_checklist: null,
    product: facts.product,
    origin: facts.origin,
    commit: facts.commit,
    changed: facts.changed,
    archives: facts.archives ?? [],
    tests: scenarios.reduce<Tests>((sum, { tests }) => addTests(sum, tests), noTests),
    sources: facts.sources ?? [],
    policy: policyDigests(policy),
  };
  return policy.checklist ? { ...report, release_checklist: readinessOf(policy.checklist.value, [report]) } : report;
}
