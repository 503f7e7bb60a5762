import assert from "node:assert/strict";
import { isMergedBad, mergedText, mergeReports, readPolicy } from "../../src/matrix/index.ts";
import { commit, failed, policy, reportOf, type Spoil } from "./reports-on-palyra.ts";

const fast = { file: "fast.json", report: reportOf("fast") };
const full = { file: "full.json", report: reportOf("full") };
const skipped =
  (id: string): Spoil =>
  (r) =>
    r.id === id ? { ...r, status: "skipped" } : r;

describe("reports put together", () => {
  it("of both profiles on one commit satisfy both reports that the checklist asks for", () => {
    const merged = mergeReports(policy, [fast, full]);
    assert.deepEqual([merged.commit, merged.profiles.map(({ profile }) => profile)], [commit, ["fast", "full"]]);
    const { state, validated, pending, failed: bad, evidence } = merged.release_checklist!;
    assert.deepEqual([state, validated, pending, bad], ["profile_validated_pending_external_evidence", 2, 5, 0]);
    assert.deepEqual(
      evidence.slice(0, 2).map(({ status }) => status),
      ["runtime_validated", "runtime_validated"],
    );
    assert.equal(isMergedBad(merged), false);
    assert.match(mergedText(merged).join("\n"), /^ {2}full: 16 of 16 scenarios passed$/m);
  });

  it("lose that again without either of them", () => {
    for (const [one, open] of [
      [fast, 1],
      [full, 0],
    ] as const)
      assert.equal(mergeReports(policy, [one]).release_checklist!.evidence[open]!.status, "pending_other_profile");
  });

  it("lose it for each scenario that one of them has not proven", () => {
    for (const { id } of full.report.scenarios) {
      const { release_checklist: known } = mergeReports(policy, [
        fast,
        { file: "f", report: reportOf("full", skipped(id)) },
      ]);
      assert.deepEqual(
        known!.evidence.slice(0, 2).map(({ status }) => status),
        ["runtime_validated", "pending_other_profile"],
        id,
      );
      assert.ok(known!.evidence[1]!.details.includes(id));
    }
  });

  it("complete each other where one has what the other left out, and no success undoes a failure", () => {
    const without = { file: "run", report: reportOf("full", skipped("networked_worker_degraded_runtime_preview")) };
    assert.match(
      mergedText(mergeReports(policy, [without])).join("\n"),
      /not proven: networked_worker_degraded_runtime_preview; chaos: 1 of at least 2 passed/,
    );
    assert.equal(mergeReports(policy, [without, full]).profiles[0]!.chaos.passed, 2);
    for (const order of [
      [full, "bad"],
      ["bad", full],
    ] as const) {
      const bad = {
        file: "bad",
        report: reportOf("full", failed("flow_transitions_runtime_workflow"), { origin: "import" }),
      };
      const merged = mergeReports(
        policy,
        order.map((each) => (each === "bad" ? bad : each)),
      );
      assert.ok(isMergedBad(merged));
      assert.equal(merged.release_checklist!.state, "needs_attention");
      assert.match(
        mergedText(merged).join("\n"),
        /15 of 16 scenarios passed; failed: flow_transitions_runtime_workflow/,
      );
    }
  });

  const other = "b".repeat(40);
  const archive = (digit: string) => [{ name: "palyra-headless-0.1.0-linux-x64.zip", sha256: digit.repeat(64) }];
  const refused: Record<string, [(typeof fast)[], RegExp]> = {
    "different commits": [
      [fast, { file: "full.json", report: reportOf("full", undefined, { commit: other }) }],
      new RegExp(`on different commits: fast\\.json \\(${commit}\\), full\\.json \\(${other}\\)`),
    ],
    "different products": [
      [fast, { file: "n", report: { ...full.report, product: "nats" } }],
      /on different products: fast\.json \(palyra\), n \(nats\)/,
    ],
    "a checkout with changes": [
      [fast, { file: "full.json", report: { ...full.report, changed: true } }],
      /full\.json is on a checkout with changes that no commit holds/,
    ],
    "another matrix": [
      [
        {
          file: "old.json",
          report: { ...fast.report, policy: { ...fast.report.policy, [policy.matrix.file]: "0".repeat(64) } },
        },
      ],
      /old\.json was made by another infra\/release\/palyra\/workflow-regression-matrix\.json than the one that there is/,
    ],
    "a policy file that there is no more": [
      [{ file: "old.json", report: { ...fast.report, policy: { ...fast.report.policy, "x.json": "0".repeat(64) } } }],
      /another x\.json/,
    ],
    "other bytes of one archive": [
      [
        { file: "a", report: { ...fast.report, archives: archive("1") } },
        { file: "b", report: { ...full.report, archives: archive("2") } },
      ],
      /on different bytes of palyra-headless-0\.1\.0-linux-x64\.zip/,
    ],
    nothing: [[], /no report to merge/],
  };
  for (const [what, [brought, says]] of Object.entries(refused)) {
    it(`are refused for ${what}`, () => assert.throws(() => mergeReports(policy, brought), says));
  }

  it("of a product without a checklist have no readiness", () => {
    const nats = readPolicy("nats");
    const report = { ...fast.report, product: "nats", policy: {}, release_checklist: null };
    assert.throws(() => mergeReports(nats, [{ file: "f", report }]), /made by another infra\/release\/nats/);
  });
});
