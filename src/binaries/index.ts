/** Binaries, read without running them: what they are for and what they need, and whether a target has it. */
export { readBeginning, readBinary, readBinaryFrom } from "./read.ts";
export { bytesOfBuffer } from "./bytes.ts";
export { bytesOfPasses } from "./passes.ts";
export { neededBy } from "./libraries.ts";
export { scriptFaults } from "./script.ts";
export type { Shebang } from "./script.ts";
export { beginningOf, HEAD } from "./header.ts";
export type { Beginning, HeaderFacts } from "./header.ts";
export { compareLibraryVersions } from "./versions.ts";
export { binaryFaults } from "./judge.ts";
export type { Surroundings } from "./judge.ts";
export { describeBinaries, expectedLibraries, expectedPrograms, surveyBinaries } from "./survey.ts";
export type { Survey, SurveyedBinary } from "./survey.ts";
export { scriptFacts } from "./facts.ts";
export type { Architecture, BinaryFacts, GlibcNeed } from "./facts.ts";
