/** ReleaseArchive: an archive of the candidate and, where its services run under systemd, the recipe that deploys it. */
import { z } from "zod";
import { PlatformSchema } from "../products/index.ts";
import { contract } from "./contract.ts";

/** A file of the workspace, known by its digest. */
export const FileSchema = z.object({ path: z.string(), sha256: z.string() });
export type File = z.output<typeof FileSchema>;

/** What was packed; digests are exact in a preview. Paths are relative to the workspace. */
export const PackedSchema = z.object({
  /** archive name without `.zip` */
  base: z.string(),
  version: z.string(),
  binaryVersions: z.record(z.string(), z.string()),
  /** source revision of the candidate, or null when it states none */
  revision: z.string().nullable(),
  sha256: z.string(),
  size: z.number(),
  path: z.string(),
  /** files to publish with it */
  sidecars: z.array(FileSchema),
  recipe: FileSchema.extend({ size: z.number() }).nullable(),
});
export type Packed = z.output<typeof PackedSchema>;

const Args = z.object({
  product: z.string().min(1),
  kind: z.string().min(1),
  platform: PlatformSchema,
  /** the candidate's folder */
  candidate: z.string().min(1),
});

export const releaseArchiveContract = contract({
  token: "greenlight:index:ReleaseArchive",
  args: Args,
  // Packed in check, because it is content-addressed and changes nothing that others see.
  inputs: Args.extend({ packed: PackedSchema.optional() }),
  outputs: z.object({ packed: PackedSchema }),
  secrets: [],
});
