/** Judges what a machine recorded against what a suite expects. All of it fails closed: what is not known to be right is not. */
import { z } from "zod";
import type { Check, Expectation, NamedJudge, Step, Suite } from "../checks/check.ts";
import type { Miss, Seen } from "../checks/judging.ts";
import { Outputs } from "../checks/outputs.ts";
import type { CheckRecord } from "../checks/record.ts";
import { NameSchema } from "../checks/schema.ts";
import { EdgeError } from "../edges/edges.ts";
import { misses, quoted, streamText } from "./expectations.ts";
import { judgeNamed } from "./judges.ts";
import { defaultWithin, plannedChecks, suiteDigest } from "./phases.ts";
import type { RunRecord } from "./record.ts";

/** `missing`: it has no record, or was not run. */
export const CheckStatusSchema = z.enum(["passed", "failed", "missing"]);

const CheckResultSchema = z.strictObject({
  check: NameSchema,
  status: CheckStatusSchema,
  /** parts of a sentence, when it is not passed: `expected … ; observed …` */
  expected: z.string().optional(),
  observed: z.string().optional(),
});
export type CheckResult = z.output<typeof CheckResultSchema>;

export const SuiteResultSchema = z.strictObject({
  suite: NameSchema,
  digest: z.string(),
  status: CheckStatusSchema,
  planned: z.number().int(),
  ran: z.number().int(),
  checks: z.array(CheckResultSchema),
});
/** What became of one suite: `passed` only when every planned check ran and passed, and there is at least one. */
export type SuiteResult = z.output<typeof SuiteResultSchema>;

/** What a command left undone of what it must do, by its exit code, its time and its outputs. */
function commandMisses(expect: Expectation, outputs: CheckRecord, of: Seen["of"], step = ""): Miss[] {
  const seconds = outputs.ms / 1000;
  const list: Miss[] = [];
  const exit = expect.exit ?? 0;
  const right = exit === "other" ? outputs.exit !== 0 : outputs.exit === exit;
  if (!right) {
    const wanted = exit === "other" ? "an exit code other than 0" : `exit code ${exit}`;
    list.push({ expected: `${wanted}${step}`, observed: `exit code ${outputs.exit}; ${said(outputs) || "no output"}` });
  }
  if (expect.seconds !== undefined && seconds > expect.seconds)
    list.push({ expected: `to take ${expect.seconds} s at most`, observed: `${seconds} s` });
  if (expect.stdout) list.push(...misses(`standard output${step}`, expect.stdout, outputs.stdout, of));
  if (expect.stderr) list.push(...misses(`standard error${step}`, expect.stderr, outputs.stderr, of));
  return list;
}

function said({ stdout, stderr }: CheckRecord): string {
  return [["standard output", stdout] as const, ["standard error", stderr] as const]
    .filter(([, stream]) => stream.bytes > 0)
    .map(([name, stream]) => `${name} ${quoted(streamText(stream))}`)
    .join(", ");
}

/** What the runner itself had to do about a check. */
function runMisses(check: Check, record: CheckRecord): Miss[] {
  const within = check.within ?? defaultWithin;
  const seconds = record.ms / 1000;
  const list: Miss[] = [];
  if (record.killed === "time")
    list.push({
      expected: `to end within ${within} s`,
      observed: `it still ran after ${seconds} s and was killed; ${said(record) || "it had printed nothing"}`,
    });
  if (record.killed === "limit")
    list.push({
      expected: "to end before the time of all checks was over",
      observed: `it was killed after ${seconds} s, when that time was over; ${said(record) || "it had printed nothing"}`,
    });
  if (record.overflow)
    list.push({
      expected: "to print no more than is kept",
      observed: `at least ${Math.max(record.stdout.bytes, record.stderr.bytes)} bytes of output`,
    });
  if (record.killed === "no" && record.left > 0)
    list.push({
      expected: "to leave nothing running",
      observed: `${record.left} of its processes still ran when it ended, and were killed`,
    });
  return list;
}

function stepMisses({ id, expect = {} }: Step, own: Outputs, of: Seen["of"]): Miss[] {
  try {
    const list = commandMisses(expect, own.step(id).record, of, ` of ${id}`);
    return list.map(({ expected, observed }) => ({ expected, observed: `${id}: ${observed}` }));
  } catch (e) {
    if (!(e instanceof EdgeError)) throw e;
    return [{ expected: `step ${id} to run`, observed: e.message }];
  }
}

function judgeMisses({ name, given }: NamedJudge, seen: Seen): Miss[] {
  const expected = `what ${name} asks for`;
  const judge = judgeNamed(name);
  if (!judge) return [{ expected, observed: `there is no judge ${name} here` }];
  try {
    return judge(given, seen);
  } catch (e) {
    if (!(e instanceof EdgeError)) throw e;
    return [{ expected, observed: e.message }];
  }
}

function missesOf(check: Check, record: CheckRecord, of: Seen["of"]): Miss[] {
  const own = new Outputs(record);
  const other: Seen["of"] = (name) => (name.includes("/") ? of(name) : own.step(name));
  const ran = runMisses(check, record);
  if (record.killed !== "no") return ran;
  return [
    ...ran,
    ...commandMisses(check.expect, record, other),
    ...(check.steps ?? []).flatMap((step) => stepMisses(step, own, other)),
    ...(check.expect.judge ? judgeMisses(check.expect.judge, { own, of }) : []),
  ];
}

/** Judges one check from its record. */
export function judgeCheck(check: Check, record: CheckRecord | undefined, of: Seen["of"]): CheckResult {
  if (!record)
    return { check: check.name, status: "missing", expected: "the check to run", observed: "it has no record" };
  if (record.exit === null) {
    return {
      check: check.name,
      status: "missing",
      expected: "the check to run",
      observed: `it was not run, because ${record.needs.replace(".", "/")} had not succeeded`,
    };
  }
  const list = missesOf(check, record, of);
  if (list.length === 0) return { check: check.name, status: "passed" };
  return {
    check: check.name,
    status: "failed",
    expected: list.map((miss) => miss.expected).join(" and "),
    observed: [...new Set(list.map((miss) => miss.observed))].join("; "),
  };
}

/** What checks of a machine did, by their names. */
function recordsOf(records: readonly CheckRecord[]): Seen["of"] {
  return (name) => {
    const found = records.find(({ suite, check }) => `${suite}/${check}` === name);
    if (!found) throw new EdgeError(`${name} has no record`);
    if (found.exit === null) throw new EdgeError(`${name} was not run`);
    return new Outputs(found);
  };
}

/**
 * Judges a suite from the record of the phase that it belongs to (without one, all that runs on the machine is missing), and
 * from what the host saw; `before` are the phases before that one on its machine. A machine's word does not count for what the host is asked, nor the other way round.
 */
export function judgeSuite(
  suite: Suite,
  record: RunRecord | undefined,
  observed: readonly CheckRecord[] = [],
  before: readonly RunRecord[] = [],
): SuiteResult {
  const planned = plannedChecks(suite);
  const ofSuite = (list: readonly CheckRecord[]): CheckRecord[] => list.filter((each) => each.suite === suite.name);
  const said = ofSuite(record?.checks ?? []);
  const seen = ofSuite(observed);
  const own = (check: Check): CheckRecord[] => (check.on === "host" ? seen : said);
  const of = recordsOf([...before, ...(record ? [record] : [])].flatMap(({ checks }) => checks));
  const checks = planned.map((check) =>
    judgeCheck(
      check,
      own(check).find((each) => each.check === check.name),
      of,
    ),
  );
  const unplanned = [...said, ...seen].filter(
    (each) => !planned.some((check) => check.name === each.check && own(check).includes(each)),
  );
  for (const each of unplanned) {
    checks.push({
      check: each.check,
      status: "failed",
      expected: "no record of a check that the suite does not have",
      observed: `a record of ${each.check}`,
    });
  }
  const status = checks.some((check) => check.status === "failed")
    ? "failed"
    : checks.length === 0 || checks.some((check) => check.status === "missing")
      ? "missing"
      : "passed";
  const ran = [...said, ...seen].filter((each) => each.exit !== null).length;
  return { suite: suite.name, digest: suiteDigest(suite), status, planned: planned.length, ran, checks };
}
