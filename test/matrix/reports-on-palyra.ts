/** Reports on Palyra in which every scenario passed, but for what a test spoils. */
import { makeReport, readPolicy, type Report, type ScenarioResult } from "../../src/matrix/index.ts";
import { notRun, type ReportFacts } from "../../src/matrix/report.ts";

export const policy = readPolicy("palyra");
export const commit = "a".repeat(40);

export type Spoil = (result: ScenarioResult) => ScenarioResult;

export function reportOf(profile: "fast" | "full", spoil: Spoil = (r) => r, more: Partial<ReportFacts> = {}): Report {
  const tests = { executed: 1, passed: 1, failed: 0, skipped: 0 };
  const scenarios = policy.matrix.value.scenarios
    .filter(({ profiles }) => profiles.includes(profile))
    .map((each) => spoil({ ...notRun(each, ""), status: "passed", exit_code: 0, duration_ms: 1500, tests }));
  return makeReport({
    ...{ policy, product: "palyra", profile, origin: "run", commit, changed: false, setup: [], scenarios },
    ...{ started: new Date("2026-05-06T07:08:09Z"), completed: new Date("2026-05-06T07:09:09Z") },
    ...more,
  });
}

/** Lets one scenario fail. */
export const failed =
  (id: string): Spoil =>
  (r) =>
    r.id === id ? { ...r, status: "failed", detail: "It ended with exit code 1.", log_path: `logs/${id}.log` } : r;
