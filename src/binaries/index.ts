/** Binaries, read without running them: what they are for and what they need, and whether a target has it. */
export { readBeginning, readBinary } from "./read.ts";
export { beginningOf, HEAD } from "./header.ts";
export type { Beginning, HeaderFacts } from "./header.ts";
export { compareVersions } from "./elf.ts";
export { binaryFaults } from "./judge.ts";
export type { Surroundings } from "./judge.ts";
export { surveyBinaries } from "./survey.ts";
export type { Survey, SurveyedBinary } from "./survey.ts";
export type { Architecture, BinaryFacts, GlibcNeed } from "./facts.ts";
