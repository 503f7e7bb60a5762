/** Judges what a machine recorded against what a suite expects. All of it fails closed: what is not known to be right is not. */
import { z } from "zod";
import { misses, quoted, streamText, type Miss } from "./expectations.ts";
import { defaultWithin, plannedChecks, suiteDigest } from "./phases.ts";
import type { CheckRecord, RunRecord } from "./record.ts";
import { NameSchema } from "./schema.ts";
import type { Check, Suite } from "./suite.ts";

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

function missesOf(check: Check, record: CheckRecord): Miss[] {
  const within = check.within ?? defaultWithin;
  const seconds = record.ms / 1000;
  const said = [["standard output", record.stdout] as const, ["standard error", record.stderr] as const]
    .filter(([, stream]) => stream.bytes > 0)
    .map(([name, stream]) => `${name} ${quoted(streamText(stream))}`)
    .join(", ");
  const list: Miss[] = [];
  if (record.killed === "time")
    list.push({
      expected: `to end within ${within} s`,
      observed: `it still ran after ${seconds} s and was killed; ${said || "it had printed nothing"}`,
    });
  if (record.killed === "limit")
    list.push({
      expected: "to end before the time of all checks was over",
      observed: `it was killed after ${seconds} s, when that time was over; ${said || "it had printed nothing"}`,
    });
  if (record.overflow)
    list.push({
      expected: "to print no more than is kept",
      observed: `at least ${Math.max(record.stdout.bytes, record.stderr.bytes)} bytes of output`,
    });
  const exit = check.expect.exit ?? 0;
  if (record.killed === "no" && record.exit !== exit)
    list.push({ expected: `exit code ${exit}`, observed: `exit code ${record.exit}; ${said || "no output"}` });
  if (record.killed === "no" && record.left > 0)
    list.push({
      expected: "to leave nothing running",
      observed: `${record.left} of its processes still ran when it ended, and were killed`,
    });
  if (check.expect.seconds !== undefined && seconds > check.expect.seconds)
    list.push({ expected: `to take ${check.expect.seconds} s at most`, observed: `${seconds} s` });
  if (check.expect.stdout) list.push(...misses("standard output", check.expect.stdout, record.stdout));
  if (check.expect.stderr) list.push(...misses("standard error", check.expect.stderr, record.stderr));
  return list;
}

/** Judges one check from its record. */
export function judgeCheck(check: Check, record: CheckRecord | undefined): CheckResult {
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
  const list = missesOf(check, record);
  if (list.length === 0) return { check: check.name, status: "passed" };
  return {
    check: check.name,
    status: "failed",
    expected: list.map((miss) => miss.expected).join(" and "),
    observed: [...new Set(list.map((miss) => miss.observed))].join("; "),
  };
}

/**
 * Judges a suite from the record of the phase that it belongs to (without one, all that runs on the machine is missing), and
 * from what the host saw. A machine's word does not count for what the host is asked, nor the other way round.
 */
export function judgeSuite(
  suite: Suite,
  record: RunRecord | undefined,
  observed: readonly CheckRecord[] = [],
): SuiteResult {
  const planned = plannedChecks(suite);
  const ofSuite = (list: readonly CheckRecord[]): CheckRecord[] => list.filter((each) => each.suite === suite.name);
  const said = ofSuite(record?.checks ?? []);
  const seen = ofSuite(observed);
  const own = (check: Check): CheckRecord[] => (check.on === "host" ? seen : said);
  const checks = planned.map((check) =>
    judgeCheck(
      check,
      own(check).find((each) => each.check === check.name),
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
