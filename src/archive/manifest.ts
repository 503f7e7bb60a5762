/** `release-manifest.json`, schema 1: what an archive says of itself. Field names and order are those that installed clients read. */
import { z } from "zod";
import { excludedPatterns, VersionSchema, type Candidate } from "../candidate/index.ts";
import { executableName, PlatformSchema, type Platform, type Product } from "../products/index.ts";
import { byPath } from "./zip-writer.ts";

const DigestSchema = z.string().regex(/^[0-9a-f]{64}$/, "is not a SHA-256 of 64 lower-case hex digits");

export const ManifestSchema = z.looseObject({
  schema_version: z.literal(1),
  /** time of the source, not of the packing, so that the same inputs give the same bytes */
  generated_at_utc: z.string(),
  artifact_kind: z.string().min(1),
  artifact_name: z.string().min(1),
  version: VersionSchema,
  platform: PlatformSchema,
  install_mode: z.literal("portable-archive"),
  /** commit that the binaries were built from, null when the candidate does not know it */
  source_sha: z.string().nullable(),
  binaries: z.array(
    z.looseObject({
      logical_name: z.string().min(1),
      file_name: z.string().min(1),
      sha256: DigestSchema,
      size_bytes: z.int().min(0),
      /** only where the binary reports another version than the archive's */
      version: z.string().optional(),
    }),
  ),
  deployment_recipes: z.array(
    z.looseObject({ profile: z.string(), relative_path: z.string(), sha256: DigestSchema, size_bytes: z.int().min(0) }),
  ),
  /** `allowed`: files that look like a secret or like litter and were let in by name; only where there are any */
  packaging_boundaries: z.looseObject({
    excluded_patterns: z.array(z.string()),
    allowed: z.array(z.string()).optional(),
  }),
});
export type Manifest = z.output<typeof ManifestSchema>;

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
