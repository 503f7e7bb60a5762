/** The plan of a release, and what each of its machines is asked. */
export { planRelease, type Cell, type Offer, type Plan, type PlannedArchive, type Withheld } from "./plan.ts";
export {
  alsoRequired,
  idleByHistory,
  idleSuites,
  needsPrevious,
  needsRecipe,
  suiteNames,
  suitesOfProfile,
  type Before,
  type Group,
  type NotApplicable,
  type Profile,
  type SuiteName,
} from "./suite-names.ts";
export {
  cellSuites,
  companionsOf,
  phaseCount,
  phaseScript,
  workDigest,
  workLoad,
  type Brought,
  type CellFacts,
} from "./cell-suites.ts";
