/** `release-manifest.json`, schema 1: what an archive says of itself. Field names and order are those that installed clients read. */
import { excludedPatterns, type Candidate } from "../candidate/index.ts";
import type { Manifest } from "../validator/index.ts";
import { executableName, type Platform, type Product } from "../products/index.ts";
import { byPath } from "./zip-writer.ts";

/** `2025-05-22T13:21:11.0000000Z`: seven digits of fraction, as the first writers of this schema had them. */
function stamp(date: Date): string {
  return date.toISOString().replace(/\.(\d{3})Z$/, ".$10000Z");
}

/** Files of the product's recipe folders, by profile and then by path. */
function recipesOf(
  product: Product,
  entries: readonly { path: string; sha256: string; size: number }[],
): Manifest["deployment_recipes"] {
  return Object.entries(product.payload?.recipeFolders ?? {}).flatMap(([profile, folder]) =>
    entries
      .filter(({ path }) => path.startsWith(`${folder.replace(/\/$/, "")}/`))
      .sort(byPath)
      .map(({ path, sha256, size }) => ({ profile, relative_path: path, sha256, size_bytes: size })),
  );
}

/** The manifest of one archive; `entries` are its files as far as they are known before it. */
export function renderManifest(
  candidate: Candidate,
  product: Product,
  kind: string,
  platform: Platform,
  facts: { base: string; date: Date; entries: readonly { path: string; sha256: string; size: number }[] },
): Manifest {
  const files = candidate.platforms[platform]!;
  const allowed = Object.entries(files.assets ?? {})
    .filter(([path, sealed]) => sealed.allowed && facts.entries.some((entry) => entry.path === path))
    .map(([path]) => path)
    .sort();
  return {
    schema_version: 1,
    generated_at_utc: stamp(facts.date),
    artifact_kind: kind,
    artifact_name: facts.base,
    version: candidate.version,
    platform,
    install_mode: "portable-archive",
    source_sha: candidate.source.revision,
    binaries: product.kinds[kind]!.binaries.map((key) => {
      const { sha256, size, version } = files.binaries[key]!;
      return {
        logical_name: key,
        file_name: executableName(key, platform),
        sha256,
        size_bytes: size,
        ...(version !== undefined && { version }),
      };
    }),
    deployment_recipes: recipesOf(product, facts.entries),
    packaging_boundaries: {
      excluded_patterns: product.payload?.excludedPatterns ?? excludedPatterns,
      ...(allowed.length > 0 && { allowed }),
    },
  };
}
