/** What one check did: its record, as a machine made it. */
import { z } from "zod";
import { Sha256Schema } from "../edges/names.ts";
import { NameSchema } from "./schema.ts";

// Without a repeated group: such a pattern runs out of stack on a few MiB.
const Base64Schema = z
  .string()
  .refine((value) => value.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(value), "not base64");
/** How many. */
export const count = z.number().int().nonnegative();

/** What is known of one stream: how much there was, its digest, and an excerpt: all of it in `head`, or beginning and end. */
export const StreamSchema = z
  .strictObject({ bytes: count, sha256: Sha256Schema, head: Base64Schema, tail: Base64Schema })
  .refine(
    ({ bytes, head, tail }) => size(head) + size(tail) <= bytes,
    "the excerpt is larger than what it is taken from",
  );
export type Stream = z.output<typeof StreamSchema>;

const size = (base64: string): number => Buffer.byteLength(base64, "base64");

/** What one check did. */
export const CheckRecordSchema = z.strictObject({
  suite: NameSchema,
  check: NameSchema,
  /** exit code; null when it was not run because what it needs had not succeeded */
  exit: z.number().int().min(0).max(255).nullable(),
  /** milliseconds it took, to hundredths of a second */
  ms: count,
  /** killed when its own time or the phase's limit was over */
  killed: z.enum(["no", "time", "limit"]),
  /** wrote more than is kept; bytes and digest are those of the kept part */
  overflow: z.boolean(),
  /** processes that still ran when it had ended, and were killed */
  left: count,
  /** what it needed and did not have: `<suite>.<check>`; empty when it ran */
  needs: z.string(),
  stdout: StreamSchema,
  stderr: StreamSchema,
  /** files that came back, by their path in the working folder */
  files: z.record(z.string(), StreamSchema),
});
export type CheckRecord = z.output<typeof CheckRecordSchema>;
