/** The judgement of the regression matrix: what is proven, by what, and why something is not. */
import assert from "node:assert/strict";
import { judgeMatrix, type MatrixQuestion } from "../../src/readiness/index.ts";
import type { Requirement } from "../../src/gates/index.ts";
import type { Brought, Report } from "../../src/matrix/index.ts";
import { commit, evidenceOf, headless, nats, natsSuites, now, palyra, reportOf, server } from "./samples.ts";

const stored = (report: Report, file = `${report.profile}.json`): Brought => ({ file, report });
const onNats = (more: Partial<MatrixQuestion> = {}): MatrixQuestion => ({
  ...{ policy: nats, product: "nats", profile: "full", commit, archives: [server] },
  ...{ reports: [stored(reportOf(nats, "full"))], evidence: [evidenceOf()], maxAgeHours: 24, now },
  ...more,
});
const onPalyra = (more: Partial<MatrixQuestion> = {}): MatrixQuestion => ({
  ...onNats({ policy: palyra, product: "palyra", archives: [headless], evidence: [] }),
  reports: [stored(reportOf(palyra, "full"))],
  ...more,
});
const open = (question: MatrixQuestion): Requirement[] =>
  judgeMatrix(question).requirements.filter(({ status }) => status !== "satisfied");
const named = (requirements: Requirement[]): string[] => requirements.map(({ name, status }) => `${name} ${status}`);
const allOf = (status: string): string[] => [
  ...nats.matrix.value.scenarios.map(({ id }) => `${id} ${status}`),
  `chaos-minimum ${status}`,
];

describe("the matrix, judged", () => {
  it("is proven when machines and commands together have proven every scenario", () => {
    const { requirements, merged, sentence } = judgeMatrix(onNats());
    assert.deepEqual(named(requirements), allOf("satisfied"));
    assert.equal(sentence, `nats, profile full, commit ${commit}: 5 of 5 scenarios are proven.`);
    assert.deepEqual(
      merged!.reports.map(({ profile, origin }) => `${profile} ${origin}`),
      ["fast machine", "full machine", "full run"],
    );
    assert.deepEqual(merged!.archives, [server]);
    assert.equal(requirements.at(-1)!.observed, "1 of 1");
  });

  it("is missing, each scenario by its name, without any report and evidence", () => {
    const nothing = judgeMatrix(onNats({ reports: [], evidence: [] }));
    assert.deepEqual(named(nothing.requirements), allOf("missing"));
    assert.equal(nothing.merged, undefined);
    assert.deepEqual(nothing.requirements[0], {
      name: "message_delivery_installed",
      status: "missing",
      expected: "to be proven on a machine by smoke/publish-subscribe of server",
      observed: "no report and no evidence",
    });
    assert.match(nothing.sentence, /0 of 5 scenarios are proven; missing: message_delivery_installed, /);
  });

  it("is missing as a whole for a product that has none", () => {
    assert.deepEqual(judgeMatrix(onNats({ policy: undefined, product: "other" })).requirements, [
      {
        name: "matrix",
        status: "missing",
        expected: "infra/release/other/workflow-regression-matrix.json",
        observed: "no such file",
      },
    ]);
  });

  it("loses each scenario by its name when the one report that proves it has not run it", () => {
    for (const { id, chaos } of palyra.matrix.value.scenarios) {
      const skipped = stored(reportOf(palyra, "full", { [id]: "skipped" }));
      const lost = [`${id} missing`, ...(chaos ? ["chaos-minimum missing"] : [])];
      assert.deepEqual(named(open(onPalyra({ reports: [skipped] }))), lost);
    }
  });

  it("loses each scenario of machines when its check is not in the evidence", () => {
    const { smoke } = natsSuites;
    assert.deepEqual(named(open(onNats({ evidence: [evidenceOf({ suites: { smoke: smoke! } })] }))), [
      "stream_kept_power_cut missing",
      "chaos-minimum missing",
    ]);
    assert.deepEqual(named(open(onNats({ evidence: [evidenceOf({ failing: ["smoke/publish-subscribe"] })] }))), [
      "message_delivery_installed failed",
    ]);
  });

  it("never outvotes a failure, in whichever order the reports come and of whichever profile they are", () => {
    const id = "pruning_decision_contract";
    const bad = stored(reportOf(palyra, "fast", { [id]: "failed" }), "bad.json");
    const good = stored(reportOf(palyra, "full"));
    const brought = stored(reportOf(palyra, "full", {}, { origin: "import" }), "brought.json");
    for (const reports of [
      [bad, good, brought],
      [brought, good, bad],
    ]) {
      const [failed, ...more] = open(onPalyra({ reports }));
      assert.deepEqual(more, []);
      assert.deepEqual(failed, {
        name: id,
        status: "failed",
        expected: "to be proven by `greenlight matrix run`, or by a report that `greenlight evidence import` brings in",
        observed: "It ended with exit code 1. (bad.json)",
      });
    }
  });

  it("takes a report of the other profile for a scenario that is in both", () => {
    const full = reportOf(palyra, "full");
    assert.deepEqual(open(onPalyra({ profile: "fast", reports: [stored(full)] })), []);
  });

  const full = reportOf(palyra, "full");
  const aside: [string, Report, "stale" | "missing", RegExp][] = [
    [
      "is too old",
      { ...full, completed_at_unix_ms: now.getTime() - 25 * 3_600_000 },
      "stale",
      /^a report of 2026-05-05T07:00:00\.000Z$/,
    ],
    [
      "is from the future",
      { ...full, completed_at_unix_ms: now.getTime() + 3_600_000 },
      "stale",
      /^a report of 2026-05-06T09:00:00\.000Z$/,
    ],
    [
      "was made by another matrix",
      { ...full, policy: { ...full.policy, [palyra.matrix.file]: "0".repeat(64) } },
      "stale",
      /^a report by infra\/release\/palyra\/workflow-regression-matrix\.json as it was \(000000000000\)$/,
    ],
    [
      "was made by a checklist that there was not",
      { ...full, policy: { [palyra.matrix.file]: full.policy[palyra.matrix.file]! } },
      "stale",
      /compat-hardening-readiness\.json as it was \(none\)/,
    ],
    [
      "is on other bytes",
      { ...full, archives: [{ name: headless.name, sha256: "9".repeat(64) }] },
      "stale",
      /on other bytes, palyra-headless-0\.1\.0-linux-x64\.zip 9{64}/,
    ],
    ["is on another commit", { ...full, commit: "d".repeat(40) }, "missing", /^full\.json on commit d{40} of palyra$/],
    ["is on another product", { ...full, product: "nats" }, "missing", /^full\.json on commit c{40} of nats$/],
    [
      "is on a checkout with changes",
      { ...full, changed: true },
      "missing",
      /^full\.json on a checkout with changes that no commit holds$/,
    ],
    ["says that it is of machines", { ...full, origin: "machine" }, "missing", /^full\.json, a report on evidence$/],
  ];
  for (const [what, report, status, says] of aside)
    it(`does not count a report that ${what}, and says so`, () => {
      const { requirements, merged } = judgeMatrix(onPalyra({ reports: [stored(report)] }));
      assert.deepEqual(new Set(requirements.map((each) => each.status)), new Set([status]));
      assert.match(requirements[0]!.observed!, says);
      assert.equal(merged, undefined);
    });

  it("does not let a failure of another commit or of another policy count either", () => {
    const bad = { ...reportOf(palyra, "full", { pruning_decision_contract: "failed" }), commit: "d".repeat(40) };
    assert.deepEqual(open(onPalyra({ reports: [stored(full), stored(bad)] })), []);
  });

  it("does not count evidence of other bytes, too old, or of another commit, and says so", () => {
    for (const [facts, status, says] of [
      [{ sha256: "9".repeat(64) }, "stale", /for other bytes, nats-server-1\.2\.3-linux-x64\.zip 9{64}/],
      [{ time: "2026-05-05T07:00:00.000Z" }, "stale", /^evidence of 2026-05-05T07:00:00\.000Z$/],
      [{ revision: "d".repeat(40) }, "missing", /for commit d{40} of nats/],
      [{ revision: null }, "missing", /for no known commit of nats/],
      [{ product: "palyra", kind: "server" }, "missing", /for commit c{40} of palyra/],
    ] as const) {
      const [first, ...rest] = open(onNats({ evidence: [evidenceOf(facts)] }));
      assert.deepEqual([first!.name, first!.status, rest.length], ["message_delivery_installed", status, 3]);
      assert.match(first!.observed!, says);
    }
  });

  it("takes no pass for one that executed nothing, or that the matrix has no such way for", () => {
    const [id, nothing] = ["flow_transitions_contract", { executed: 0, passed: 0, failed: 0, skipped: 0 }];
    const vacuous = { ...full, scenarios: full.scenarios.map((e) => (e.id === id ? { ...e, tests: nothing } : e)) };
    const [failed] = open(onPalyra({ reports: [stored(vacuous)] }));
    assert.deepEqual([failed!.name, failed!.status], [id, "failed"]);
    assert.match(failed!.observed!, /^The report says that it passed, and executed no test\. \(full\.json\)$/);
    const claims = reportOf(nats, "full");
    for (const each of claims.scenarios)
      Object.assign(each, { status: "passed", tests: { executed: 1, passed: 1, failed: 0, skipped: 0 } });
    assert.deepEqual(named(open(onNats({ reports: [stored(claims)], evidence: [] }))), [
      "message_delivery_installed missing",
      "stream_kept_installed missing",
      "stream_kept_power_cut missing",
      "chaos-minimum missing",
    ]);
  });

  it("counts chaos by the matrix, from what ran and passed alone", () => {
    const id = "networked_worker_degraded_runtime_preview";
    const requirements = open(onPalyra({ reports: [stored(reportOf(palyra, "full", { [id]: "failed" }))] }));
    assert.deepEqual(named(requirements), [`${id} failed`, "chaos-minimum failed"]);
    const calm = { ...full, scenarios: full.scenarios.map((each) => ({ ...each, chaos: false })) };
    assert.deepEqual(judgeMatrix(onPalyra({ reports: [stored(calm)] })).merged!.profiles[0]!.chaos, {
      passed: 2,
      minimum: 2,
    });
    assert.deepEqual(
      [requirements[1]!.expected, requirements[1]!.observed],
      ["at least 2 scenarios of chaos that ran and passed", "1 of 2"],
    );
  });

  it("has a setup step that failed, and one that was taken, by its name", () => {
    const matrix = structuredClone(palyra.matrix.value);
    matrix.setup_steps = [
      { id: "build", label: "Build", profiles: ["full"], command: ["cargo", "build"], time_limit_seconds: 60 },
    ];
    const policy = { ...palyra, matrix: { ...palyra.matrix, value: matrix } };
    const step = (status: "passed" | "failed"): Brought => {
      const made = reportOf(policy, "full", {}, { product: "palyra" });
      const of = { id: "build", label: "Build", command: ["cargo", "build"], duration_ms: 1, log_path: null };
      const result = { ...of, status, exit_code: 1, output_excerpt: "", detail: "It ended with exit code 1." };
      return stored({ ...made, setup_steps: [result] });
    };
    assert.deepEqual(named(open(onPalyra({ policy, reports: [step("failed")] }))), ["build failed"]);
    const passed = judgeMatrix(onPalyra({ policy, reports: [step("passed")] })).requirements;
    assert.deepEqual(named(passed.slice(0, 1)), ["build satisfied"]);
  });
});
