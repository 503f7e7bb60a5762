/** What goes wrong around an installation, on real machines: NATS and Palyra's stand-in come through all of it. */
import assert from "node:assert/strict";
import { goodCandidate } from "../good-candidate.ts";
import { standinCandidate } from "../standin/candidate.ts";
import { proveOnMachine, type MachineProof } from "./on-machine.ts";

const suites = ["install", "service", "chaos", "chaos-power-cut"] as const;

function assertGreen({ judgement, evidence }: MachineProof): void {
  assert.equal(judgement.verdict, "green", judgement.sentence);
  assert.equal(new Set(evidence.phases.map((phase) => phase.bootId)).size, 2);
}

describe("chaos on a clean machine", function () {
  this.timeout(900_000);

  it("leaves NATS healthy with what was planted, after each of seven faults", async () => {
    assertGreen(await proveOnMachine(await goodCandidate(), [...suites]));
  });

  it("leaves Palyra's stand-in healthy with what was planted, after each of seven faults", async () => {
    const { folder } = await standinCandidate({ version: "0.1.0", platforms: ["linux-x64"] });
    assertGreen(await proveOnMachine(folder, [...suites], { product: "palyra", kind: "headless" }));
  });
});
