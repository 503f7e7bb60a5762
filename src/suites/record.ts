/** What a runner printed, read back: one record per check, and the facts of the phase. Nothing is ignored in silence. */
import { z } from "zod";
import { Sha256Schema } from "../edges/names.ts";
import { parseValue, shown } from "../edges/edges.ts";
import { sha256 } from "../storage/digest.ts";
import { unpackBundle, unusable, type Files } from "./bundle.ts";
import { phaseRun } from "./runner.ts";
import { CheckRecordSchema, count, StreamSchema, type CheckRecord, type Stream } from "../checks/record.ts";
import { NameSchema } from "../checks/schema.ts";

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
    files: {},
  };
}

const number = z
  .string()
  .regex(/^[0-9]{1,15}$/, "not a number")
  .transform(Number);

/** The facts of a phase: a name and a value on each line. */
const FactsSchema = z.strictObject({
  run: z.string(),
  planned: number,
  ran: number,
  boot: z.string().min(1),
  kernel: z.string(),
  system: z.string(),
  packages: Sha256Schema,
  time: number.refine((seconds) => seconds <= 8.64e12, "not a time"),
  ms: number,
});

/** A line of `records`: number, suite, check, exit code, milliseconds, killed, left, needs. */
const RecordLineSchema = z.tuple([
  number,
  NameSchema,
  NameSchema,
  z.union([z.literal("null").transform(() => null), number]),
  number,
  z.enum(["no", "time", "limit"]),
  number,
  z.string().min(1),
]);

/** A line of `index`: whether all of it came, its size and digest, and its name. */
const IndexLineSchema = z.tuple([z.enum(["whole", "cut"]), number, Sha256Schema, z.string().min(1)]);

const again = "prove the cell again with `greenlight rerun`";

/** The streams of a bundle by name, each with as much of it as came. */
function streamsOf(run: string, files: Files): Map<string, Stream> {
  const file = (name: string): Buffer => {
    const found = files.get(name);
    if (!found) throw unusable(run, `${name} is named in it and missing`);
    return found;
  };
  const lines = linesOf(run, files, "index").map((line) => {
    const [, how, bytes, digest, name] = /^(\S+) (\S+) (\S+) (.+)$/.exec(line) ?? [];
    return parseValue(IndexLineSchema, [how, bytes, digest, name], { what: `The index of run ${run}`, remedy: again });
  });
  return new Map(
    lines.map(([how, bytes, digest, name], i): [string, Stream] => {
      if (how === "cut") {
        const [first, last] = ["head", "tail"].map((part) => file(`cut/${i + 1}.${part}`).toString("base64"));
        return [name, StreamSchema.parse({ bytes, sha256: digest, head: first, tail: last })];
      }
      const all = file(name);
      if (all.length !== bytes || sha256(all) !== digest) throw unusable(run, `${name} is not what its index states`);
      return [name, { bytes, sha256: digest, head: all.toString("base64"), tail: "" }];
    }),
  );
}

function linesOf(run: string, files: Files, name: string): string[] {
  const file = files.get(name);
  if (!file) throw unusable(run, `${name} is missing in it`);
  return file
    .toString("utf8")
    .split("\n")
    .filter((line) => line !== "");
}

/** Bytes of one stream that a machine keeps (runner.ts): a stream with more has lost its reader. */
const keptStream = 64 * 1024 * 1024;

/**
 * The record in a runner's standard output.
 * @throws EdgeError when it is not one whole bundle of the expected run: every stream that its index names with the bytes and digest
 * that it states, no check twice, and as many as it counts. Checks that are missing are no error here: judging finds them.
 */
export function parseEvidence(
  stdout: string,
  expected: { run: string; phase?: number },
  streamBytes = keptStream,
): RunRecord {
  const run = phaseRun(expected.run, expected.phase);
  const files = unpackBundle(run, stdout);
  const facts = parseValue(
    FactsSchema,
    Object.fromEntries(linesOf(run, files, "facts").map((line) => line.split(/ (.*)/s, 2))),
    { what: `The facts of run ${run}`, remedy: again },
  );
  if (facts.run !== run) throw unusable(run, `its facts are those of run ${shown(facts.run)}`);
  const streams = streamsOf(run, files);
  const stream = (name: string): Stream => {
    const found = streams.get(name);
    if (!found) throw unusable(run, `${name} is not in its index`);
    return found;
  };
  const checks = linesOf(run, files, "records").map((line): CheckRecord => {
    const [n, suite, check, exit, ms, killed, left, needs] = parseValue(RecordLineSchema, line.split(" "), {
      what: `A record of run ${run}`,
      remedy: again,
    });
    const [stdout, stderr] = [stream(`${n}.out`), stream(`${n}.err`)];
    const own = [...streams].filter(([name]) => name.startsWith(`${n}/`));
    return {
      suite,
      check,
      exit,
      ms,
      killed,
      overflow: stdout.bytes > streamBytes || stderr.bytes > streamBytes,
      left,
      needs: needs === "-" ? "" : needs,
      stdout,
      stderr,
      files: Object.fromEntries(own.map(([name, of]) => [name.slice(`${n}/`.length), of])),
    };
  });
  const names = checks.map(({ suite, check }) => `${suite}/${check}`);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice) throw unusable(run, `check ${twice} is recorded twice`);
  if (facts.ran !== checks.length) throw unusable(run, `it counts ${facts.ran} checks and holds ${checks.length}`);
  if (checks.length > facts.planned)
    throw unusable(run, `it holds ${checks.length} checks and ${facts.planned} were planned`);
  return {
    run,
    planned: facts.planned,
    ran: facts.ran,
    bootId: facts.boot,
    kernel: facts.kernel,
    system: facts.system,
    packagesDigest: facts.packages,
    time: new Date(facts.time * 1000).toISOString(),
    ms: facts.ms,
    checks,
  };
}
