import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readJunit } from "../../src/matrix/junit.ts";
import {
  clearFolder,
  isBad,
  readReport,
  reportKeys,
  reportText,
  type Report,
  writeReport,
} from "../../src/matrix/index.ts";
import { commit, failed, policy, reportOf } from "./reports-on-palyra.ts";

describe("a report", () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "greenlight-report-"))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("has the fields of the first runner, and commit, counts and policy besides", () => {
    const report = reportOf("full");
    const first =
      "schema_version release_scope manifest_path checklist_path profile started_at_unix_ms completed_at_unix_ms summary coverage setup_steps scenarios release_checklist";
    assert.deepEqual(Object.keys(report).slice(0, 12), first.split(" "));
    const { summary, tests } = report;
    assert.deepEqual(
      [summary.scenario_total, summary.scenario_passed, summary.chaos_passed, summary.chaos_minimum],
      [16, 16, 2, 2],
    );
    assert.deepEqual([tests.executed, report.commit], [16, commit]);
    assert.deepEqual(Object.keys(report.policy), [policy.matrix.file, policy.checklist!.file]);
    assert.deepEqual(report.coverage.missing_subsystems, []);
    assert.equal(isBad(report), false);
  });

  it("counts as covered, and as chaos, only what has run and passed", () => {
    const report = reportOf("full", (r) =>
      r.subsystems.includes("networked_workers") ? { ...r, status: "skipped" } : r,
    );
    assert.deepEqual(report.coverage.missing_subsystems, ["networked_workers"]);
    assert.deepEqual(report.coverage.missing_acceptance_scenarios, ["networked_worker_preview"]);
    assert.equal(report.summary.chaos_passed, 1);
    assert.ok(reportText(report).includes("Chaos: 1 scenarios passed, and the profile asks for 2."));
    assert.ok(
      reportText(report).includes(
        "Not proven by this report: subsystem networked_workers, acceptance scenario networked_worker_preview.",
      ),
    );
  });

  it("needs attention when a scenario failed, and waits when nothing is known", () => {
    const statuses = (report: Report): string[] =>
      report.release_checklist!.evidence.slice(0, 2).map(({ status }) => status);
    assert.deepEqual(statuses(reportOf("fast")), ["runtime_validated", "pending_other_profile"]);
    assert.equal(reportOf("fast").release_checklist!.state, "profile_validated_pending_external_evidence");
    const bad = reportOf("fast", failed("pruning_decision_contract"));
    assert.deepEqual(statuses(bad), ["failed", "pending_other_profile"]);
    assert.equal(bad.release_checklist!.state, "needs_attention");
    assert.ok(isBad(bad));
    const partial = reportOf("fast", (r) => (r.id === "flow_transitions_contract" ? r : { ...r, status: "skipped" }));
    assert.deepEqual(statuses(partial), ["pending_other_profile", "pending_other_profile"]);
    assert.equal(isBad(partial), false);
    assert.ok(isBad(reportOf("fast", (r) => ({ ...r, status: "skipped" }))), "nothing was run at all");
  });

  it("is written as JSON that is read again, as JUnit, as text, and with its readiness beside it", () => {
    const report = reportOf("fast", failed("pruning_decision_contract"));
    const paths = writeReport(folder, report);
    assert.deepEqual(readReport(paths.report), report);
    const cases = readJunit(readFileSync(paths.junit, "utf8"), paths.junit);
    assert.equal(cases.length, 8);
    assert.deepEqual(
      cases.filter(({ result }) => result === "failed").map(({ names, message }) => [names[0], message]),
      [["pruning_decision_contract", "It ended with exit code 1."]],
    );
    assert.match(
      readFileSync(paths.text, "utf8"),
      /✗ pruning_decision_contract \(1\.5 s, 1 test\): It ended with exit code 1\. See logs\/pruning_decision_contract\.log\./,
    );
    assert.equal((JSON.parse(readFileSync(paths.readiness, "utf8")) as { state: string }).state, "needs_attention");
    assert.deepEqual(reportKeys(report, paths), [
      "workflow_regression_profile=fast",
      `workflow_regression_report=${paths.report}`,
      `compat_checklist_status=${paths.readiness}`,
      "scenarios_passed=7",
      "scenarios_failed=1",
      "compat_readiness_state=needs_attention",
    ]);
  });

  it("says that a checkout with changes proves nothing of its commit", () => {
    assert.match(
      reportText(reportOf("fast", undefined, { changed: true }))[0]!,
      /with changes that no commit holds: this proves nothing of it$/,
    );
  });

  it("takes an earlier report's place, and nothing else's", async () => {
    writeReport(folder, reportOf("fast"));
    await clearFolder(folder);
    assert.deepEqual(readdirSync(folder), []);
    writeFileSync(join(folder, "thesis.txt"), "");
    await assert.rejects(
      clearFolder(folder),
      /holds thesis\.txt, which is no part of a report; name another folder with --output/,
    );
  });

  it("that is none is refused with what to do", () => {
    writeFileSync(join(folder, "report.json"), '{"schema_version": 1}');
    assert.throws(
      () => readReport(join(folder, "report.json")),
      /report\.json is not usable: .*; make the report again with `greenlight matrix run`\./,
    );
  });
});
