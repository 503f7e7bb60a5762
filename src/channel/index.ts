/** Channels: where releases lie, how they get there, and how readers see them. */
export { publishRelease, type FileToPublish, type GateToPublish, type PublishArgs } from "./publish.ts";
export { checkPromotion, promoteRelease, type PromotionAnswer, type PromotionQuestion } from "./promote.ts";
export type { Placed } from "./place.ts";
export { previousFaults, previousRelease, type PreviousArchive, type PreviousRelease } from "./previous.ts";
export { provenBy, type Proven } from "./proven.ts";
export { keptProofs, proofsFolder } from "./proofs.ts";
export { latestRelease, readChannel, readRelease, releasedFacts, ReleasedSchema, type Released } from "./read.ts";
export { channelsOf, repairChannel, type Repaired } from "./repair.ts";
export {
  channelFolder,
  publishedFolder,
  type Index,
  type Release,
  type ReleaseFile,
  type ReleaseGate,
} from "./release.ts";
export { verifyRelease } from "./verify.ts";
