/** The candidate: binaries brought to be released, as a folder with a seal (`candidate.json`) on every file. */
export { CandidateSchema, VersionSchema, CANDIDATE_FILE } from "./schema.ts";
export type { Candidate, CandidatePlatform, SealedBinary, SealedFile, Source } from "./schema.ts";
export { readCandidate, binaryVersion } from "./read.ts";
export { checkCandidate, checkedCandidate } from "./check.ts";
export { binariesOfKinds, chooseKinds } from "./kinds.ts";
export type { ChosenKinds, KindsAsked } from "./kinds.ts";
export { writeCandidate } from "./write.ts";
export type { CandidateDraft } from "./write.ts";
export { nameCollisions, pathFault } from "./path-names.ts";
export { excludedBy, excludedPatterns, fits, installersOwn } from "./excluded.ts";
export { createCandidate } from "./create.ts";
export type { Created, CreateTask } from "./create.ts";
export { namesVersion, statementsOf, versionDisagreements } from "./coherence.ts";
export type { Statement } from "./coherence.ts";
export { limits } from "./limits.ts";
export { programsOf, strangersOf } from "./units.ts";
export { recipeFolders, strangersIn } from "./asset-check.ts";
