/** A report as files: JSON for programs, JUnit XML for CI, text for people. */
import { readdirSync, rmdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { EdgeError, parseFile } from "../edges/edges.ts";
import { makeFolder } from "../storage/make-folder.ts";
import { writeAtomic } from "../storage/atomic-write.ts";
import { writeJunit } from "./junit.ts";
import { ReportSchema, type Report } from "./report.ts";

/** Names of the files in a report's folder. */
export const reportFiles = {
  report: "report.json",
  junit: "junit.xml",
  text: "report.txt",
  readiness: "compat-readiness-status.json",
} as const;
const ours = [...Object.values(reportFiles), "logs"];

/**
 * Makes the folder that a report goes to, and takes an earlier report out of it.
 * @throws EdgeError when something else lies there: nothing of anybody's is removed.
 */
export async function clearFolder(folder: string): Promise<void> {
  await makeFolder(folder, "name another folder with --output");
  const others = readdirSync(folder).filter((name) => !ours.includes(name));
  if (others.length > 0)
    throw new EdgeError(
      `${folder} holds ${others.slice(0, 3).join(", ")}, which is no part of a report; name another folder with --output.`,
    );
  for (const name of ours) rmSync(join(folder, name), { recursive: true, force: true });
}

/** Takes a report away, and its folder when nothing else lies there. */
export function removeReport(folder: string): void {
  // The report itself first: without it, the others say nothing.
  for (const name of ours) rmSync(join(folder, name), { recursive: true, force: true });
  if (readdirSync(folder).length === 0) rmdirSync(folder);
}

/** A report that was written before. @throws EdgeError when it is not there or none */
export function readReport(file: string): Report {
  return parseFile(ReportSchema, file, "make the report again with `greenlight matrix run`");
}

const testCount = (n: number): string => `${n} ${n === 1 ? "test" : "tests"}`;

/** A report in the words of its readers. */
export function reportText(report: Report): string[] {
  const { summary: s, coverage, tests, release_checklist: readiness } = report;
  const marks = { passed: "✓", failed: "✗", skipped: "-" } as const;
  const line = (
    { id, status, detail, duration_ms, log_path }: Omit<Report["setup_steps"][number], "command">,
    count: string,
  ): string => {
    const time = status === "skipped" ? "" : ` (${(duration_ms / 1000).toFixed(1)} s${count})`;
    const why = detail === "" ? "" : `: ${detail}`;
    return `  ${marks[status]} ${id}${time}${why}${status === "failed" && log_path !== null ? ` See ${log_path}.` : ""}`;
  };
  const lines = [
    ...report.setup_steps.map((each) => line(each, "")),
    ...report.scenarios.map((each) => line(each, `, ${testCount(each.tests.executed)}`)),
  ];
  const missing = [
    ...coverage.missing_subsystems.map((id) => `subsystem ${id}`),
    ...coverage.missing_acceptance_scenarios.map((id) => `acceptance scenario ${id}`),
  ];
  return [
    `${report.product}, profile ${report.profile}, commit ${report.commit}${report.changed ? " with changes that no commit holds: this proves nothing of it" : ""}`,
    ...lines,
    `${s.scenario_passed} of ${s.scenario_total} scenarios passed, ${s.scenario_failed} failed, ${s.scenario_skipped} were not run; ${tests.executed} tests were executed.`,
    ...(s.chaos_passed < s.chaos_minimum
      ? [`Chaos: ${s.chaos_passed} scenarios passed, and the profile asks for ${s.chaos_minimum}.`]
      : []),
    ...(missing.length > 0 ? [`Not proven by this report: ${missing.join(", ")}.`] : []),
    ...(readiness
      ? [
          `Readiness: ${readiness.state} (${readiness.validated} validated, ${readiness.pending} pending, ${readiness.failed} failed).`,
        ]
      : []),
  ];
}

function junitOf(report: Report): string {
  const { product, profile, commit, started_at_unix_ms: from, completed_at_unix_ms: to } = report;
  return writeJunit({
    name: `${product} ${profile}`,
    started: new Date(from),
    seconds: (to - from) / 1000,
    properties: { commit, profile, origin: report.origin },
    cases: [
      ...report.setup_steps.map((each) => ({ ...each, className: `${product}.setup` })),
      ...report.scenarios.map((each) => ({ ...each, className: `${product}.${each.category}` })),
    ].map(({ id, className, status, duration_ms, detail, output_excerpt }) => ({
      ...{ name: id, className, seconds: duration_ms / 1000, result: status, message: detail, output: output_excerpt },
    })),
  });
}

/** Writes a report into its folder. @returns the paths of the files */
export function writeReport(folder: string, report: Report): Record<keyof typeof reportFiles, string> {
  const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
  const { release_scope, product, commit, profile, release_checklist } = report;
  const texts = {
    report: json(report),
    junit: junitOf(report),
    text: `${reportText(report).join("\n")}\n`,
    readiness: json({
      schema_version: 1,
      release_scope,
      product,
      commit,
      profile,
      ...(release_checklist ?? { state: null }),
    }),
  };
  const paths = Object.fromEntries(
    Object.entries(reportFiles).map(([key, name]) => [key, join(folder, name)]),
  ) as Record<keyof typeof reportFiles, string>;
  // The report itself last: where it is, the others are.
  for (const key of ["junit", "text", "readiness", "report"] as const) writeAtomic(paths[key], texts[key]);
  return paths;
}

/** The lines that programs know from Palyra's first runner. */
export function reportKeys(report: Report, paths: { report: string; readiness: string }): string[] {
  return [
    `workflow_regression_profile=${report.profile}`,
    `workflow_regression_report=${paths.report}`,
    `compat_checklist_status=${paths.readiness}`,
    `scenarios_passed=${report.summary.scenario_passed}`,
    `scenarios_failed=${report.summary.scenario_failed}`,
    `compat_readiness_state=${report.release_checklist?.state ?? "none"}`,
  ];
}

/** Whether a report says that something is wrong, as against something that is not known yet. */
export function isBad({ summary, release_checklist }: Report): boolean {
  return (
    summary.setup_failed > 0 ||
    summary.scenario_failed > 0 ||
    summary.scenario_passed === 0 ||
    release_checklist?.state === "needs_attention"
  );
}
