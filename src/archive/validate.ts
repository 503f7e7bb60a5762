/** Reading back what was packed, by the validator's rules. */
import type { Finding } from "../edges/edges.ts";
import type { Platform } from "../products/index.ts";
import { type Manifest, validate, type RuleFinding, type Validation } from "../validator/index.ts";

/** What the archive must be, where the caller knows. */
export interface Expectation {
  product: string;
  kind: string;
  version: string;
  platform: Platform;
}

/** One file of an archive, as read. */
export interface EntryFacts {
  path: string;
  /** permission bits */
  mode: number;
  sha256: string;
  /** bytes */
  size: number;
}

export interface Inspection {
  /** what makes the archive unfit to be released */
  findings: Finding[];
  entries: EntryFacts[];
  manifest?: Manifest;
}

function sentence({ entry, found, remedy, rule }: RuleFinding): Finding {
  return { path: entry, message: `${found} (rule ${rule}; ${remedy})` };
}

function factsOf({ entries }: Validation): EntryFacts[] {
  return entries.flatMap(({ path, mode, sha256, size }) =>
    mode === undefined || sha256 === undefined ? [] : [{ path, mode, sha256, size }],
  );
}

/** Reads the whole archive, streaming, and reports everything about it. Never throws for what the archive is. */
export async function inspectArchive(file: string, options: { expect?: Expectation } = {}): Promise<Inspection> {
  const validation = await validate(file, { expected: options.expect });
  return {
    findings: validation.findings.map(sentence),
    entries: factsOf(validation),
    ...(validation.manifest && { manifest: validation.manifest }),
  };
}

/** What makes the archive unfit to be released, with the path in it and why; empty when nothing does. */
export async function validateArchive(file: string, options: { expect?: Expectation } = {}): Promise<Finding[]> {
  return (await inspectArchive(file, options)).findings;
}
