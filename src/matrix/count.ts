/**
 * How many tests a command has executed, by what its output says. A command that ends with 0 may have executed none: a filter that
 * fits no test, a package without tests, all of them skipped.
 */
import { stripVTControlCharacters } from "node:util";
import type { countings } from "./schema.ts";

/** What became of tests; `executed` are those that were run to their end, for good or ill. */
export interface Tests {
  executed: number;
  passed: number;
  failed: number;
  skipped: number;
}

export const noTests: Tests = { executed: 0, passed: 0, failed: 0, skipped: 0 };

/** The sum of two counts. */
export function addTests(a: Tests, b: Tests): Tests {
  return {
    executed: a.executed + b.executed,
    passed: a.passed + b.passed,
    failed: a.failed + b.failed,
    skipped: a.skipped + b.skipped,
  };
}

/** Counts with what was executed reckoned from them. */
export function testsOf({ passed = 0, failed = 0, skipped = 0 }: Partial<Omit<Tests, "executed">>): Tests {
  return { executed: passed + failed, passed, failed, skipped };
}

export type Counting = Exclude<(typeof countings)[number], "junit">;

/** What one line of output adds; undefined for a line that says nothing of tests. */
type Reader = (line: string) => Tests | undefined;

const number = (text: string | undefined): number => Number(text ?? 0);

function cargo(line: string): Tests | undefined {
  // rustc's own harness, once for each test program.
  const own = /\btest result: \w+\. (\d+) passed; (\d+) failed; (\d+) ignored;/.exec(line);
  if (own) return testsOf({ passed: number(own[1]), failed: number(own[2]), skipped: number(own[3]) });
  if (!/^\s*Summary \[.*\]\s+\d+(\/\d+)? tests? run: /.test(line)) return undefined;
  const words = (word: string): number => number(new RegExp(`(\\d+) ${word}\\b`).exec(line)?.[1]);
  return testsOf({
    passed: words("passed"),
    failed: words("failed") + words("timed out") + words("exec failed"),
    skipped: words("skipped"),
  });
}

const goResults: Record<string, keyof Omit<Tests, "executed">> = { pass: "passed", fail: "failed", skip: "skipped" };

/** Tests of a package, not their parts: as text (`-v`) or as events (`-json`). */
function go(line: string): Tests | undefined {
  const text = /^--- (PASS|FAIL|SKIP): /.exec(line)?.[1];
  if (text !== undefined) return testsOf({ [goResults[text.toLowerCase()]!]: 1 });
  if (!line.startsWith('{"')) return undefined;
  try {
    const { Action, Test } = JSON.parse(line) as { Action?: unknown; Test?: unknown };
    const result = typeof Action === "string" && Object.hasOwn(goResults, Action) ? goResults[Action] : undefined;
    return result !== undefined && typeof Test === "string" && !Test.includes("/")
      ? testsOf({ [result]: 1 })
      : undefined;
  } catch {
    return undefined;
  }
}

function mocha(line: string): Tests | undefined {
  const found = /^\s+(\d+) (passing|failing|pending)\b/.exec(line);
  if (!found) return undefined;
  const names = { passing: "passed", failing: "failed", pending: "skipped" } as const;
  return testsOf({ [names[found[2] as keyof typeof names]]: number(found[1]) });
}

/** The summary of Node's own test runner, as people or as programs read it. */
function node(line: string): Tests | undefined {
  const found = /^(?:#|ℹ) (pass|fail|cancelled|skipped|todo) (\d+)\s*$/.exec(line);
  if (!found) return undefined;
  const names = { pass: "passed", fail: "failed", cancelled: "failed", skipped: "skipped", todo: "skipped" } as const;
  return testsOf({ [names[found[1] as keyof typeof names]]: number(found[2]) });
}

const readers: Record<Counting, Reader> = { cargo, go, mocha, node };

/** What the lines of an output say of tests, in all. */
export async function countTests(counting: Counting, lines: AsyncIterable<string> | Iterable<string>): Promise<Tests> {
  let sum = noTests;
  for await (const line of lines) sum = addTests(sum, readers[counting](stripVTControlCharacters(line)) ?? noTests);
  return sum;
}

/** What to do when nothing was executed, as a clause. */
export function whyNone(counting: Counting | "junit", { skipped }: Tests): string {
  if (skipped > 0) return `all of ${skipped} were skipped; see why the tests leave themselves out`;
  const advice: Record<Counting | "junit", string> = {
    cargo: "see that the filter fits a test by its whole path, or leave --exact out",
    go: "see that -run fits a test, and that the command has -v or -json",
    mocha: "see that the command names test files",
    node: "see that the command names test files",
    junit: "see that the report is that of the tests",
  };
  return `no test fits; ${advice[counting]}`;
}
