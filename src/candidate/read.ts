/** Reading a candidate's seal. Whether the files keep what it says is asked by check.ts. */
import { join } from "node:path";
import { parseFile } from "../edges/edges.ts";
import type { Platform } from "../products/index.ts";
import { CANDIDATE_FILE, CandidateSchema, type Candidate, type SealedFile } from "./schema.ts";

/** What to do about a seal that is missing or wrong. */
export const sealRemedy = "write it with `greenlight candidate create` or the product's sample script";

/**
 * The candidate in `folder`, as its seal describes it; no file but `candidate.json` is read.
 * @throws EdgeError naming every fault of the seal at once.
 */
export function readCandidate(folder: string): Candidate {
  return parseFile(CandidateSchema, join(folder, CANDIDATE_FILE), sealRemedy);
}

const listed = new WeakMap<object, [path: string, sealed: SealedFile][]>();

/** The assets for a platform by their paths in archives, listed once: there may be tens of thousands. */
export function assetsOf(candidate: Candidate, platform: Platform): readonly [path: string, sealed: SealedFile][] {
  const assets = candidate.platforms[platform]?.assets;
  if (!assets) return [];
  let all = listed.get(assets);
  if (!all) listed.set(assets, (all = Object.entries(assets)));
  return all;
}

/** The version that a binary reports: its own where it has one, otherwise the candidate's. */
export function binaryVersion(candidate: Candidate, platform: Platform, key: string): string {
  return candidate.platforms[platform]?.binaries[key]?.version ?? candidate.version;
}
