/** `release-manifest.json`, schema 1, as read: what an archive says of itself. */
import { z } from "zod";
import { VersionSchema } from "../candidate/index.ts";
import { findings, jsonFault } from "../edges/edges.ts";
import { Sha256Schema } from "../edges/names.ts";
import { PlatformSchema } from "../products/index.ts";

/** Stated once: the writer of manifests (archive/manifest.ts) is held to what readers ask of them. */
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
      sha256: Sha256Schema,
      size_bytes: z.int().min(0),
      /** only where the binary reports another version than the archive's */
      version: z.string().optional(),
    }),
  ),
  deployment_recipes: z.array(
    z.looseObject({ profile: z.string(), relative_path: z.string(), sha256: Sha256Schema, size_bytes: z.int().min(0) }),
  ),
  /** `allowed`: files that look like a secret or like litter and were let in by name; only where there are any */
  packaging_boundaries: z.looseObject({
    excluded_patterns: z.array(z.string()),
    allowed: z.array(z.string()).optional(),
  }),
});
export type Manifest = z.output<typeof ManifestSchema>;

export interface ManifestText {
  /** why it is no JSON */
  broken?: string;
  /** places that do not fit the schema, as clauses */
  misfits: string[];
  /** the text is not the value's one rendering (indented by two, a key once, LF): two readers may see two manifests */
  unusual: boolean;
  /** undefined when broken or misfit */
  value?: Manifest;
}

export function readManifest(bytes: Buffer): ManifestText {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    const value: unknown = JSON.parse(text);
    const misfits = findings(ManifestSchema, value).map(({ path, message }) =>
      path === "" ? message : `${path}: ${message}`,
    );
    const unusual = text !== `${JSON.stringify(value, undefined, 2)}\n`;
    return misfits.length > 0 ? { misfits, unusual } : { misfits, unusual, value: ManifestSchema.parse(value) };
  } catch (e) {
    // A text that nests thousands deep is parsed and cannot be walked through.
    return { broken: e instanceof RangeError ? "it is nested too deeply" : jsonFault(e), misfits: [], unusual: false };
  }
}
