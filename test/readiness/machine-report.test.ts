/** What machines have proven, judged again from their evidence. */
import assert from "node:assert/strict";
import { judgeChecks } from "../../src/readiness/machine-checks.ts";
import { machineReport } from "../../src/readiness/index.ts";
import type { Evidence } from "../../src/evidence/index.ts";
import { commit, evidenceOf, nats, server, type EvidenceFacts } from "./samples.ts";

const report = (evidence: Evidence[]) =>
  machineReport({ policy: nats, product: "nats", profile: "full", commit, evidence });
const of = (evidence: Evidence[], id: string) => report(evidence).scenarios.find((each) => each.id === id)!;

describe("a report on machines", () => {
  it("has passed what each check was run for and passed, and is bound to commit and archives", () => {
    const { scenarios, archives, origin, commit: at, sources, completed_at_unix_ms } = report([evidenceOf()]);
    assert.deepEqual(
      scenarios.map(({ id, status, tests }) => [id, status, tests.executed]),
      [
        ["message_delivery_installed", "passed", 1],
        ["stream_kept_installed", "passed", 2],
        ["stream_kept_power_cut", "passed", 1],
        ["message_delivery_sources", "skipped", 0],
        ["stream_kept_sources", "skipped", 0],
      ],
    );
    assert.deepEqual([archives, origin, at], [[server], "machine", commit]);
    assert.deepEqual(
      sources.map(({ name }) => name),
      ["nats-linux-x64/debian-12"],
    );
    assert.equal(completed_at_unix_ms, Date.parse("2026-05-06T07:00:00.000Z"));
  });

  const cases: [string, EvidenceFacts[], "failed" | "skipped", RegExp][] = [
    [
      "a check failed",
      [{ failing: ["smoke/jetstream-write"] }],
      "failed",
      /^smoke\/jetstream-write failed on linux-x64\/debian-12: expected exit code 0/,
    ],
    [
      "a check has no record",
      [{ absent: ["smoke/jetstream-write"] }],
      "failed",
      /^smoke\/jetstream-write was not run on linux-x64\/debian-12: it has no record/,
    ],
    [
      "none of its checks has one",
      [{ absent: ["smoke/jetstream-write", "smoke/jetstream-restart-read"] }],
      "failed",
      /1 more did not pass/,
    ],
    [
      "the suite does not have the check",
      [{ suites: { smoke: ["jetstream-write"] } }],
      "failed",
      /^smoke was run on linux-x64\/debian-12, and it has no jetstream-restart-read/,
    ],
    [
      "a check failed on one of two targets",
      [{}, { target: "linux-x64/debian-13", failing: ["smoke/jetstream-write"] }],
      "failed",
      /on linux-x64\/debian-13/,
    ],
    [
      "one of two targets was not asked",
      [{}, { target: "linux-x64/debian-13", suites: { install: ["placed"] } }],
      "skipped",
      /^smoke\/jetstream-write was not run on linux-x64\/debian-13/,
    ],
    [
      "the machine was lost",
      [{ lost: "no machine came up" }],
      "skipped",
      /was not run on linux-x64\/debian-12: no machine came up/,
    ],
    ["there is no evidence", [], "skipped", /^There is no evidence of server\.$/],
  ];
  for (const [what, facts, status, says] of cases)
    it(`has not passed a scenario when ${what}`, () => {
      const found = of(facts.map(evidenceOf), "stream_kept_installed");
      assert.equal(found.status, status, found.detail);
      assert.match(found.detail, says);
    });

  it("does not take what another kind has failed", () => {
    const other = evidenceOf({ kind: "desktop", failing: ["smoke/jetstream-write"] });
    assert.equal(of([evidenceOf(), other], "stream_kept_installed").status, "passed");
    assert.deepEqual(report([evidenceOf(), other]).sources.length, 1);
    // Asked for directly, as controls and tracks are, whatever evidence there is beside it.
    assert.equal(
      judgeChecks({ kind: "server", checks: ["smoke/jetstream-write"] }, [evidenceOf(), other]).status,
      "passed",
    );
  });

  it("goes by the records, not by what the evidence says of itself", () => {
    const evidence = evidenceOf();
    const write = evidence.phases[0]!.checks.find(({ check }) => check === "jetstream-write")!;
    write.exit = 1;
    assert.equal(evidence.suites[0]!.result.status, "passed");
    assert.equal(of([evidence], "stream_kept_installed").status, "failed");
  });

  it("takes nothing for passed where something came that could not be used", () => {
    const evidence = { ...evidenceOf(), faults: ["Phase 2 printed no bundle."] };
    assert.deepEqual(
      [of([evidence], "stream_kept_installed").status, of([evidence], "stream_kept_installed").detail],
      [
        "skipped",
        "smoke/jetstream-write is not known on linux-x64/debian-12: Phase 2 printed no bundle. 1 more did not pass.",
      ],
    );
  });

  it("refuses evidence of another commit, of none, and of another product", () => {
    for (const [facts, says] of [
      [{ revision: "d".repeat(40) }, /of nats at commit d{40}, and not of nats at commit c{40}/],
      [{ revision: null }, /of nats at no known commit/],
      [{ product: "palyra" }, /of palyra at commit/],
    ] as [EvidenceFacts, RegExp][])
      assert.throws(() => report([evidenceOf(facts)]), says);
  });
});
