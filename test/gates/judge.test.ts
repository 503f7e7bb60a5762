import assert from "node:assert/strict";
import fc from "fast-check";
import { makeEvidence } from "../../src/evidence/index.ts";
import { judgeGate, gatePolicyDigest, type GateQuestion, type Judgement } from "../../src/gates/index.ts";
import { printed, runRecord, stream } from "../suites/samples.ts";
import { archiveDigest, evidenceOf, firstRun, proof, secondRun, suites } from "../evidence/samples.ts";

const policy = { schema: 1 as const, suites: ["install", "smoke", "reboot"], maxAgeHours: 24 };
const question = (more: Partial<GateQuestion> = {}): GateQuestion => ({
  gate: "server-lifecycle",
  target: "linux-x64/debian-12",
  subject: { sha256: archiveDigest, base: "nats-server-1.2.3-linux-x64" },
  suites,
  policy,
  evidence: evidenceOf(),
  where: ".greenlight/evidence/sha256/e.json",
  now: new Date("2026-01-02T04:00:00.000Z"),
  ...more,
});
const judge = (more: Partial<GateQuestion> = {}): Judgement => judgeGate(question(more));
const red = (more: Partial<GateQuestion>, pattern: RegExp, status?: string): void => {
  const { verdict, requirements, sentence } = judge(more);
  assert.equal(verdict, "red", sentence);
  assert.match(sentence, pattern);
  assert.match(sentence, /^Gate server-lifecycle is red: /);
  if (status)
    assert.ok(
      requirements.some((each) => each.status === status),
      JSON.stringify(requirements),
    );
};
const spoiled = (check: string, more: object): unknown =>
  makeEvidence(
    proof({
      proof: {
        value: [
          printed({
            ...firstRun,
            checks: firstRun.checks.map((each) => (each.check === check ? { ...each, ...more } : each)),
          }),
          printed(secondRun),
        ],
      },
    }),
  );

describe("a gate", () => {
  it("is green when everything that it requires is proven", () => {
    const { verdict, requirements, sentence } = judge();
    assert.equal(verdict, "green", sentence);
    assert.deepEqual(
      requirements.map(({ status }) => status),
      ["satisfied", "satisfied", "satisfied"],
    );
    assert.equal(
      sentence,
      "Gate server-lifecycle is green: nats-server-1.2.3-linux-x64 on linux-x64/debian-12 passed install, smoke, reboot. The evidence is .greenlight/evidence/sha256/e.json.",
    );
  });
  it("is red for a check that failed, and says in one paragraph which, expected, observed, and where the evidence is", () => {
    assert.equal(
      judge({ evidence: spoiled("version", { stdout: stream("1.2.4\n") }) }).sentence,
      'Gate server-lifecycle is red: check smoke/version of nats-server-1.2.3-linux-x64 on linux-x64/debian-12 failed. Expected standard output to be "1.2.3"; observed "1.2.4". The evidence is .greenlight/evidence/sha256/e.json.',
    );
  });
  it("names every check that failed, and counts those that did not run apart from them", () => {
    const checks = firstRun.checks.map((each) => ({ ...each, exit: each.check === "received" ? 0 : 9 }));
    red(
      { evidence: makeEvidence(proof({ proof: { value: [printed({ ...firstRun, checks }), printed(secondRun)] } })) },
      /check smoke\/version .* failed\..* Also failed: smoke\/help\. The evidence/,
      "failed",
    );
    const waiting = firstRun.checks.map((each) =>
      each.check === "received" ? { ...each, exit: 9 } : { ...each, exit: null, needs: "install.received" },
    );
    red(
      {
        evidence: makeEvidence(
          proof({ proof: { value: [printed({ ...firstRun, checks: waiting }), printed(secondRun)] } }),
        ),
      },
      /check install\/received .* failed\. .* 2 checks did not run\. The evidence/,
      "failed",
    );
  });
  it("is red without evidence, and for unreadable evidence or policy", () => {
    for (const evidence of [undefined, null]) red({ evidence }, /there is no evidence for it/, "missing");
    red({ evidence: {} }, /its evidence is not usable/, "missing");
    red({ evidence: { ...evidenceOf(), schema: 1 } }, /its evidence is not usable: schema/, "missing");
    for (const bad of [
      undefined,
      {},
      { ...policy, schema: 2 },
      { ...policy, suites: [] },
      { ...policy, maxAgeHours: 0 },
      { ...policy, extra: 1 },
    ])
      red({ policy: bad }, /its policy is not usable/);
  });
  it("is red when a required suite is missing from the cell, from the evidence, or has no checks", () => {
    red(
      { policy: { ...policy, suites: ["install", "soak"] } },
      /suite soak .* is not proven\. Expected suite soak among the suites of the cell/,
      "missing",
    );
    red(
      { evidence: evidenceOf({ suites: suites.slice(0, 2), proof: { value: [printed(firstRun)] } }) },
      /suite reboot .* is not proven. Expected suite reboot in the evidence/,
      "missing",
    );
    const empty = [{ name: "install", checks: [] }];
    red(
      {
        suites: empty,
        policy: { ...policy, suites: ["install"] },
        evidence: evidenceOf({ suites: empty, proof: { value: [printed(runRecord([], "mach1-phase-1"))] } }),
      },
      /Expected checks in suite install; observed none/,
      "missing",
    );
  });
  it("is red when a phase or a single record is missing", () => {
    red(
      { evidence: evidenceOf({ proof: { value: [printed(firstRun)] } }) },
      /check reboot\/new-boot .* is not proven\. Expected the check to run; observed it has no record\. 1 more check/,
      "missing",
    );
    fc.assert(
      fc.property(fc.nat(4), (which) => {
        const without = (run: typeof firstRun, from: number): typeof firstRun =>
          runRecord(
            run.checks.filter((_, i) => i + from !== which),
            run.run,
          );
        const { verdict } = judge({
          evidence: evidenceOf({ proof: { value: [printed(without(firstRun, 0)), printed(without(secondRun, 3))] } }),
        });
        assert.equal(verdict, "red");
      }),
    );
  });
  it("is red for evidence of something else, as stale", () => {
    red(
      { subject: { sha256: "b".repeat(64), base: "nats" } },
      /has only stale evidence\. Expected evidence for archive b+; observed evidence for archive a+\./,
      "stale",
    );
    red({ gate: "server-lifecycle", evidence: evidenceOf({ cell: "other" }) }, /evidence of cell other/, "stale");
    red({ target: "linux-x64/debian-13" }, /Expected evidence for linux-x64\/debian-13/, "stale");
    red({ companions: ["c".repeat(64)] }, /companion archives c+; observed companion archives none/, "stale");
    const changed = suites.map((suite) =>
      suite.name === "smoke" ? { ...suite, checks: suite.checks.slice(0, 1) } : suite,
    );
    red({ suites: changed }, /suite smoke as it is now/, "stale");
  });
  it("is red for evidence that is too old, or from the future", () => {
    assert.equal(judge({ now: new Date("2026-01-03T03:04:59.000Z") }).verdict, "green");
    red({ now: new Date("2026-01-03T03:05:01.000Z") }, /Expected evidence of the last 24 hours/, "stale");
    red({ now: new Date("2026-01-02T02:59:00.000Z") }, /not from the future/, "stale");
  });
  it("is red for output that is no evidence", () => {
    red(
      { evidence: evidenceOf({ proof: { value: ["Welcome!\n", printed(secondRun)] } }) },
      /usable evidence of suite install; observed .*"Welcome!", which begins no evidence/,
      "missing",
    );
    red(
      { evidence: evidenceOf({ proof: { value: [printed(firstRun), printed(secondRun), printed(firstRun)] } }) },
      /usable evidence of suite install; observed The output|ran 3 phases/,
      "missing",
    );
  });
  it("does not believe what evidence says of itself", () => {
    const evidence = evidenceOf();
    evidence.phases[0]!.checks[2]!.exit = 1;
    red({ evidence }, /check smoke\/help/, "failed");
  });
  it("is inconclusive when the machine never came up or was lost, and says that nothing is known", () => {
    for (const more of [
      { machine: { failed: "no machine came up in 2 attempts" } },
      { proof: { failed: "the connection was lost" } },
    ]) {
      const { verdict, requirements, sentence } = judge({ evidence: evidenceOf(more) });
      assert.equal(verdict, "inconclusive");
      assert.ok(requirements.every(({ status }) => status === "errored"));
      assert.match(
        sentence,
        /^Gate server-lifecycle is inconclusive: (no machine came up in 2 attempts|the connection was lost)\. Nothing is known of .*`greenlight up` proves it again/,
      );
    }
  });
  it("is red, not inconclusive, for a lost machine when the evidence is another archive's", () =>
    red(
      { evidence: evidenceOf({ machine: { failed: "lost" } }), subject: { sha256: "b".repeat(64), base: "x" } },
      /stale/,
      "stale",
    ));
  it("is red, not inconclusive, when a check had failed before the machine was lost", () => {
    const evidence = evidenceOf();
    evidence.phases[0]!.checks[1]!.exit = 1;
    evidence.phases.pop();
    evidence.errors.push("the machine was lost");
    red({ evidence }, /check smoke\/version/, "errored");
  });

  const lostLater = (first: string, more = {}) =>
    judge({ evidence: evidenceOf({ proof: { value: [first], failed: "the connection was lost" }, ...more }), ...more });
  const changed = (more: object) =>
    printed({
      ...firstRun,
      checks: firstRun.checks.map((each) => (each.check === "version" ? { ...each, ...more } : each)),
    });

  it("is red when a check of a phase failed, whatever became of the machine in the next", () => {
    const { verdict, requirements, sentence } = lostLater(changed({ stdout: stream("9.9.9\n") }));
    assert.equal(verdict, "red");
    assert.deepEqual(
      requirements.map(({ status }) => status),
      ["errored", "failed", "errored"],
    );
    assert.match(sentence, /check smoke\/version .* failed\. Expected .*1\.2\.3.* observed .*9\.9\.9/);
  });
  it("is inconclusive when the machine was lost and nothing had failed before", () => {
    const { verdict, requirements } = lostLater(printed(firstRun));
    assert.equal(verdict, "inconclusive");
    assert.ok(requirements.every(({ status }) => status === "errored"));
  });
  it("is never green when the machine was lost, even if all that is asked was proven before", () => {
    assert.equal(
      lostLater(printed(firstRun), { policy: { ...policy, suites: ["install", "smoke"] } }).verdict,
      "inconclusive",
    );
  });
  it("is red for what a phase left out or printed instead of evidence, whatever became of the machine in the next", () => {
    for (const first of [
      printed({ ...firstRun, planned: 2, ran: 2, checks: firstRun.checks.slice(0, 2) }),
      "Welcome!\n",
      "",
    ])
      assert.equal(lostLater(first).verdict, "red");
  });
  it("does not count what the host could not see any more as left out", () => {
    const silent = { name: "silent", on: "host" as const, run: "packets", expect: { stdout: { equals: "nothing" } } };
    const watched = suites.map((each) =>
      each.name === "smoke" ? { ...each, checks: [...each.checks, silent] } : each,
    );
    assert.equal(lostLater(printed(firstRun), { suites: watched }).verdict, "inconclusive");
    assert.equal(
      lostLater(printed(firstRun), { suites: watched, observed: { packets: { value: "tcp 192.0.2.1:443" } } }).verdict,
      "red",
    );
  });
  it("takes evidence of before, with no phase of a lost machine, as inconclusive", () => {
    const evidence = evidenceOf();
    evidence.phases = [];
    evidence.errors.push("lost");
    assert.equal(judge({ evidence }).verdict, "inconclusive");
  });
  it("never throws and is never green, whatever the evidence is", () => {
    fc.assert(fc.property(fc.anything(), (evidence) => assert.equal(judge({ evidence }).verdict, "red")));
  });
  it("knows its policy by a digest", () => {
    assert.equal(
      gatePolicyDigest(policy),
      gatePolicyDigest({ maxAgeHours: 24, suites: [...policy.suites], schema: 1 }),
    );
    assert.notEqual(gatePolicyDigest(policy), gatePolicyDigest({ ...policy, maxAgeHours: 25 }));
  });
});
