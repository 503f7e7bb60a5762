/** A candidate whose server reports another version, in a workspace that has never released anything. */
import assert from "node:assert/strict";
import { readChannel } from "../../src/channel/index.ts";
import { goodCandidate } from "../good-candidate.ts";
import { brokenCandidate, Workspace } from "./workspace.ts";

describe("a broken candidate, end to end", function () {
  this.timeout(5 * 60_000);
  let workspace: Workspace;
  before(() => (workspace = new Workspace()));
  after(() => workspace.dispose());

  it("is red for its reason, keeps its machine for a look when asked, publishes nothing, and stays red without a new machine", async () => {
    await workspace.lite();
    const broken = await brokenCandidate("other-version", await goodCandidate(), workspace.path("broken"));
    const { code, text } = await workspace.greenlight("up", "--candidate", broken, "--keep-red");
    assert.equal(code, 1, text);
    assert.match(text.replace(/\s+/g, " "), /is red: check smoke\/version-nats-server of nats-server-2\.11\.4-linux-x64 on linux-x64\/debian-12 failed\. Expected .*2\.11\.4.*; observed .*2\.11\.5/);
    assert.match(text.replace(/\s+/g, " "), /The evidence is \.greenlight\/evidence\/sha256\/[0-9a-f]{64}\.json/);
    assert.deepEqual(readChannel(workspace.folder, "dev"), {});
    const machines = await workspace.machines();
    assert.equal(machines.filter((m) => m.alive).length, 1);

    const again = await workspace.greenlight("up");
    assert.equal(again.code, 1, again.text);
    assert.match(again.text, /is red/);
    assert.deepEqual((await workspace.machines()).map((m) => m.id), machines.map((m) => m.id));

    const refused = await workspace.greenlight("up", "--stack", "prod");
    assert.equal(refused.code, 1, refused.text);
    assert.match(refused.text.replace(/\s+/g, " "), /nats .*cannot be promoted from dev/);
    assert.deepEqual(readChannel(workspace.folder, "stable"), {});
  });
});
