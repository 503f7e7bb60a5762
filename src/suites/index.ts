/** Suites: what is run on a machine, the runner that runs it, what came back, and the judgement of that. */
export type { Check, Observation, Reboot, Suite, TextExpectation } from "../checks/check.ts";
export { CheckRecordSchema, type CheckRecord } from "../checks/record.ts";
export { ObservationSchema, SuiteSchema, SuitesSchema } from "../checks/schema.ts";
export { machineChecks, plannedChecks, planPhases, suiteDigest } from "./phases.ts";
export { phaseRun, renderRunner, uploadFolder, type RunnerHost, type RunnerOptions } from "./runner.ts";
export { observedRecord, parseEvidence, RunRecordSchema, type RunRecord } from "./record.ts";
export { judgeSuite, SuiteResultSchema, type CheckResult, type SuiteResult } from "./judge.ts";
export { chaosSuites } from "./chaos.ts";
export { crashSuite } from "./crash.ts";
export { hasSecrets, secretsSuite } from "./secrets.ts";
export type { Lifecycle, MachineFiles } from "./lifecycle.ts";
export { standardSuites } from "./standard.ts";
export { upgradeSuites } from "./upgrade.ts";
export type { PreviousOnMachine } from "./in-use.ts";
export { recipeSuites, type PreviousDeployment, type RecipeFiles } from "./recipe.ts";
