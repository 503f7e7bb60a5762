/** Suites: what is run on a machine, the runner that runs it, what came back, and the judgement of that. */
export type { Check, Suite, TextExpectation } from "./suite.ts";
export { SuiteSchema, SuitesSchema } from "./schema.ts";
export { plannedChecks, planPhases, suiteDigest } from "./phases.ts";
export { phaseRun, renderRunner, uploadFolder, type RunnerHost, type RunnerOptions } from "./runner.ts";
export { parseEvidenceLines, RunRecordSchema, type CheckRecord, type RunRecord } from "./record.ts";
export { judgeSuite, SuiteResultSchema, type CheckResult, type SuiteResult } from "./judge.ts";
export { standardSuites, type MachineFiles } from "./standard.ts";
export { recipeSuites, type PreviousRelease, type RecipeFiles } from "./standard-recipe.ts";
