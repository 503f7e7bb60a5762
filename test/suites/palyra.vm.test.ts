/** Palyra's stand-in on real clean machines: one installation from first to last, and one that is upgraded and taken back. */
import assert from "node:assert/strict";
import { standinCandidate } from "../standin/candidate.ts";
import { proveOnMachine } from "./on-machine.ts";

const platforms = ["linux-x64"] as const;

describe("Palyra's stand-in on clean machines", function () {
  this.timeout(900_000);
  const candidate = async (version: string): Promise<string> => (await standinCandidate({ version, platforms })).folder;

  it("headless is green from its installation to its removal, over a reboot and a power cut", async () => {
    const suites = ["install", "smoke", "service", "soak", "footprint", "reboot", "power-cut", "crash", "secrets", "uninstall"] as const;
    const { judgement, evidence } = await proveOnMachine(await candidate("0.1.0"), [...suites], { product: "palyra", kind: "headless", soakSeconds: 30 });
    assert.equal(judgement.verdict, "green", judgement.sentence);
    assert.equal(new Set(evidence.phases.map((phase) => phase.bootId)).size, 3);
  });

  it("headless is green over the release before, back with its data, and after an upgrade that was made to fail", async () => {
    const options = { product: "palyra", kind: "headless", previous: await candidate("0.1.0") };
    const { judgement } = await proveOnMachine(await candidate("0.2.0"), ["upgrade", "rollback", "crash", "secrets", "failed-upgrade"], options);
    assert.equal(judgement.verdict, "green", judgement.sentence);
  });
});
