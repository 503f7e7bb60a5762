/** Whether checks of a kind have passed on machines: judged again from stored evidence, on every target that there is some of. */
import { rejudge, type Evidence, type Rejudged } from "../evidence/index.ts";
import type { Tests } from "../matrix/index.ts";
import type { MachineChecks } from "../products/index.ts";

/** What became of checks. `skipped`: nothing is known of one of them, and none has failed. */
export interface ChecksResult {
  status: "passed" | "failed" | "skipped";
  /** why they did not pass, as a sentence; empty when they did */
  detail: string;
  /** the checks that were run, on all targets */
  tests: Tests;
  ms: number;
}

/** What became of one check on one target. */
interface Outcome {
  status: "passed" | "failed" | "skipped";
  ran: boolean;
  ms: number;
  detail: string;
}

/** Judges a suite of evidence once, however often it is asked about. */
export class Judged {
  readonly #known = new Map<Evidence, Map<string, Rejudged | undefined>>();

  of(evidence: Evidence, suite: string): Rejudged | undefined {
    const suites = this.#known.get(evidence) ?? new Map<string, Rejudged | undefined>();
    this.#known.set(evidence, suites);
    if (!suites.has(suite)) suites.set(suite, rejudge(evidence, suite));
    return suites.get(suite);
  }
}

/** The outcome of one check by one piece of evidence; undefined when its machine was not asked. */
function outcomeOf(evidence: Evidence, suite: string, check: string, judged: Judged): Outcome | undefined {
  const found = judged.of(evidence, suite);
  if (!found) return undefined;
  const name = `${suite}/${check}`;
  const where = `on ${evidence.target}`;
  const result = found.result.checks.find((each) => each.check === check);
  const record = [...evidence.phases.flatMap(({ checks }) => checks), ...evidence.observed].find(
    (each) => each.suite === suite && each.check === check,
  );
  const ran = record !== undefined && result !== undefined && result.status !== "missing";
  const outcome = (status: Outcome["status"], detail: string): Outcome => ({
    ...{ status, ran, ms: ran ? record.ms : 0, detail },
  });
  if (result?.status === "failed")
    return outcome("failed", `${name} failed ${where}: expected ${result.expected}; observed ${result.observed}`);
  // Something came that could not be used: then what else came is not taken for the whole truth either.
  if (evidence.faults.length > 0) return outcome("skipped", `${name} is not known ${where}: ${evidence.faults[0]}`);
  if (result?.status === "passed") return outcome("passed", "");
  if (evidence.errors.length > 0 && !found.recorded)
    return outcome("skipped", `${name} was not run ${where}: ${evidence.errors[0]}`);
  return outcome(
    "failed",
    result ? `${name} was not run ${where}: ${result.observed}` : `${suite} was run ${where}, and it has no ${check}`,
  );
}

const sentence = (text: string): string => (/[.!?…]$/.test(text) ? text : `${text}.`);

/** @param evidence what counts, one piece a cell */
export function judgeChecks(
  { kind, checks }: MachineChecks,
  evidence: readonly Evidence[],
  judged: Judged = new Judged(),
): ChecksResult {
  const outcomes = [...Map.groupBy(evidence, ({ target }) => target)].flatMap(([target, all]) => {
    const ofKind = all.filter(({ subject }) => subject.kind === kind);
    if (ofKind.length === 0) return [];
    return checks.flatMap((name): Outcome[] => {
      const [suite = "", check = ""] = name.split("/");
      const found = ofKind.flatMap((each) => outcomeOf(each, suite, check, judged) ?? []);
      const nowhere = { status: "skipped", ran: false, ms: 0, detail: `${name} was not run on ${target}` } as const;
      return found.length > 0 ? found : [nowhere];
    });
  });
  const passed = outcomes.filter(({ status, ran }) => ran && status === "passed").length;
  const failed = outcomes.filter(({ status, ran }) => ran && status === "failed").length;
  const tests = { executed: passed + failed, passed, failed, skipped: outcomes.length - passed - failed };
  const ms = outcomes.reduce((sum, each) => sum + each.ms, 0);
  const result = (status: ChecksResult["status"], detail: string): ChecksResult => ({ status, detail, tests, ms });
  const bad = (["failed", "skipped"] as const).flatMap((status) => outcomes.filter((each) => each.status === status));
  if (bad.length > 0) {
    const more = bad.length > 1 ? ` ${bad.length - 1} more did not pass.` : "";
    return result(bad[0]!.status === "failed" ? "failed" : "skipped", `${sentence(bad[0]!.detail)}${more}`);
  }
  if (outcomes.length === 0) return result("skipped", `There is no evidence of ${kind}.`);
  return tests.executed === 0 ? result("failed", "No check was run.") : result("passed", "");
}
