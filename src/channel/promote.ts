/**
 * Promotion: the very bytes that one channel holds, published in another. The channel that they come from answers for
 * their bytes and lends its evidence; whether that suffices is judged by the channel that they go to: by what it
 * requires, and by what it holds.
 */
import { join } from "node:path";
import { EdgeError } from "../edges/edges.ts";
import { idleByHistory, type Before, type NotApplicable } from "../plan/index.ts";
import type { SuiteRequirement } from "../policy/index.ts";
import { archiveNamed, type NamedArchive } from "../products/index.ts";
import { kindsAgainst } from "./kinds.ts";
import { place, type Placed } from "./place.ts";
import { beforeArchive, predecessor } from "./previous.ts";
import { faultsOfProof, type ProofFault } from "./proof.ts";
import { keptProofs, storedProof, type StoredProof } from "./proofs.ts";
import { readRelease } from "./read.ts";
import { refutations } from "./refuted.ts";
import type { Release, ReleaseGate } from "./release.ts";
import { unlistedReleases } from "./unlisted.ts";
import { verifyRelease } from "./verify.ts";

export interface PromotionQuestion {
  workspace: string;
  /** the channel that holds the release */
  from: string;
  /** the channel that it is to be published in, whose history counts */
  to: string;
  product: string;
  version: string;
  /** published file → SHA-256, as whoever asks knows them: exactly the files of the release, evidence aside */
  digests: Record<string, string>;
  /** the kinds that the release must hold, no more and no fewer; whatever it holds without it */
  kinds?: readonly string[];
  /** SHA-256 of its release.json, where whoever asks knows it */
  release?: string;
  /** the destination's own policy: what must be proven beside what the release itself required */
  requires?: readonly SuiteRequirement[];
  /** the destination's own policy: the age that evidence may have; no limit without it */
  maxAgeHours?: number;
  /**
   * what has nothing to prove of an archive that follows `before` in the destination; without it, only what is about a
   * release before where there is none
   */
  idle?: (archive: NamedArchive, before: Before | undefined) => NotApplicable[];
  now?: Date;
}

/** A release in the channel that it comes from. */
interface Found {
  release: Release;
  digest: string;
  folder: string;
}

/**
 * Green with the release that may be promoted and what was kept beside it, or red with the one sentence that says why
 * not.
 */
export type PromotionAnswer =
  (Found & { verdict: "green"; kept: StoredProof[] }) | { verdict: "red"; sentence: string };

/** Why these are not the bytes that were asked for. */
async function otherBytes(
  { digests, kinds = [], release: wanted }: PromotionQuestion,
  { release, digest, folder }: Found,
): Promise<string | undefined> {
  const published = release.files.filter((file) => file.role !== "evidence");
  if (Object.keys(digests).length === 0) return "no digests were asked for";
  const other = published.find((file) => digests[file.path] !== file.sha256);
  if (other)
    return `${other.path} is released with SHA-256 ${other.sha256}, and ${digests[other.path] ?? "none"} was asked for`;
  const unknown = Object.keys(digests).find((path) => !published.some((file) => file.path === path));
  if (unknown) return `${unknown} was asked for and is no file of the release`;
  if (wanted !== undefined && wanted !== digest)
    return `its release.json has SHA-256 ${digest}, and ${wanted} was released`;
  const otherKinds = kindsAgainst(release, kinds);
  if (otherKinds !== undefined) return otherKinds;
  const faults = await verifyRelease(folder, digest);
  return faults.length > 0 ? faults.map((f) => `${f.path} ${f.message}`).join("; ") : undefined;
}

/**
 * Whether the destination holds this very release, whole: then there is nothing left to judge, and nothing will be put
 * there.
 */
async function isThere({ workspace, to, product, version }: PromotionQuestion, { digest }: Found): Promise<boolean> {
  const there = readRelease(workspace, to, product, version);
  return there !== undefined && there.digest === digest && (await verifyRelease(there.folder, digest)).length === 0;
}

/** The proof that a gate of the release names. Its record may claim less than the evidence says, and never more. */
function ownProof(gate: ReleaseGate, folder: string): StoredProof | string {
  try {
    const proof = storedProof(join(folder, "evidence", `${gate.evidence}.json`), gate.evidence);
    if (proof.name !== gate.name || proof.subject !== gate.subject)
      return `the evidence of gate ${gate.name} is that of ${proof.name}, for archive ${proof.subject.slice(0, 12)}`;
    const suites = proof.suites.filter((suite) => gate.suites.includes(suite));
    return { ...proof, suites, verdict: gate.verdict === "green" ? proof.verdict : gate.verdict };
  } catch (e) {
    if (!(e instanceof EdgeError)) throw e;
    return e.message.replace(/\.$/, "");
  }
}

/** What a person can do about it, as a clause to end the sentence with. */
function remedy(
  { to, version }: PromotionQuestion,
  faults: readonly ProofFault[],
  before: Before | undefined,
  [gate]: readonly StoredProof[],
): string {
  if (!gate) return "";
  const candidate = `while ${version} is that stack's candidate`;
  if (before && faults.some(({ about }) => about === "history")) {
    const set = `\`pulumi config set greenlight:previous ${to}/${before.version} --stack ${gate.stack}\``;
    const prove = `prove the upgrade from it: ${set} and \`greenlight up --stack ${gate.stack}\` ${candidate}`;
    return `; channel ${to} holds ${before.version}, so ${prove}`;
  }
  return faults.some(({ about }) => about === "stale") ? `; run these ${candidate}` : "";
}

/**
 * The proof that counts for each gate of the release, its newest that was not refuted, and all others that stand; or
 * why a gate has none. One whose own evidence is of no use may have a later one beside the release.
 */
function standingProofs(
  workspace: string,
  { release, folder }: Found,
  kept: readonly StoredProof[],
): { gates: StoredProof[]; further: StoredProof[] } | string {
  const own = release.gates.map((gate) => ownProof(gate, folder));
  const usable = [...own.filter((proof) => typeof proof !== "string"), ...kept];
  const refutedBy = refutations(workspace);
  const standing = usable.filter((proof) => refutedBy(proof) === undefined);
  const gates: StoredProof[] = [];
  for (const [i, gate] of release.gates.entries()) {
    const isOf = (proof: StoredProof): boolean => proof.name === gate.name && proof.subject === gate.subject;
    const newest = standing.filter(isOf).sort((a, b) => Date.parse(b.provedAt) - Date.parse(a.provedAt))[0];
    const proof = own[i]!;
    if (!newest && typeof proof === "string") return proof;
    if (!newest) return refutedBy(proof as StoredProof)!;
    gates.push(newest);
  }
  return { gates, further: standing.filter((proof) => !gates.includes(proof)) };
}

/** What the release itself required. */
function requiredBy({ requires, requiredSuites }: Release): readonly SuiteRequirement[] {
  return requires ?? [{ suites: requiredSuites }];
}

/** Why the evidence does not suffice for the destination. */
function unproven(question: PromotionQuestion, found: Found, kept: readonly StoredProof[]): string | undefined {
  const { workspace, to, product, version } = question;
  const { files, gates: recorded, notExecuted } = found.release;
  const red = recorded.filter(({ verdict }) => verdict !== "green");
  if (red.length > 0) return red.map(({ name, verdict }) => `gate ${name} is ${verdict}`).join("; ");
  const proofs = standingProofs(workspace, found, kept);
  if (typeof proofs === "string") return proofs;
  const before = predecessor(workspace, to, product, version);
  const archives = files.filter(({ role }) => role === "archive");
  const named = archives.flatMap(({ path }) => archiveNamed(product, version, path) ?? []);
  if (named.length < archives.length) return "an archive's name does not say which kind it is, for which platform";
  const idle = question.idle ?? (({ base, ...archive }) => idleByHistory(base, { ...archive, before }));
  const faults = faultsOfProof({
    ...proofs,
    product,
    version,
    files,
    requires: [...requiredBy(found.release), ...(question.requires ?? [])],
    notApplicable: named.flatMap((archive) => idle(archive, before)),
    before: beforeArchive(product, version, before),
    notExecuted,
    maxAgeHours: question.maxAgeHours,
    now: question.now ?? new Date(),
  });
  if (faults.length === 0) return undefined;
  return faults.map(({ text }) => text).join("; ") + remedy(question, faults, before, proofs.gates);
}

/** Why the source does not have the release: it never came there, or its index has forgotten it. */
function whyNotHeld({ workspace, from, product, version }: PromotionQuestion): string {
  if (!unlistedReleases(workspace, from, product, undefined).includes(version))
    return `channel ${from} holds no such release`;
  const repair = `run \`greenlight channel repair ${from}\`, which takes it back in when it is whole`;
  return `channel ${from} holds a folder of it that no index names; ${repair}`;
}

/** Whether a channel's release may be promoted as it was asked for. Every file is hashed again. Changes nothing. */
export async function checkPromotion(question: PromotionQuestion): Promise<PromotionAnswer> {
  const { workspace, from, to, product, version } = question;
  const red = (why: string): PromotionAnswer => ({
    verdict: "red",
    sentence: `${[product, version].filter((part) => part !== "").join(" ")} cannot be promoted from ${from}: ${why}.`,
  });
  try {
    if (from === to)
      return {
        verdict: "red",
        sentence: `Channel ${to} cannot be promoted to itself; set greenlight:promoteFrom to another stack.`,
      };
    const found = readRelease(workspace, from, product, version);
    if (!found) return red(whyNotHeld(question));
    const kept = keptProofs(workspace, from, product, version);
    const reason =
      (await otherBytes(question, found)) ??
      ((await isThere(question, found)) ? undefined : unproven(question, found, kept));
    return reason === undefined ? { verdict: "green", ...found, kept } : red(reason);
  } catch (e) {
    if (!(e instanceof EdgeError)) throw e;
    return red(e.message.replace(/\.$/, ""));
  }
}

/**
 * Checks and publishes the release in channel `to`, with the proofs that were kept beside it; the same bytes there are
 * adopted.
 * @throws EdgeError with the sentence of a refusal.
 */
export async function promoteRelease(
  question: PromotionQuestion & { step?: (name: string) => void | Promise<void>; lockWaitSeconds?: number },
): Promise<Placed> {
  const { workspace, from, to, product, version, step, lockWaitSeconds, now = new Date() } = question;
  const answer = await checkPromotion(question);
  if (answer.verdict === "red") throw new EdgeError(answer.sentence, "refused");
  const { release, folder, kept } = answer;
  const sources = new Map(release.files.map(({ path }) => [path, join(folder, path)]));
  const own = release.gates.map(({ evidence }) => [evidence, join(folder, "evidence", `${evidence}.json`)] as const);
  const proofs = new Map([...own, ...kept.map(({ evidence, file }) => [evidence, file] as const)]);
  // Another run may have published there since it was judged: then the release follows another one.
  const confirm = (): void => {
    const reason = unproven(question, answer, kept);
    if (reason !== undefined)
      throw new EdgeError(`${product} ${version} cannot be promoted from ${from}: ${reason}.`, "refused");
  };
  return place({
    workspace,
    channel: to,
    release,
    sources,
    proofs,
    confirm,
    promotedFrom: from,
    now,
    step,
    lockWaitSeconds,
  });
}
