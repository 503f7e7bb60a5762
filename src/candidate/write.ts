/** Sealing a folder of binaries: digests and sizes of what is there become its `candidate.json`. */
import { join } from "node:path";
import { EdgeError, parseValue } from "../edges/edges.ts";
import { writeAtomic } from "../storage/atomic-write.ts";
import type { Platform } from "../products/index.ts";
import { fileFacts, type FileFacts } from "./hash-files.ts";
import { pathFault } from "./path-names.ts";
import {
  CANDIDATE_FILE,
  CandidateSchema,
  type Candidate,
  type SealedFile,
  type SealedText,
  type Source,
} from "./schema.ts";

/** A candidate before it is sealed: paths (POSIX, relative to its folder) where the seal has file, digest and size. */
export interface CandidateDraft {
  product: string;
  version: string;
  /** all of the product's when left out */
  kinds?: readonly string[];
  source: Source;
  policy?: Record<string, SealedText>;
  licence?: string;
  notes?: string;
  /** paths of files that may be released although they look like what never is */
  allowed?: readonly string[];
  platforms: Partial<
    Record<
      Platform,
      { binaries: Record<string, string | { file: string; version: string }>; assets?: Record<string, string> }
    >
  >;
}

/**
 * Writes `candidate.json` into `folder` (whole or not at all; equal input gives equal bytes) and answers what it says.
 * @throws EdgeError naming every file that cannot be sealed, or every part of the draft that does not fit.
 */
export async function writeCandidate(folder: string, draft: CandidateDraft): Promise<Candidate> {
  return (await sealCandidate(folder, draft)).candidate;
}

/** As {@link writeCandidate}; with what the files are, so that a check that follows at once need not read them again. */
export async function sealCandidate(
  folder: string,
  draft: CandidateDraft,
): Promise<{ candidate: Candidate; facts: ReadonlyMap<string, FileFacts> }> {
  const paths = [
    ...[draft.licence, draft.notes].filter((p) => p !== undefined),
    ...Object.values(draft.platforms).flatMap((p) => [
      ...Object.values(p.binaries).map((b) => (typeof b === "string" ? b : b.file)),
      ...Object.values(p.assets ?? {}),
    ]),
  ];
  const faults = new Set(paths.flatMap((p) => (pathFault(p) ? [`${p} ${pathFault(p)}`] : [])));
  const facts = await fileFacts(
    folder,
    paths.filter((p) => !pathFault(p)),
  );
  const allowed = new Set(draft.allowed);
  for (const path of allowed)
    if (!facts.has(path))
      throw new EdgeError(
        `${join(folder, path)} is to be allowed, and is none of the files that go into archives; name it as it lies in ${folder}, or leave it out of \`--allow\`.`,
      );
  const secret = [...facts].flatMap(([path, fact]) =>
    fact.fault === undefined && fact.secret !== undefined && !allowed.has(path)
      ? [`${join(folder, path)} holds ${fact.secret}`]
      : [],
  );
  if (secret.length > 0)
    throw new EdgeError(
      `The candidate cannot be sealed: ${secret.join("; ")}; take what nobody else may see out of it, or seal a file with \`--allow\` and its path when everybody may see it.`,
    );
  for (const [path, fact] of facts) if (fact.fault !== undefined) faults.add(`${join(folder, path)} ${fact.fault}`);
  if (faults.size > 0)
    throw new EdgeError(
      `The candidate cannot be sealed: ${[...faults].join("; ")}; put these files in place, then seal it again.`,
    );

  const sealed = (file: string): SealedFile => {
    const fact = facts.get(file);
    if (!fact || fact.fault !== undefined) throw new Error(`${file} was not hashed`);
    return { file, sha256: fact.sha256, size: fact.size, ...(allowed.has(file) && { allowed: true as const }) };
  };
  const platforms = Object.fromEntries(
    Object.entries(draft.platforms).map(([platform, files]) => [
      platform,
      {
        binaries: Object.fromEntries(
          Object.entries(files.binaries).map(([key, b]) => [
            key,
            typeof b === "string" ? sealed(b) : { ...sealed(b.file), version: b.version },
          ]),
        ),
        ...(files.assets && {
          assets: Object.fromEntries(Object.entries(files.assets).map(([path, file]) => [path, sealed(file)])),
        }),
      },
    ]),
  );
  const candidate = parseValue(
    CandidateSchema,
    {
      schema: 1,
      product: draft.product,
      version: draft.version,
      ...(draft.kinds !== undefined && { kinds: [...draft.kinds] }),
      source: draft.source,
      ...(draft.policy !== undefined && { policy: draft.policy }),
      ...(draft.licence !== undefined && { licence: sealed(draft.licence) }),
      ...(draft.notes !== undefined && { notes: sealed(draft.notes) }),
      platforms,
    },
    { what: "The candidate", remedy: "mend what describes it, then seal it again" },
  );
  try {
    writeAtomic(join(folder, CANDIDATE_FILE), `${JSON.stringify(candidate, undefined, 2)}\n`);
  } catch (e) {
    throw new EdgeError(
      `${join(folder, CANDIDATE_FILE)} cannot be written (${(e as NodeJS.ErrnoException).code ?? (e as Error).message}); make ${folder} writable and give it room, then seal it again.`,
    );
  }
  return { candidate, facts };
}
