/** What a JUnit report of the product's own CI shows of the scenarios: each by the tests that the matrix names. */
import { EdgeError } from "../edges/edges.ts";
import { testsOf } from "./count.ts";
import { junitTests, type JunitCase } from "./junit.ts";
import { notRun, type ScenarioResult } from "./report.ts";
import type { Matrix, ProfileName, Scenario } from "./schema.ts";

/** Whether a case is the test of this name: by all of its name, or by the end of it after a separator. */
function isTest({ names }: JunitCase, test: string): boolean {
  return names.some((name) => name === test || ["::", ".", "/", "#"].some((between) => name.endsWith(between + test)));
}

function resultOf(scenario: Scenario, cases: readonly JunitCase[], file: string): ScenarioResult {
  const { proof } = scenario;
  if (!proof.report) return notRun(scenario, "No report proves it.");
  const found = proof.report.tests.map((test) => ({ test, of: cases.filter((each) => isTest(each, test)) }));
  const all = found.flatMap(({ of }) => of);
  const tests = junitTests(all);
  const failed = all.find(({ result }) => result === "failed");
  const result = (status: ScenarioResult["status"], detail: string): ScenarioResult => ({
    ...notRun(scenario, detail),
    status,
    tests,
  });
  if (failed) return result("failed", `${failed.names[0]} failed: ${failed.message || "the report does not say why"}`);
  const absent = found.filter(({ of }) => of.length === 0).map(({ test }) => test);
  if (absent.length > 0) return result("skipped", `${file} has no test ${absent.join(", ")}.`);
  const left = found.filter(({ of }) => junitTests(of).executed === 0).map(({ test }) => test);
  if (left.length > 0) return result("failed", `${left.join(", ")} was skipped; nothing was executed.`);
  return result("passed", "");
}

/**
 * The results of a profile's scenarios by a report.
 * @throws EdgeError when the report shows nothing: no test, all of them skipped, or none that the matrix names.
 */
export function importCases(
  matrix: Matrix,
  profile: ProfileName,
  cases: readonly JunitCase[],
  file: string,
): ScenarioResult[] {
  const refuse = (what: string): never => {
    throw new EdgeError(`${file} ${what}`, "refused");
  };
  const { executed, skipped } = cases.length === 0 ? testsOf({}) : junitTests(cases);
  if (cases.length === 0) refuse("holds no test, which proves nothing; bring the report of a run that executed some.");
  if (executed === 0)
    refuse(
      `holds ${skipped} tests, all of them skipped, which proves nothing; bring the report of a run that executed some.`,
    );
  const scenarios = matrix.scenarios.filter(({ profiles }) => profiles.includes(profile));
  const results = scenarios.map((scenario) => resultOf(scenario, cases, file));
  if (results.every(({ status }) => status === "skipped")) {
    const wanted = scenarios.flatMap(({ proof }) => proof.report?.tests ?? []);
    refuse(
      wanted.length === 0
        ? `cannot prove anything, since no scenario of the profile ${profile} is proven by a report; name its tests in the matrix.`
        : `has none of the tests that prove scenarios of the profile ${profile}; it would need ${wanted.slice(0, 3).join(", ")}${wanted.length > 3 ? ", …" : ""}.`,
    );
  }
  return results;
}
