import assert from "node:assert/strict";
import { EvidenceSchema, rejudge, type Proof } from "../../src/evidence/index.ts";
import { printed } from "../suites/samples.ts";
import { evidenceOf, firstRun, proof, secondRun } from "./samples.ts";

const statuses = (evidence: ReturnType<typeof evidenceOf>): string[] =>
  evidence.suites.map(({ result }) => result.status);

describe("evidence", () => {
  it("says what was proven, of what, and under which circumstances", () => {
    const evidence = evidenceOf();
    assert.deepEqual(statuses(evidence), ["passed", "passed", "passed"]);
    assert.deepEqual([evidence.errors, evidence.faults], [[], []]);
    assert.equal(evidence.machine!.accelerator, "tcg");
    assert.deepEqual(
      evidence.phases.map((phase) => phase.run),
      ["mach1-phase-1", "mach1-phase-2"],
    );
    assert.deepEqual(EvidenceSchema.parse(JSON.parse(JSON.stringify(evidence))), evidence);
  });
  it("of a machine that was lost holds an error, and nothing has passed", () => {
    for (const more of [
      { machine: { failed: "no machine came up" } },
      { proof: { failed: "ssh: connection reset" } },
    ]) {
      const evidence = evidenceOf(more);
      assert.equal(evidence.errors.length, 1);
      assert.deepEqual(statuses(evidence), ["missing", "missing", "missing"]);
    }
  });
  it("of a machine that was lost in its second phase keeps the first", () => {
    const evidence = evidenceOf({ proof: { value: [printed(firstRun)], failed: "ssh: connection reset" } });
    assert.deepEqual(
      [statuses(evidence), evidence.errors, evidence.faults],
      [["passed", "passed", "missing"], ["ssh: connection reset"], []],
    );
    assert.deepEqual(
      evidence.phases.map((phase) => phase.run),
      ["mach1-phase-1"],
    );
    assert.deepEqual(EvidenceSchema.parse(JSON.parse(JSON.stringify(evidence))), evidence);
  });
  it("does not blame an archive for a capture that ends where its machine was lost", () => {
    const evidence = evidenceOf({
      proof: { value: [printed(firstRun)], failed: "lost" },
      observed: { packets: { failed: "ends within a packet" } },
    });
    assert.deepEqual([evidence.errors, evidence.faults], [["lost", "ends within a packet"], []]);
  });
  it("of output that is no evidence holds a fault for each phase", () => {
    const cases: [string[], number, string[]][] = [
      [["", printed(secondRun)], 1, ["missing", "missing", "passed"]],
      [["oops\n", "oops\n"], 2, ["missing", "missing", "missing"]],
      [[printed({ ...firstRun, run: "mach2-phase-1" }), printed(secondRun)], 1, ["missing", "missing", "passed"]],
      [[printed(firstRun), printed({ ...secondRun, run: "mach1-phase-1" })], 1, ["passed", "passed", "missing"]],
      [[printed(firstRun), printed(secondRun), printed(firstRun)], 1, ["passed", "passed", "passed"]],
      [
        [
          printed(firstRun),
          printed({
            ...secondRun,
            planned: 3,
            ran: 3,
            checks: [...secondRun.checks, { ...secondRun.checks[0]!, suite: "stranger" }],
          }),
        ],
        1,
        ["passed", "passed", "passed"],
      ],
    ];
    for (const [outputs, faults, expected] of cases) {
      const evidence = evidenceOf({ proof: { value: outputs } });
      assert.equal(evidence.faults.length, faults, evidence.faults.join());
      assert.deepEqual(statuses(evidence), expected);
    }
  });
  it("of which a phase is missing has missing suites and no error", () => {
    const evidence = evidenceOf({ proof: { value: [printed(firstRun)] } });
    assert.deepEqual([statuses(evidence), evidence.errors], [["passed", "passed", "missing"], []]);
  });
  it("holds what the host saw for the checks that ask for it, and it is judged again from that", () => {
    const suites = proof().suites.map((suite) =>
      suite.name === "smoke"
        ? {
            ...suite,
            checks: [
              ...suite.checks,
              { name: "silent", on: "host" as const, run: "packets", expect: { stdout: { equals: "nothing" } } },
            ],
          }
        : suite,
    );
    const status = (observed: Proof["observed"]): string[] => {
      const evidence = evidenceOf({ suites, observed });
      assert.deepEqual(EvidenceSchema.parse(JSON.parse(JSON.stringify(evidence))), evidence);
      return [
        evidence.suites[1]!.result.status,
        rejudge(evidence, "smoke")!.result.status,
        String(evidence.faults.length),
      ];
    };
    assert.deepEqual(status({ packets: { value: "nothing" } }), ["passed", "passed", "0"]);
    assert.deepEqual(status({ packets: { value: "tcp 1.1.1.1:443" } }), ["failed", "failed", "0"]);
    assert.deepEqual(status({}), ["missing", "missing", "0"]);
    assert.deepEqual(status({ packets: { failed: "The capture is spoiled." } }), ["missing", "missing", "1"]);
    assert.deepEqual(
      evidenceOf({ suites, observed: { packets: { value: "nothing" } }, machine: { failed: "no machine" } }).observed,
      [],
    );
  });
  it("of before there were observations can be read, and what asks for them is missing", () => {
    const { observed: _, ...before } = evidenceOf();
    assert.deepEqual(EvidenceSchema.parse(before).observed, []);
  });
  it("is judged from its records, not by what it says of itself", () => {
    const evidence = evidenceOf();
    assert.equal(rejudge(evidence, "smoke")!.result.status, "passed");
    evidence.phases[0]!.checks[1]!.exit = 1;
    assert.equal(evidence.suites[1]!.result.status, "passed");
    assert.equal(rejudge(evidence, "smoke")!.result.status, "failed");
    evidence.phases[1]!.run = "mach2-phase-2";
    assert.equal(rejudge(evidence, "reboot")!.result.status, "missing");
    assert.equal(rejudge(evidence, "nothing"), undefined);
  });
});
