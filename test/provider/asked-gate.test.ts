/** A publication believes the evidence of the machine that it asks for, told what it asks for, and no other. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AskedGate } from "../../src/contract/index.ts";
import { storeEvidence } from "../../src/evidence/index.ts";
import { provenGate } from "../../src/provider/asked-gate.ts";
import { suiteDigest } from "../../src/suites/index.ts";
import { archiveDigest, evidenceOf, suites } from "../evidence/samples.ts";

describe("what a publication asks of a gate", () => {
  let workspace: string;
  before(() => (workspace = mkdtempSync(join(tmpdir(), "asked-"))));
  after(() => rmSync(workspace, { recursive: true }));
  const companion = "c".repeat(64);
  const asked = (more: Partial<AskedGate> = {}, evidence = evidenceOf({ companions: [companion] })): AskedGate => {
    const digest = storeEvidence(workspace, evidence);
    return {
      name: "server-lifecycle",
      subject: archiveDigest,
      target: "linux-x64/debian-12",
      companions: [companion],
      suites: suites.map((suite) => ({ name: suite.name, digest: suiteDigest(suite) })),
      result: { value: { gate: "server-lifecycle", verdict: "green", subject: archiveDigest, evidence: digest } },
      ...more,
    };
  };

  it("is proven by evidence of just that", () => {
    const { verdict, suites: passed, companions } = provenGate(workspace, asked());
    assert.deepEqual([verdict, passed, companions], ["green", ["install", "smoke", "reboot"], [companion]]);
    assert.deepEqual(provenGate(workspace, asked({ suites: asked().suites.slice(0, 1) })).suites, ["install"]);
  });

  const lax = suites.map((suite) => ({
    ...suite,
    checks: suite.checks.map((check) => ({ ...check, run: "true", expect: {} })),
  }));
  const refused: [string, () => AskedGate, RegExp][] = [
    [
      "suites of the same names that ask for less",
      () => asked({}, evidenceOf({ companions: [companion], suites: lax })),
      /^EdgeError: the evidence of gate server-lifecycle is of another suite smoke \([0-9a-f]{12}\) than is asked for \([0-9a-f]{12}\)$/,
    ],
    [
      "a suite too few",
      () => asked({}, evidenceOf({ companions: [companion], suites: suites.slice(0, 2) })),
      /has no suite reboot/,
    ],
    [
      "another target",
      () => asked({}, evidenceOf({ companions: [companion], target: "linux-x64/debian-13" })),
      /is of linux-x64\/debian-13, and linux-x64\/debian-12 is asked for/,
    ],
    [
      "no companion",
      () => asked({}, evidenceOf({ companions: [] })),
      /was given nothing beside the archive, and cccccccccccc is asked for/,
    ],
    [
      "another companion",
      () => asked({}, evidenceOf({ companions: ["d".repeat(64)] })),
      /was given dddddddddddd beside the archive, and cccccccccccc is asked for/,
    ],
    [
      "a companion more",
      () => asked({}, evidenceOf({ companions: [companion, "d".repeat(64)] })),
      /was given cccccccccccc, dddddddddddd beside the archive, and cccccccccccc is asked for/,
    ],
    [
      "another archive than its gate says",
      () =>
        asked(
          {},
          evidenceOf({ companions: [companion], subject: { ...evidenceOf().subject, sha256: "b".repeat(64) } }),
        ),
      /is about archive bbbbbbbbbbbb, and aaaaaaaaaaaa is to be published/,
    ],
    [
      "another cell",
      () => asked({}, evidenceOf({ companions: [companion], cell: "server-upgrade" })),
      /is that of server-upgrade/,
    ],
    [
      "evidence that is not there",
      () =>
        asked({
          result: {
            value: { gate: "server-lifecycle", verdict: "green", subject: archiveDigest, evidence: "e".repeat(64) },
          },
        }),
      /does not exist/,
    ],
    [
      "a result that is not green",
      () => {
        const { result, ...gate } = asked();
        return {
          ...gate,
          result: { value: { ...("value" in result ? result.value : assert.fail()), verdict: "red" } },
        };
      },
      /gate server-lifecycle is not green/,
    ],
    ["no result", () => asked({ result: { failed: "x" } }), /gate server-lifecycle is not green/],
  ];
  for (const [what, gate, clause] of refused)
    it(`is not proven by ${what}`, () => assert.throws(() => provenGate(workspace, gate()), clause));
});
