/** The regression matrix and the policy files beside it: their formats, and the rules that hold within them. */
export {
  checklistRules,
  ProductChecklistSchema,
  type Checklist,
  type EvidenceItem,
  type ProductChecklist,
} from "./checklist.ts";
export {
  fileNames,
  parsePolicy,
  policyFaults,
  policyFolder,
  projectFolder,
  readPolicy,
  type ProductPolicy,
} from "./files.ts";
export { PromotionGatesSchema, type PromotionGates } from "./promotion-gates.ts";
export { matrixRules } from "./rules.ts";
export {
  ProductMatrixSchema,
  ProfileNameSchema,
  profileNames,
  type Matrix,
  type ProductMatrix,
  type ProfileName,
  type Scenario,
  type SetupStep,
} from "./schema.ts";
export { vocabularyFile, VocabularySchema, type Vocabulary } from "./vocabulary.ts";
export type { Tests } from "./count.ts";
export { CommitSchema, makeReport, notRun, policyDigests, type Report, type ScenarioResult } from "./report.ts";
export { readinessOf, readinessStates, type Readiness, type SourcesKnown } from "./readiness.ts";
export { SourceContractSchema, sourceContractPlace, type SourceContract } from "./source-contract.ts";
export { importPlace, isSelectionPlace, runPlace } from "./places.ts";
export { runScenarios, scenariosAsked, type RunResults } from "./run.ts";
export {
  clearFolder,
  isBad,
  readReport,
  removeReport,
  reportFiles,
  reportKeys,
  reportText,
  writeReport,
} from "./written.ts";
export { importCases } from "./import.ts";
export { junitTime, readJunit, readJunitReport } from "./junit.ts";
export { isMergedBad, mergedText, mergeReports, type Brought, type Merged } from "./merge.ts";
