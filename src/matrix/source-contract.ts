/** What a checkout's files hold of what the readiness checklist asks for, as it is kept: bound to the commit and to the policy. */
import { z } from "zod";
import { Sha256Schema } from "../edges/names.ts";
import { evidenceStatuses } from "./readiness.ts";
import { CommitSchema } from "./report.ts";

/** Name of the folder, beside those of reports, and of the file in it. */
export const sourceContractPlace = { folder: "source-contract", file: "source-contract.json" } as const;

export const SourceContractSchema = z.strictObject({
  schema_version: z.literal(1),
  release_scope: z.string(),
  product: z.string(),
  commit: CommitSchema,
  checked_at_unix_ms: z.int().min(0),
  /** SHA-256 of each policy file's value, by which it was asked */
  policy: z.record(z.string(), Sha256Schema),
  items: z.array(
    z.strictObject({
      id: z.string(),
      path: z.string(),
      /** how the file was read; null when it was not */
      read_as: z.enum(["shell", "powershell", "yaml", "rust"]).nullable(),
      /** of the file's bytes in the commit; null when it was not read */
      sha256: Sha256Schema.nullable(),
      status: z.enum(evidenceStatuses),
      /** a sentence */
      details: z.string(),
      must_contain: z.array(z.strictObject({ text: z.string(), found: z.boolean() })),
    }),
  ),
});
export type SourceContract = z.output<typeof SourceContractSchema>;
