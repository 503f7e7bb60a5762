/** Whether a release holds the kinds that a stack asks for. */
import { archiveNamed } from "../products/index.ts";
import type { Release, ReleaseFile } from "./release.ts";

interface Held extends Pick<Release, "product" | "version"> {
  files: readonly Pick<ReleaseFile, "path" | "role">[];
}

/** Kinds of a release's archives. */
function kindsOf({ product, version, files }: Held): Set<string> {
  const archives = files.filter(({ role }) => role === "archive");
  return new Set(archives.flatMap(({ path }) => archiveNamed(product, version, path)?.kind ?? []));
}

/**
 * What keeps a release from a stack that asks for these kinds, as a clause; undefined when it holds exactly them, or none are
 * asked for. A promoted release is the same bytes to the last file: nothing can be left out of it, or added.
 */
export function kindsAgainst(release: Held, asked: readonly string[]): string | undefined {
  if (asked.length === 0) return undefined;
  const held = kindsOf(release);
  const missing = asked.filter((kind) => !held.has(kind));
  const more = [...held].filter((kind) => !asked.includes(kind));
  if (missing.length === 0 && more.length === 0) return undefined;
  const lacks = missing.length > 0 ? [`lacks ${missing.join(", ")}`] : [];
  const has = more.length > 0 ? [`has ${more.join(", ")} too`] : [];
  return `greenlight:kinds asks for ${asked.join(", ")}, and the release ${[...lacks, ...has].join(" and ")}`;
}
