/**
 * Statements: what people sign. Each is one canonical JSON text (RFC 8785) with a line feed, known by its SHA-256, and says
 * all by itself what it is about, who made it, why, when, and until when.
 */
import { z } from "zod";
import { EdgeError, parseJson } from "../edges/edges.ts";
import { lowerCaseName, Sha256Schema } from "../edges/names.ts";
import { canonicalJson, sha256 } from "../storage/digest.ts";
import { PrincipalSchema } from "./rules.ts";

/** Signatures are made for this and nothing else: one that the same key made of a commit or a release is none of ours. */
export const namespace = "greenlight-approval";

const Name = z.string().min(1).max(200);
const Text = z.string().max(2000);
const Time = z.iso.datetime();

const common = {
  schema: z.literal(1),
  /** who signed it: a name in allowed-signers */
  by: PrincipalSchema,
  time: Time,
};
const subject = { gate: Name, product: Name, version: Name, channel: lowerCaseName() };

const ApprovalSchema = z.strictObject({
  ...common,
  kind: z.literal("approval"),
  ...subject,
  /** SHA-256 of the release's release.json */
  release: Sha256Schema,
  reason: Text,
  expires: Time,
});
export type Approval = z.output<typeof ApprovalSchema>;

const WaiverSchema = z.strictObject({
  ...common,
  kind: z.literal("waiver"),
  ...subject,
  requirement: Name,
  /** SHA-256 of the archive that did not pass */
  archive: Sha256Schema,
  /** of the failure, by {@link fingerprintOf} */
  fingerprint: Sha256Schema,
  /** the failure in words, for people; the fingerprint is what counts */
  failure: Text,
  reason: Text.min(1, "must say why"),
  expires: Time,
});
/** One requirement of one gate that is let pass for one archive, though it was not satisfied. */
export type WaiverStatement = z.output<typeof WaiverSchema>;

const RevocationSchema = z.strictObject({
  ...common,
  kind: z.literal("revocation"),
  /** SHA-256 of the statement that does not hold any more */
  statement: Sha256Schema,
  reason: Text.min(1, "must say why"),
});
export type Revocation = z.output<typeof RevocationSchema>;

const StatementSchema = z
  .discriminatedUnion("kind", [ApprovalSchema, WaiverSchema, RevocationSchema])
  .refine((each) => each.kind === "revocation" || Date.parse(each.expires) > Date.parse(each.time), {
    path: ["expires"],
    message: "is not after its time",
  });
export type Statement = z.output<typeof StatementSchema>;

/** The text that is signed and stored. @throws EdgeError when it is no statement */
export function statementText(statement: Statement): string {
  const text = `${canonicalJson(statement)}\n`;
  parseStatement(text, "The statement", "correct what was given");
  return text;
}

/** The digest by which a statement is known. */
export const statementDigest = (text: string): string => sha256(text);

/** Reads a statement. @throws EdgeError when it is none, or is written in another way than {@link statementText} writes it */
export function parseStatement(text: string, what: string, remedy: string): Statement {
  const statement = parseJson(StatementSchema, text, { what, remedy });
  // A name that stands twice, or a number in another form, would say two things to two readers.
  if (`${canonicalJson(statement)}\n` !== text)
    throw new EdgeError(`${what} is not canonical JSON with one line feed at its end; ${remedy}.`);
  return statement;
}

/** How a statement is called in a sentence: its kind and the beginning of its digest. */
export const called = (statement: Statement, digest: string): string => `${statement.kind} ${digest.slice(0, 12)}`;
