/** `candidate.json`, schema 1: what is to be released, for which platforms, and the seal of every file. */
import { z } from "zod";
import { lowerCaseName, Sha256Schema } from "../edges/names.ts";
import { PlatformSchema } from "../products/index.ts";
import { pathFault } from "./path-names.ts";
import { VersionSchema } from "./version.ts";

/** Name of the seal in a candidate's folder. */
export const CANDIDATE_FILE = "candidate.json";

const PathSchema = z.string().superRefine((path, context) => {
  const fault = pathFault(path);
  if (fault) context.addIssue({ code: "custom", message: fault });
});

const SealedFileSchema = z.strictObject({
  /** POSIX path relative to the candidate's folder */
  file: PathSchema,
  /** of the file's bytes, 64 lower-case hex digits */
  sha256: Sha256Schema,
  /** bytes */
  size: z.int().min(0),
  /** whoever sealed it said that these very bytes may be released, although they look like what never is */
  allowed: z.literal(true).optional(),
});

const SealedBinarySchema = z.strictObject({
  ...SealedFileSchema.shape,
  /** what the binary itself reports, where that is not the candidate's version */
  version: z
    .string()
    .regex(/^[0-9A-Za-z][0-9A-Za-z.+_-]{0,63}$/, "is not a version")
    .optional(),
});

const PlatformFilesSchema = z.strictObject({
  /** by the product's key of the binary */
  binaries: z.record(lowerCaseName("is not a binary's key"), SealedBinarySchema),
  /** further files, by their path in the archive */
  assets: z.record(PathSchema, SealedFileSchema).optional(),
});

const SourceSchema = z.looseObject({
  repository: z.string().min(1),
  /** commit that the binaries were built from, null when it is not known */
  revision: z
    .string()
    .regex(/^[0-9a-f]{40}([0-9a-f]{24})?$/, "is not a commit of 40 or 64 hex digits")
    .nullable(),
  /** time of that commit: the date of every file in the archives, so that it must not be a clock's */
  date: z.iso.datetime({ error: "is not a UTC time like 2026-01-31T12:00:00Z" }).optional(),
  /** tag on that commit, as git names it; null when there is none */
  tag: z.string().min(1).nullable().optional(),
  /** whether the tag carries a signature (who signed is for a gate to ask), and whether the commit is on the main branch; null when no such branch is known */
  tag_signed: z.boolean().optional(),
  on_main: z.boolean().nullable().optional(),
  /** whether the checkout had changes that no commit holds */
  dirty: z.boolean().optional(),
  /** the version that each of the product's places in the sources states */
  versions: z.record(z.string(), z.string()).optional(),
  /** modes of the product's capabilities: by default, and in deployment profiles that say otherwise */
  capabilities: z
    .record(z.string(), z.looseObject({ mode: z.string(), profiles: z.record(z.string(), z.string()).optional() }))
    .optional(),
});

/** A file of the sources, with its path in them: its whole text is sealed. */
const SealedTextSchema = z.strictObject({ file: PathSchema, text: z.string().max(1 << 20, "is longer than 1 MiB") });

export const CandidateSchema = z.strictObject({
  schema: z.literal(1),
  product: lowerCaseName("is not a product's name"),
  version: VersionSchema,
  /** the product's kinds that it was sealed for; all of them when it does not say */
  kinds: z.array(lowerCaseName("is not a kind's name")).min(1, "names no kind").optional(),
  source: SourceSchema,
  /** the product's own policy files as its checkout has them, by their names: they are compared with the releaser's, and never obeyed */
  policy: z.record(z.string().min(1), SealedTextSchema).optional(),
  /** text that becomes LICENSE.txt */
  licence: SealedFileSchema.optional(),
  /** text that becomes RELEASE_NOTES.txt */
  notes: SealedFileSchema.optional(),
  platforms: z
    .partialRecord(PlatformSchema, PlatformFilesSchema)
    .refine((platforms) => Object.keys(platforms).length > 0, "names no platform"),
});

export type Candidate = z.output<typeof CandidateSchema>;
export type Source = z.output<typeof SourceSchema>;
export type SealedText = z.output<typeof SealedTextSchema>;
export type SealedFile = z.output<typeof SealedFileSchema>;
export type SealedBinary = z.output<typeof SealedBinarySchema>;
export type CandidatePlatform = z.output<typeof PlatformFilesSchema>;
