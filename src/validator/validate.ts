/** Validation: what was read, judged by every rule. */
import type { Content, ContentKind } from "./content.ts";
import type { Manifest } from "./manifest.ts";
import { readBytes, readPath, type ReadOptions } from "./read.ts";
import type { Rule } from "./rule.ts";
import { rules as all } from "./rules.ts";

export interface RuleFinding {
  /** id of the rule */
  rule: string;
  /** path in the archive; empty for the archive as a whole */
  entry: string;
  /** clause that follows the entry's name */
  found: string;
  /** imperative clause */
  remedy: string;
}

export interface Validation {
  /** as it was given */
  path: string;
  kind: ContentKind;
  /** everything that is wrong, in the order of the rules; empty when nothing is */
  findings: RuleFinding[];
  /** undefined when there is none that fits its schema */
  manifest?: Manifest;
  /** files, as far as they were read: permission bits where they are stated, digest where the bytes could be read */
  readonly entries: { path: string; mode?: number; size: number; sha256?: string }[];
}

export interface ValidateOptions extends ReadOptions {
  /** all of them when not given */
  rules?: readonly Rule[];
}

/** Rules of the product's earlier validator, and those without which nothing can be read that they could judge. */
const reading = [
  "zip-end",
  "zip64",
  "encrypted",
  "method",
  "deflate",
  "declared-size",
  "crc",
  "limit-entries",
  "limit-total",
  "limit-ratio",
  "limit-text",
  "overlap",
  "readable",
  "manifest-schema",
];

export function judge(content: Content, rules: readonly Rule[] = all): Validation {
  const asked = rules.filter(
    (rule) =>
      (content.kind === "nothing" ? rule.id === "path-exists" : rule.of.includes(content.kind)) &&
      (!content.upstream || rule.upstream !== undefined || reading.includes(rule.id)),
  );
  const findings = asked.flatMap((rule) =>
    rule.find(content).map(({ entry, found }) => ({ rule: rule.id, entry, found, remedy: rule.remedy })),
  );
  return {
    path: content.path,
    kind: content.kind,
    findings,
    ...(content.manifest?.value && { manifest: content.manifest.value }),
    // Made for those who ask: there may be tens of thousands.
    get entries() {
      return filesOf(content);
    },
  };
}

function filesOf({ entries }: Content): Validation["entries"] {
  return entries
    .filter(({ type }) => type === "file")
    .map(({ path, mode, size, content: read }) => ({
      path,
      ...(mode !== undefined && { mode }),
      size,
      ...(read && { sha256: read.sha256 }),
    }));
}

/** Validates an archive, an unpacked folder or an installed folder. Never throws for what it is. */
export async function validate(path: string, options: ValidateOptions = {}): Promise<Validation> {
  return judge(await readPath(path, options), options.rules);
}

/** Validates an archive in memory, as if it were a file of that name without any beside it. */
export async function validateBytes(name: string, bytes: Buffer, options: ValidateOptions = {}): Promise<Validation> {
  return judge(await readBytes(name, bytes, options), options.rules);
}
