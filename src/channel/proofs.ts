/**
 * Proofs kept beside a release: `proofs/<product>/<version>/<digest>.json` of a channel. A release folder never
 * changes, so what machines prove later of the same bytes is added here, and nothing here is changed or removed.
 */
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { EdgeError, parseJson } from "../edges/edges.ts";
import { isSha256 } from "../edges/names.ts";
import { EvidenceSchema } from "../evidence/index.ts";
import { createAtomic, writeAtomic } from "../storage/atomic-write.ts";
import { sha256 } from "../storage/digest.ts";
import { provenBy, type Proven } from "./proven.ts";
import { channelFolder } from "./release.ts";

/** A proof with the file that holds it. */
export interface StoredProof extends Proven {
  /** absolute */
  file: string;
}

/** Where a channel keeps later proofs of a release. */
export function proofsFolder(workspace: string, channel: string, product: string, version: string): string {
  return join(channelFolder(workspace, channel), "proofs", product, version);
}

/**
 * What the evidence in a file proves.
 * @throws EdgeError when it is missing, is not what its digest says, or cannot be read as evidence.
 */
export function storedProof(file: string, digest: string): StoredProof {
  const remedy = "prove the cell again with `greenlight rerun`";
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (e) {
    throw new EdgeError(`Evidence ${file} cannot be read (${(e as NodeJS.ErrnoException).code}); ${remedy}.`, "stored");
  }
  if (sha256(text) !== digest)
    throw new EdgeError(`Evidence ${file} has been changed: its SHA-256 is ${sha256(text)}; ${remedy}.`, "stored");
  return { ...provenBy(parseJson(EvidenceSchema, text, { what: `Evidence ${file}`, remedy }), digest), file };
}

/**
 * The kept proofs of a release that can be used, in the order of their names. One that cannot be read, is not what its
 * name says, or is not green counts for nothing: whatever it was to prove stays unproven.
 */
export function keptProofs(workspace: string, channel: string, product: string, version: string): StoredProof[] {
  const folder = proofsFolder(workspace, channel, product, version);
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    return [];
  }
  return names.sort().flatMap((name) => {
    const digest = basename(name, ".json");
    if (!isSha256(digest) || name === digest) return [];
    try {
      const proof = storedProof(join(folder, name), digest);
      return proof.verdict === "green" ? [proof] : [];
    } catch (e) {
      if (e instanceof EdgeError) return [];
      throw e;
    }
  });
}

/**
 * Adds proofs (digest → absolute file) beside a release; those that are there stay as they are.
 * @returns how many were new
 * @throws EdgeError for a file that has other bytes.
 */
export function keepProofs(
  workspace: string,
  channel: string,
  product: string,
  version: string,
  proofs: ReadonlyMap<string, string>,
): number {
  if (proofs.size === 0) return 0;
  const folder = proofsFolder(workspace, channel, product, version);
  mkdirSync(folder, { recursive: true });
  let added = 0;
  for (const [digest, file] of proofs) {
    const bytes = readFileSync(file);
    if (sha256(bytes) !== digest)
      throw new EdgeError(
        `${file} has SHA-256 ${sha256(bytes)}, not ${digest}, and is not kept as a proof; ` +
          "prove the cell again with `greenlight rerun`.",
        "stored",
      );
    const target = join(folder, `${digest}.json`);
    // A copy that is there with other bytes is no proof, and these are what its name says.
    if (createAtomic(target, bytes, 0o444)) added++;
    else if (sha256(readFileSync(target)) !== digest) writeAtomic(target, bytes, 0o444);
  }
  return added;
}
