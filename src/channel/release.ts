/**
 * What lies in a channel. `releases/<product>/<version>/` holds a release: every published file, the evidence below
 * `evidence/`, and release.json that lists them all. `<product>.json` is the index: what it names is published, what it
 * does not name is not there for any reader. release.json names neither channel nor time, so that a promoted release is
 * the same bytes to the last file; those facts stand in the index.
 */
import { join } from "node:path";
import { z } from "zod";
import { parseJson, type Origin } from "../edges/edges.ts";
import { lowerCaseName, Sha256Schema } from "../edges/names.ts";
import { workspacePath } from "../storage/folders.ts";
import { OrderedVersionSchema } from "../candidate/index.ts";
import { SuiteRequirementSchema } from "../policy/index.ts";

const Name = lowerCaseName();

/** A path below the release folder: no way out of it, no hidden files, no release.json. */
export const ReleasePath = z
  .string()
  .max(200)
  .regex(/^(?:evidence\/)?[A-Za-z0-9][A-Za-z0-9._+-]*$/, "is no path of a release")
  .refine((path) => path !== "release.json", "is the release's own list");

export const ReleaseFileSchema = z.strictObject({
  path: ReleasePath,
  role: z.enum(["archive", "sidecar", "recipe", "evidence"]),
  sha256: Sha256Schema,
  size: z.number().int().nonnegative(),
});
export type ReleaseFile = z.output<typeof ReleaseFileSchema>;

export const ReleaseGateSchema = z.strictObject({
  name: z.string().min(1),
  verdict: z.enum(["green", "red", "inconclusive"]),
  /** SHA-256 of the archive that was judged */
  subject: Sha256Schema,
  /** digest of the evidence, which lies at `evidence/<digest>.json` */
  evidence: Sha256Schema,
  /** suites that the evidence proves */
  suites: z.array(z.string().min(1)).min(1),
  provedAt: z.iso.datetime({ offset: true }),
});
export type ReleaseGate = z.output<typeof ReleaseGateSchema>;

/** A gate's record, without what was found out beside it. */
export const gateRecord = ({ name, verdict, subject, evidence, suites, provedAt }: ReleaseGate): ReleaseGate => ({
  name,
  verdict,
  subject,
  evidence,
  suites,
  provedAt,
});

export const NotApplicableSchema = z.strictObject({
  base: z.string().min(1),
  suite: z.string().min(1),
  reason: z.string().min(1),
});

export const ReleaseSchema = z.strictObject({
  schema: z.literal(1),
  product: Name,
  version: OrderedVersionSchema,
  source: z.record(z.string(), z.json()),
  requiredSuites: z.array(z.string().min(1)).min(1),
  /** what was required of which archive, where that was not the same for all of them */
  requires: z.array(SuiteRequirementSchema).optional(),
  files: z
    .array(ReleaseFileSchema)
    .min(1)
    .refine((files) => new Set(files.map((file) => file.path)).size === files.length, "two files have one name"),
  gates: z.array(ReleaseGateSchema).min(1),
  withheld: z.array(z.strictObject({ base: z.string(), reason: z.string() })),
  /** suites that have nothing to prove of an archive (`<base>.zip`), and why; found out by whoever published it first, and so there only */
  notApplicable: z.array(NotApplicableSchema).optional(),
  /** published files that no machine has used, and why; in a release from before they were listed: every sidecar */
  notExecuted: z.array(z.strictObject({ path: ReleasePath, reason: z.string().min(1) })).optional(),
});
export type Release = z.output<typeof ReleaseSchema>;

export const IndexSchema = z.strictObject({
  schema: z.literal(1),
  product: Name,
  /** the version that the channel offers */
  current: OrderedVersionSchema,
  releases: z
    .array(
      z.strictObject({
        version: OrderedVersionSchema,
        /** SHA-256 of its release.json */
        release: Sha256Schema,
        publishedAt: z.iso.datetime(),
        /** the channel that it was promoted from */
        promotedFrom: Name.optional(),
      }),
    )
    .min(1),
});
export type Index = z.output<typeof IndexSchema>;

/** `.greenlight/channels/<channel>` of a workspace. */
export function channelFolder(workspace: string, channel: string): string {
  return workspacePath(workspace, "channels", channel);
}

export function publishedFolder(workspace: string, channel: string, product: string, version: string): string {
  return join(channelFolder(workspace, channel), "releases", product, version);
}

export function indexFile(workspace: string, channel: string, product: string): string {
  return join(channelFolder(workspace, channel), `${product}.json`);
}

/** release.json as text; equal releases give equal bytes. */
export function releaseText(release: Release): string {
  const byPath = (a: ReleaseFile, b: ReleaseFile) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0);
  const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
  return `${JSON.stringify(ReleaseSchema.parse({ ...release, files: [...release.files].sort(byPath), gates: [...release.gates].sort(byName) }), null, 2)}\n`;
}

/** A release.json. @throws EdgeError when it is none. */
export function parseRelease(text: string, origin: Origin): Release {
  return parseJson(ReleaseSchema, text, origin);
}
