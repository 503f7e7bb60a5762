/** What a runner printed, read back: one record per check, and the facts of the phase. Nothing is ignored in silence. */
import { z } from "zod";
import { EdgeError, parseJson, shown } from "../edges/edges.ts";
import { sha256 } from "../storage/digest.ts";
import { phaseRun } from "./runner.ts";
import { NameSchema } from "./schema.ts";

/** The head of every line that the runner prints; the number is the version of what follows. */
export const evidencePrefix = "greenlight-evidence/1 ";

const Sha256Schema = z.string().regex(/^[0-9a-f]{64}$/, "not a SHA-256");
// Without a repeated group: such a pattern runs out of stack on a few MiB.
const Base64Schema = z
  .string()
  .refine((value) => value.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(value), "not base64");
const count = z.number().int().nonnegative();

/** What is known of one stream: how much there was, its digest, and an excerpt: all of it in `head`, or beginning and end. */
const StreamSchema = z
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
});
export type CheckRecord = z.output<typeof CheckRecordSchema>;

/** One phase on one machine. */
export const RunRecordSchema = z.strictObject({
  run: z.string(),
  /** checks that the phase has, and records that came */
  planned: count,
  ran: count,
  /** the kernel's boot id while the phase ran */
  bootId: z.string().min(1),
  /** `uname -srm` */
  kernel: z.string(),
  /** PRETTY_NAME of /etc/os-release */
  system: z.string(),
  /** SHA-256 of the lines `package version architecture` of dpkg-query */
  packagesDigest: Sha256Schema,
  /** the machine's clock at the end of the phase, ISO 8601 */
  time: z.iso.datetime(),
  ms: count,
  checks: z.array(CheckRecordSchema),
});
export type RunRecord = z.output<typeof RunRecordSchema>;

/** Bytes of an observation that are kept: as much as of one check's output. */
const keptBytes = 8 * 1024;

/** The record of a check that the host answers, made from what it saw. */
export function observedRecord(suite: string, check: string, seen: string): CheckRecord {
  const bytes = Buffer.from(seen);
  const whole = bytes.length <= keptBytes;
  const excerpt = (from: number, to?: number): string => bytes.subarray(from, to).toString("base64");
  const head = whole ? excerpt(0) : excerpt(0, (keptBytes * 3) / 4);
  const tail = whole ? "" : excerpt(bytes.length - keptBytes / 4);
  const stream = (of: Buffer, parts: { head: string; tail: string }): Stream => ({
    bytes: of.length,
    sha256: sha256(of),
    ...parts,
  });
  const stdout = stream(bytes, { head, tail });
  return {
    suite,
    check,
    exit: 0,
    ms: 0,
    killed: "no",
    overflow: false,
    left: 0,
    needs: "",
    stdout,
    stderr: stream(Buffer.alloc(0), { head: "", tail: "" }),
  };
}

const text = Base64Schema.transform((base64) => Buffer.from(base64, "base64").toString("utf8").trim());
const BeginSchema = z.strictObject({
  type: z.literal("begin"),
  run: z.string(),
  planned: count,
  boot: z.string().min(1),
  kernel: text,
  system: text,
  packages: Sha256Schema,
  time: count.max(8.64e12),
});
const CheckLineSchema = CheckRecordSchema.omit({ overflow: true }).extend({
  type: z.literal("check"),
  run: z.string(),
  overflow: z.enum(["yes", "no"]),
});
const EndSchema = z.strictObject({ type: z.literal("end"), run: z.string(), ran: count, ms: count });
/** A part of the standard output of the check before it, which comes back whole. */
const PartSchema = z.strictObject({
  type: z.literal("part"),
  run: z.string(),
  suite: NameSchema,
  check: NameSchema,
  data: Base64Schema,
});
const LineSchema = z.discriminatedUnion("type", [BeginSchema, CheckLineSchema, PartSchema, EndSchema]);

/**
 * The record in a runner's standard output.
 * @throws EdgeError when it is not exactly: one begin line, check lines without a duplicate, each with all parts of its output or
 * none after it, one end line that counts them, all of the expected run. Checks that are missing are no error here: judging finds them.
 */
export function parseEvidenceLines(stdout: string, expected: { run: string; phase?: number }): RunRecord {
  const run = phaseRun(expected.run, expected.phase);
  const wrong = (what: string): never => {
    throw new EdgeError(
      `The output of run ${run} is not usable as evidence: ${what}; prove the cell again with \`greenlight rerun\`.`,
    );
  };
  const lines = stdout.split("\n");
  if (lines.at(-1) === "") lines.pop();
  if (lines.length === 0) wrong("it is empty");
  const parsed = lines.map((line, i) => {
    const at = `line ${i + 1}`;
    if (!line.startsWith(evidencePrefix)) wrong(`${at} is ${shown(line)}, which is no evidence line`);
    const value = parseJson(LineSchema, line.slice(evidencePrefix.length), {
      what: `Evidence ${at} of run ${run}`,
      remedy: "prove the cell again with `greenlight rerun`",
    });
    if (value.run !== run) wrong(`${at} belongs to run ${shown(value.run)}`);
    return value;
  });
  const begin = parsed[0]!;
  const end = parsed.at(-1)!;
  if (begin.type !== "begin") return wrong("it does not begin with a begin line");
  if (end.type !== "end") return wrong("it does not end with an end line");
  const checks: CheckRecord[] = [];
  const parts = new Map<CheckRecord, string[]>();
  for (const [i, line] of parsed.slice(1, -1).entries()) {
    const last = checks.at(-1);
    if (line.type === "check") {
      const { type: _type, run: _run, overflow, ...record } = line;
      checks.push({ ...record, overflow: overflow === "yes" });
    } else if (line.type !== "part") {
      wrong(`line ${i + 2} is a second ${line.type} line`);
    } else if (!last || last.suite !== line.suite || last.check !== line.check || last.stdout.head !== "") {
      wrong(`line ${i + 2} is a part of ${line.suite}/${line.check}, and does not belong after the line before it`);
    } else {
      parts.set(last, [...(parts.get(last) ?? []), line.data]);
    }
  }
  for (const [record, list] of parts) {
    const all = Buffer.concat(list.map((data) => Buffer.from(data, "base64")));
    if (all.length !== record.stdout.bytes || sha256(all) !== record.stdout.sha256)
      wrong(`the parts of ${record.suite}/${record.check} are not its output`);
    record.stdout = { ...record.stdout, head: all.toString("base64") };
  }
  const names = checks.map(({ suite, check }) => `${suite}/${check}`);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice) wrong(`check ${twice} is recorded twice`);
  if (end.ran !== checks.length) wrong(`it counts ${end.ran} checks and holds ${checks.length}`);
  if (checks.length > begin.planned) wrong(`it holds ${checks.length} checks and ${begin.planned} were planned`);
  return {
    run,
    planned: begin.planned,
    ran: end.ran,
    bootId: begin.boot,
    kernel: begin.kernel,
    system: begin.system,
    packagesDigest: begin.packages,
    time: new Date(begin.time * 1000).toISOString(),
    ms: end.ms,
    checks,
  };
}
