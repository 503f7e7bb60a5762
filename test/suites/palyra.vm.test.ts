/** Palyra's stand-in on a real clean machine: one installation from first to last. Its upgrades are the full run's. */
import assert from "node:assert/strict";
import { standinCandidate } from "../standin/candidate.ts";
import { proveOnMachine } from "./on-machine.ts";

describe("Palyra's stand-in on a clean machine", function () {
  this.timeout(900_000);

  it("is green from its installation to its removal, over a reboot and a power cut", async () => {
    const { folder } = await standinCandidate({ version: "0.1.0", platforms: ["linux-x64"] });
    const suites = [
      "install",
      "smoke",
      "service",
      "soak",
      "footprint",
      "reboot",
      "power-cut",
      "crash",
      "secrets",
      "uninstall",
    ] as const;
    const { judgement, evidence } = await proveOnMachine(folder, [...suites], {
      product: "palyra",
      kind: "headless",
      soakSeconds: 30,
    });
    assert.equal(judgement.verdict, "green", judgement.sentence);
    assert.equal(new Set(evidence.phases.map((phase) => phase.bootId)).size, 3);
  });
});
