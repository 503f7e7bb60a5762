/** `release-manifest.json`, schema 1, as read: what an archive says of itself. */
import { z } from "zod";
import { VersionSchema } from "../candidate/index.ts";
import { findings, jsonFault } from "../edges/edges.ts";
import { PlatformSchema } from "../products/index.ts";

const Digest = z.string().regex(/^[0-9a-f]{64}$/, "is not a SHA-256 of 64 lower-case hex digits");

const Schema = z.looseObject({
  schema_version: z.literal(1),
  generated_at_utc: z.string(),
  artifact_kind: z.string().min(1),
  artifact_name: z.string().min(1),
  version: VersionSchema,
  platform: PlatformSchema,
  install_mode: z.literal("portable-archive"),
  source_sha: z.string().nullable(),
  binaries: z.array(
    z.looseObject({
      logical_name: z.string().min(1),
      file_name: z.string().min(1),
      sha256: Digest,
      size_bytes: z.int().min(0),
      version: z.string().optional(),
    }),
  ),
  deployment_recipes: z.array(
    z.looseObject({ profile: z.string(), relative_path: z.string(), sha256: Digest, size_bytes: z.int().min(0) }),
  ),
  /** `allowed`: files that look like a secret or like litter and were let in by name; only where there are any */
  packaging_boundaries: z.looseObject({
    excluded_patterns: z.array(z.string()),
    allowed: z.array(z.string()).optional(),
  }),
});
export type Manifest = z.output<typeof Schema>;

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
    const misfits = findings(Schema, value).map(({ path, message }) => (path === "" ? message : `${path}: ${message}`));
    const unusual = text !== `${JSON.stringify(value, undefined, 2)}\n`;
    return misfits.length > 0 ? { misfits, unusual } : { misfits, unusual, value: Schema.parse(value) };
  } catch (e) {
    // A text that nests thousands deep is parsed and cannot be walked through.
    return { broken: e instanceof RangeError ? "it is nested too deeply" : jsonFault(e), misfits: [], unusual: false };
  }
}
