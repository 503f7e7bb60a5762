/** Readiness: it is reached, and each thing that it rests on loses it again by its name. */
import assert from "node:assert/strict";
import {
  judgeMatrix,
  judgeReadiness,
  mappedResults,
  type ReadinessQuestion,
  type ReadinessJudgement,
} from "../../src/readiness/index.ts";
import type { Brought, ProfileName, Report } from "../../src/matrix/index.ts";
import { productNamed, type ReadinessRules } from "../../src/products/index.ts";
import {
  commit,
  evidenceOf,
  headless,
  nats,
  now,
  palyra,
  reportOf,
  server,
  sourcesOf,
  type EvidenceFacts,
} from "./samples.ts";

const checklist = palyra.checklist!.value;

/** A check for each control and for each part of each track. */
const asked = (check: string) => ({ kind: "headless", checks: [check] });
const rules: ReadinessRules = {
  controls: Object.fromEntries(checklist.rollout_controls.map(({ id }) => [id, asked(`smoke/closed-${dashed(id)}`)])),
  tracks: Object.fromEntries(
    checklist.migration_tracks.map(({ id }) => [
      id,
      {
        apply: asked(`upgrade/apply-${dashed(id)}`),
        verify: asked(`upgrade/verify-${dashed(id)}`),
        rollback: asked(`rollback/back-${dashed(id)}`),
      },
    ]),
  ),
};
function dashed(id: string): string {
  return id.replaceAll("_", "-");
}
/** The suites that have every check that is named. */
const suitesOf = ({ controls, tracks }: ReadinessRules): Record<string, string[]> =>
  Object.fromEntries(
    ["smoke", "upgrade", "rollback"].map((suite) => {
      const asked = [...Object.values(controls), ...Object.values(tracks).flatMap((track) => Object.values(track))];
      const names = new Set(asked.flatMap(({ checks }) => checks).filter((name) => name.startsWith(`${suite}/`)));
      return [suite, [...names].map((name) => name.slice(suite.length + 1))];
    }),
  );
const suites = suitesOf(rules);

const subject = { product: "palyra", commit, archives: [headless], maxAgeHours: 24, now };

interface Facts {
  reports?: Report[];
  evidence?: EvidenceFacts;
  rules?: ReadinessRules;
  question?: Partial<ReadinessQuestion>;
}

/** What is judged of Palyra with everything proven, but for what a test spoils. */
function judge({ reports, evidence, rules: mapped = rules, question }: Facts = {}): ReadinessJudgement {
  const brought = (reports ?? [reportOf(palyra, "fast"), reportOf(palyra, "full")]).map((report): Brought => ({
    file: `${report.profile}.json`,
    report,
  }));
  const found = [evidenceOf({ product: "palyra", suites, ...evidence })];
  const { merged } = judgeMatrix({ ...subject, policy: palyra, profile: "full", reports: brought, evidence: found });
  return judgeReadiness({
    ...{ ...subject, policy: palyra, profile: "full", merged, sourceContracts: sourcesOf(), promotes: ["single-vm"] },
    ...mappedResults(mapped, found, subject),
    ...question,
  });
}
const open = ({ requirements }: ReadinessJudgement): string[] =>
  requirements.flatMap(({ name, status }) => (status === "satisfied" ? [] : [`${name} ${status}`]));
const observed = ({ requirements }: ReadinessJudgement, name: string): string =>
  requirements.find((each) => each.name === name)!.observed!;

describe("readiness", () => {
  it("is reached, and says so in the words of the first runner", () => {
    const judged = judge();
    assert.deepEqual([judged.state, open(judged)], ["ready", []]);
    const { schema_version, state, validated, pending, failed, evidence } = judged.status;
    assert.deepEqual([schema_version, state, validated, pending, failed], [1, "ready", 7, 0, 0]);
    assert.deepEqual(
      evidence.map(({ id, status }) => `${id} ${status}`),
      [
        "workflow_regression_fast runtime_validated",
        "workflow_regression_full runtime_validated",
        "workflow_regression_contract_suite_unix declared_contract",
        "workflow_regression_contract_suite_windows declared_contract",
        "workflow_regression_fast_ci_contract declared_contract",
        "workflow_regression_full_ci_contract declared_contract",
        "runtime_acceptance_fixture_contract declared_contract",
      ],
    );
    assert.deepEqual(
      judged.requirements.map(({ name }) => name),
      [
        ...checklist.evidence.map(({ id }) => id),
        ...checklist.rollout_controls.map(({ id }) => id),
        ...checklist.migration_tracks.map(({ id }) => id),
        "networked_worker_execution_remains_preview_only",
      ],
    );
    assert.equal(JSON.stringify(judged.status).includes("undefined"), false);
  });

  it("is reached by the checks that Palyra's definition names, and lost with each of them", () => {
    const named = productNamed("palyra").readiness!;
    const own = suitesOf(named);
    assert.deepEqual(open(judge({ rules: named, evidence: { suites: own } })), []);
    for (const [suite, checks] of Object.entries(own))
      for (const check of checks) {
        const failing = [`${suite}/${check}`];
        const reports = [reportOf(palyra, "fast")];
        const [first, ...lost] = open(judge({ rules: named, evidence: { suites: own, failing }, reports }));
        assert.equal(first, "workflow_regression_full missing");
        assert.ok(lost.length > 0 && lost.every((each) => each.endsWith(" failed")), failing[0]);
      }
  });

  const waits = "profile_validated_pending_external_evidence";

  it("is lost with each report, by the name of its item", () => {
    for (const profile of ["fast", "full"] as const) {
      const other: ProfileName = profile === "fast" ? "full" : "fast";
      const judged = judge({ reports: [reportOf(palyra, other)] });
      assert.deepEqual([judged.state, open(judged)], [waits, [`workflow_regression_${profile} missing`]]);
    }
    assert.deepEqual(open(judge({ question: { merged: undefined } })), [
      "workflow_regression_fast missing",
      "workflow_regression_full missing",
    ]);
  });

  it("is lost with each scenario that was not run, and needs attention with each that failed", () => {
    for (const { id } of palyra.matrix.value.scenarios) {
      const fast = reportOf(palyra, "fast");
      const waiting = judge({ reports: [fast, reportOf(palyra, "full", { [id]: "skipped" })] });
      assert.deepEqual([waiting.state, open(waiting)], [waits, ["workflow_regression_full missing"]]);
      assert.ok(observed(waiting, "workflow_regression_full").includes(id));
      const failing = judge({ reports: [fast, reportOf(palyra, "full", { [id]: "failed" })] });
      assert.deepEqual([failing.state, open(failing)], ["needs_attention", ["workflow_regression_full failed"]]);
    }
  });

  it("is lost with each look at the sources", () => {
    const { items } = sourcesOf();
    assert.equal(items.length, 5);
    for (const { id } of items) {
      const without = judge({ question: { sourceContracts: sourcesOf({ items: items.filter((e) => e.id !== id) }) } });
      assert.deepEqual([without.state, open(without)], [waits, [`${id} missing`]]);
      const spoil = (more: object) => items.map((each) => (each.id === id ? { ...each, ...more } : each));
      for (const more of [{ status: "failed" }, { status: "invalid_reference" }, { must_contain: [] }]) {
        const judged = judge({ question: { sourceContracts: sourcesOf({ items: spoil(more) }) } });
        assert.deepEqual([judged.state, open(judged)], ["needs_attention", [`${id} failed`]]);
      }
    }
    assert.deepEqual(
      open(judge({ question: { sourceContracts: undefined } })),
      items.map(({ id }) => `${id} missing`),
    );
  });

  it("does not take a look at other sources, by another policy, or of long ago", () => {
    const cases: [Parameters<typeof sourcesOf>[0], string, RegExp][] = [
      [{ commit: "d".repeat(40) }, "missing", /one at palyra at commit d{40}\.$/],
      [{ policy: {} }, "stale", /as it was \(none\)\.$/],
      [{ checked_at_unix_ms: now.getTime() - 25 * 3_600_000 }, "stale", /a look at the sources of 2026-05-05T07:00:00/],
    ];
    for (const [more, status, says] of cases) {
      const judged = judge({ question: { sourceContracts: sourcesOf(more) } });
      assert.deepEqual(
        open(judged),
        sourcesOf().items.map(({ id }) => `${id} ${status}`),
      );
      assert.match(observed(judged, "runtime_acceptance_fixture_contract"), says);
    }
  });

  it("is lost with each control that no check closes, whose check was not run, and whose evidence is old or of other bytes", () => {
    for (const { id } of checklist.rollout_controls) {
      const { [id]: _, ...controls } = rules.controls;
      const unmapped = judge({ rules: { ...rules, controls } });
      assert.deepEqual([unmapped.state, open(unmapped)], [waits, [`${id} missing`]]);
      assert.equal(observed(unmapped, id), "no check, since the product's definition names none for the control");
      const notRun = judge({
        evidence: { suites: { ...suites, smoke: suites["smoke"]!.filter((name) => name !== `closed-${dashed(id)}`) } },
        reports: [reportOf(palyra, "fast")],
      });
      assert.ok(open(notRun).includes(`${id} failed`));
    }
    const ids = [...checklist.rollout_controls, ...checklist.migration_tracks].map(({ id }) => id);
    assert.deepEqual(
      open(judge({ evidence: { sha256: "9".repeat(64) } })),
      ids.map((id) => `${id} stale`),
    );
    assert.deepEqual(
      open(judge({ evidence: { time: "2026-05-05T07:00:00.000Z" } })),
      ids.map((id) => `${id} stale`),
    );
    assert.deepEqual(
      open(judge({ evidence: { revision: null } })),
      ids.map((id) => `${id} missing`),
    );
    assert.deepEqual(
      open(judge({ evidence: { lost: "gone" } })),
      ids.map((id) => `${id} missing`),
    );
  });

  it("lets a control be open only when all that it names is proven, and names what is not", () => {
    for (const { id } of checklist.rollout_controls) {
      const failing = [`smoke/closed-${dashed(id)}`];
      const may = judge({ evidence: { failing } });
      assert.deepEqual([may.state, open(may)], ["ready", []]);
      assert.equal(observed(may, id), "open, as it may be with workflow_regression_full");
      const mayNot = judge({ evidence: { failing }, reports: [reportOf(palyra, "fast")] });
      assert.equal(mayNot.state, "needs_attention");
      assert.deepEqual(open(mayNot), ["workflow_regression_full missing", `${id} failed`]);
      const requirement = mayNot.requirements.find(({ name }) => name === id)!;
      assert.match(requirement.expected!, / to be off on the machine, or proven workflow_regression_full$/);
      assert.match(requirement.observed!, new RegExp(`^smoke/closed-${dashed(id)} failed on linux-x64/debian-12`));
    }
  });

  it("is lost with each track, and with each part of it", () => {
    for (const { id } of checklist.migration_tracks) {
      const { [id]: track, ...tracks } = rules.tracks;
      const unmapped = judge({ rules: { ...rules, tracks } });
      assert.deepEqual([unmapped.state, open(unmapped)], [waits, [`${id} missing`]]);
      for (const part of ["apply", "verify", "rollback"] as const) {
        const failed = judge({ evidence: { failing: track![part].checks } });
        assert.deepEqual([failed.state, open(failed)], ["needs_attention", [`${id} failed`]]);
        assert.match(failed.requirements.find(({ name }) => name === id)!.expected!, new RegExp(`^${part}: `));
      }
    }
  });

  it("is refused to a promotion that a limitation forbids, or for a profile that nobody knows", () => {
    const judged = judge({ question: { promotes: ["single-vm", "worker-enabled"] } });
    const id = "networked_worker_execution_remains_preview_only";
    assert.deepEqual([judged.state, open(judged)], ["needs_attention", [`${id} failed`]]);
    assert.equal(
      observed(judged, id),
      "promotion for worker-enabled is asked for: Workers on other machines are a preview, and no profile that needs them may be promoted.",
    );
    assert.deepEqual(open(judge({ question: { promotes: ["moon"] } })), ["promotes-moon failed"]);
  });

  it("does not take what is known of another commit", () => {
    assert.deepEqual(open(judge({ question: { commit: "d".repeat(40), sourceContracts: undefined } })).slice(0, 2), [
      "workflow_regression_fast missing",
      "workflow_regression_full missing",
    ]);
  });
});

describe("readiness of a product without a checklist", () => {
  const of = (evidence: EvidenceFacts, spoiled: Record<string, "failed" | "skipped"> = {}): ReadinessJudgement => {
    const facts = { ...subject, product: "nats", archives: [server], policy: nats, profile: "full" as const };
    const reports = [{ file: "full.json", report: reportOf(nats, "full", spoiled) }];
    const { merged } = judgeMatrix({ ...facts, reports, evidence: [evidenceOf(evidence)] });
    return judgeReadiness({ ...facts, merged, sourceContracts: undefined, controls: {}, tracks: {}, promotes: [] });
  };

  it("is that of its whole matrix", () => {
    const ready = of({});
    assert.deepEqual(
      [ready.state, ready.requirements.map(({ name }) => name)],
      ["ready", ["workflow_regression_full"]],
    );
    assert.deepEqual([ready.status.validated, ready.status.evidence], [1, []]);
  });

  it("is lost with each scenario, by its name", () => {
    for (const id of ["message_delivery_sources", "stream_kept_sources"]) {
      const waiting = of({}, { [id]: "skipped" });
      assert.equal(waiting.state, "profile_validated_pending_external_evidence");
      assert.equal(observed(waiting, "workflow_regression_full"), `not proven: ${id}`);
      const failed = of({}, { [id]: "failed" });
      assert.deepEqual(
        [failed.state, observed(failed, "workflow_regression_full")],
        ["needs_attention", `failed: ${id}`],
      );
    }
    const matrix = structuredClone(nats.matrix.value);
    matrix.profiles.full.minimum_chaos_scenarios = 2;
    const policy = { ...nats, matrix: { ...nats.matrix, value: matrix } };
    const facts = { ...subject, product: "nats", archives: [server], policy, profile: "full" as const };
    const reports = [{ file: "full.json", report: reportOf(policy, "full", {}, { product: "nats" }) }];
    const { merged } = judgeMatrix({ ...facts, reports, evidence: [evidenceOf()] });
    const short = judgeReadiness({
      ...facts,
      merged,
      sourceContracts: undefined,
      controls: {},
      tracks: {},
      promotes: [],
    });
    assert.equal(observed(short, "workflow_regression_full"), "not proven: chaos-minimum");
    const cut = of({ suites: { smoke: ["publish-subscribe", "jetstream-write", "jetstream-restart-read"] } });
    assert.equal(observed(cut, "workflow_regression_full"), "not proven: stream_kept_power_cut");
  });
});
