/** Promotion: the very bytes that one channel holds, published in another. */
import { join } from "node:path";
import { EdgeError } from "../edges/edges.ts";
import { place, type Placed } from "./place.ts";
import { faultsOfProof } from "./proof.ts";
import { readRelease } from "./read.ts";
import type { Release } from "./release.ts";
import { verifyRelease } from "./verify.ts";

export interface PromotionQuestion {
  workspace: string;
  /** the channel that holds the release */
  from: string;
  product: string;
  version: string;
  /** published file → SHA-256, as whoever asks knows them: exactly the files of the release, evidence aside */
  digests: Record<string, string>;
  /** the asker's own policy: suites that must be proven beside those that the release itself required */
  requiredSuites?: readonly string[];
  /** the asker's own policy: the age that evidence may have; no limit without it */
  maxAgeHours?: number;
  now?: Date;
}

/** Green with the release that may be promoted, or red with the one sentence that says why not. */
export type PromotionAnswer = { verdict: "green"; release: Release; digest: string; folder: string } | { verdict: "red"; sentence: string };

async function reasonAgainst(question: PromotionQuestion, found: { release: Release; digest: string; folder: string }): Promise<string | undefined> {
  const { digests, requiredSuites = [], maxAgeHours, now = new Date() } = question;
  const { release, digest, folder } = found;
  const published = release.files.filter((file) => file.role !== "evidence");
  if (Object.keys(digests).length === 0) return "no digests were asked for";
  const other = published.find((file) => digests[file.path] !== file.sha256);
  if (other) return `${other.path} is released with SHA-256 ${other.sha256}, and ${digests[other.path] ?? "none"} was asked for`;
  const unknown = Object.keys(digests).find((path) => !published.some((file) => file.path === path));
  if (unknown) return `${unknown} was asked for and is no file of the release`;
  const proof = faultsOfProof({ files: release.files, gates: release.gates, notApplicable: release.notApplicable, requiredSuites: [...new Set([...release.requiredSuites, ...requiredSuites])], maxAgeHours, now });
  if (proof.length > 0) return proof.join("; ");
  const faults = await verifyRelease(folder, digest);
  return faults.length > 0 ? faults.map((f) => `${f.path} ${f.message}`).join("; ") : undefined;
}

/** Whether a channel's release may be promoted as it was asked for. Every file is hashed again. Changes nothing. */
export async function checkPromotion(question: PromotionQuestion): Promise<PromotionAnswer> {
  const { workspace, from, product, version } = question;
  const red = (why: string): PromotionAnswer => ({ verdict: "red", sentence: `${[product, version].filter((part) => part !== "").join(" ")} cannot be promoted from ${from}: ${why}.` });
  try {
    const found = readRelease(workspace, from, product, version);
    if (!found) return red(`channel ${from} holds no such release`);
    const reason = await reasonAgainst(question, found);
    return reason === undefined ? { verdict: "green", ...found } : red(reason);
  } catch (e) {
    if (!(e instanceof EdgeError)) throw e;
    return red(e.message.replace(/\.$/, ""));
  }
}

/**
 * Checks and publishes the release in channel `to`; the same bytes there are adopted.
 * @throws EdgeError with the sentence of a refusal.
 */
export async function promoteRelease(question: PromotionQuestion & { to: string; step?: (name: string) => void | Promise<void>; lockWaitSeconds?: number }): Promise<Placed> {
  const { workspace, from, to, step, lockWaitSeconds, now = new Date() } = question;
  if (from === to) throw new EdgeError(`Channel ${to} cannot be promoted to itself; set greenlight:promoteFrom to another stack.`);
  const answer = await checkPromotion(question);
  if (answer.verdict === "red") throw new EdgeError(answer.sentence);
  const sources = new Map(answer.release.files.map(({ path }) => [path, join(answer.folder, path)]));
  return place({ workspace, channel: to, release: answer.release, sources, promotedFrom: from, now, step, lockWaitSeconds });
}
