/** A candidate whose server reports another version, in a workspace that has never released anything. */
import assert from "node:assert/strict";
import { readChannel } from "../../src/channel/index.ts";
import { goodCandidate } from "../good-candidate.ts";
import { brokenCandidate, Workspace } from "./workspace.ts";

const cell = "server-linux-x64-debian-12-lifecycle";

describe("a broken candidate, end to end", function () {
  this.timeout(15 * 60_000);
  let workspace: Workspace;
  before(() => (workspace = new Workspace()));
  after(() => workspace.dispose());

  it("is red for its reason, keeps its machine for a look when asked, publishes nothing, and stays red without a new machine", async () => {
    await workspace.lite();
    const broken = await brokenCandidate("other-version", await goodCandidate(), workspace.path("broken"));
    const { code, text } = await workspace.greenlight("up", "--candidate", broken, "--keep-red");
    assert.equal(code, 1, text);
    assert.match(
      text.replace(/\s+/g, " "),
      /is red: check smoke\/version-nats-server of nats-server-2\.11\.4-linux-x64 on linux-x64\/debian-12 failed\. Expected .*2\.11\.4.*; observed .*2\.11\.5/,
    );
    assert.match(text.replace(/\s+/g, " "), /The evidence is \.greenlight\/evidence\/sha256\/[0-9a-f]{64}\.json/);
    assert.deepEqual(readChannel(workspace.folder, "dev"), {});
    const machines = await workspace.machines();
    assert.equal(machines.filter((m) => m.alive).length, 1);

    const again = await workspace.greenlight("up");
    assert.equal(again.code, 1, again.text);
    assert.match(again.text, /is red/);
    assert.deepEqual(
      (await workspace.machines()).map((m) => m.id),
      machines.map((m) => m.id),
    );

    // The machine is kept for a look; when it dies, nothing is lost: it had left its evidence.
    const shell = workspace.start(
      process.execPath,
      [workspace.cli, "shell", cell],
      "cat /proc/sys/kernel/hostname; ls /root/upload; exit 7\n",
    );
    const looked = await shell.ended;
    assert.equal(looked.code, 7, looked.text);
    assert.match(looked.text, /nats-server-2\.11\.4-linux-x64\.zip/);
    await workspace.killMachine(cell);
    const refreshed = await workspace.pulumi(
      "refresh",
      "--yes",
      "--skip-preview",
      "--stack",
      "dev",
      "--expect-no-changes",
    );
    assert.equal(refreshed.code, 0, refreshed.text);
    const nobody = await workspace.greenlight("shell", cell);
    assert.equal(nobody.code, 2);
    assert.match(nobody.text, /No machine of cell .* is alive/);

    const refused = await workspace.greenlight("up", "--stack", "prod");
    assert.equal(refused.code, 1, refused.text);
    assert.match(refused.text.replace(/\s+/g, " "), /nats .*cannot be promoted from dev/);
    assert.deepEqual(readChannel(workspace.folder, "stable"), {});
  });
});
