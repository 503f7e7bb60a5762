/** A machine that is lost after a check has failed on it, on the real engine and a real machine. */
import assert from "node:assert/strict";
import { loadEvidence, readCell } from "../../src/evidence/index.ts";
import { machineState } from "../../src/machines/index.ts";
import { goodCandidate } from "../good-candidate.ts";
import { brokenCandidate, until, Workspace } from "./workspace.ts";

const cell = "server-linux-x64-debian-12-lifecycle";

describe("a machine that is lost after a check failed, end to end", function () {
  this.timeout(15 * 60_000);
  let workspace: Workspace;
  before(() => (workspace = new Workspace()));
  after(() => workspace.dispose());

  it("leaves the cell red, with the phase that failed in its evidence, and nothing is tried again", async () => {
    await workspace.make();
    for (const [i, suite] of ["install", "smoke", "service", "crash", "reboot"].entries())
      await workspace.set(`suites[${i}]`, suite);
    const broken = await brokenCandidate("other-version", await goodCandidate(), workspace.path("broken"));
    const update = workspace.start(process.execPath, [workspace.cli, "up", "--candidate", broken]);
    let said = "";
    update.child.stdout!.on("data", (chunk: Buffer) => (said += chunk.toString()));
    let over = false;
    void update.ended.then(() => (over = true));
    await until(10 * 60_000, () => over || said.includes(`proving  ${cell}-prove-2`));
    await workspace.killMachine(cell);
    const { code, text } = await update.ended;
    assert.equal(code, 1, text);
    assert.match(
      text.replace(/\s+/g, " "),
      /is red: check smoke\/version-nats-server .* failed\. Expected .*2\.11\.4.*; observed .*2\.11\.5/,
    );
    assert.doesNotMatch(text, /trying once more/);
    const evidence = loadEvidence(workspace.folder, readCell(workspace.folder, "dev", cell)!.latest);
    assert.deepEqual([evidence.phases.length, evidence.errors.length], [1, 1]);
    assert.match(evidence.errors[0]!, /lost while it was at work \(phase 2 of 2\)/);
    assert.equal((await machineState(workspace.folder, evidence.machine!.id)).stage, "spent");
  });
});
