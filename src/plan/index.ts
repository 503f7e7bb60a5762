/** The plan of a release, and what each of its machines is asked. */
export { planRelease, suiteNames, type Cell, type Offer, type Plan, type PlannedArchive, type SuiteName, type Withheld } from "./plan.ts";
export { cellSuites, phaseCount, phaseScript, workDigest, type CellFacts } from "./cell-suites.ts";
