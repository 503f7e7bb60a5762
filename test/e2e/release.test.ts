/** The whole way, on the real engine and real machines: one workspace, from a fresh candidate to an empty host. */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { readChannel, verifyRelease, releasedFacts } from "../../src/channel/index.ts";
import { loadEvidence, readCell } from "../../src/evidence/index.ts";
import { listMachines } from "../../src/machines/index.ts";
import { goodCandidate } from "../good-candidate.ts";
import { assertNothingLeft } from "./inventory.ts";
import { brokenCandidate, until, Workspace } from "./workspace.ts";

const lifecycle = "server-linux-x64-debian-12-lifecycle";
const recipe = "server-linux-x64-debian-12-recipe";
const minute = 60_000;

describe("a release, end to end", function () {
  this.timeout(20 * minute);
  this.bail(true);
  let workspace: Workspace;
  let good: string;

  before(async () => {
    good = await goodCandidate();
    workspace = new Workspace();
  });
  after(() => workspace?.dispose());
  const files = (folder: string) =>
    existsSync(workspace.path(folder)) ? readdirSync(workspace.path(folder), { recursive: true }).length : 0;
  const archive = () => releasedFacts(workspace.folder, "dev", "nats", "2.11.4")!;

  it("previews a candidate that was never seen: exact digests, nothing changed", async () => {
    const { code, text } = await workspace.greenlight("preview", "--candidate", good);
    assert.equal(code, 0, text);
    assert.deepEqual(existsSync(workspace.path(".greenlight/state/.pulumi")), false);
    assert.equal(readFileSync(workspace.path("Pulumi.dev.yaml"), "utf8"), "config:\n  greenlight:channel: dev\n");
    await workspace.make();
    await workspace.set("candidate", good);
    const byHand = await workspace.pulumi("preview", "--stack", "dev", "--diff");
    assert.equal(byHand.code, 0, byHand.text);
    assert.match(byHand.text, /sha256 *: "[0-9a-f]{64}"/);
    assert.equal(files(".greenlight/channels") + files(".greenlight/evidence") + files(".greenlight/machines"), 0);
    await assertNothingLeft(workspace.folder);
  });

  it("says everything that is missing at once, by hand and by command", async () => {
    const broken = await brokenCandidate("executable-bit-lost", good, workspace.path("incomplete"));
    rmSync(join(broken, "linux-x64", "nats"));
    rmSync(join(broken, "linux-x64", "nats-server"));
    const { code, text } = await workspace.greenlight("preview", "--candidate", broken);
    await workspace.set("candidate", broken);
    assert.equal(code, 2, text);
    assert.match(text, /linux-x64\/nats\b/);
    assert.match(text, /linux-x64\/nats-server/);
    assert.doesNotMatch(text, /^\s+at /m);
    const byHand = await workspace.pulumi("preview", "--stack", "dev");
    assert.notEqual(byHand.code, 0);
    assert.match(byHand.text, /linux-x64\/nats-server does[\s\S]*linux-x64\/nats does/);
    assert.doesNotMatch(byHand.text, /^\s+at /m);
  });

  it("publishes what clean machines have proven: service, reboot, power cut, removal and recipe", async () => {
    const { code, text } = await workspace.greenlight("up", "--candidate", good);
    assert.equal(code, 0, text);
    assert.match(text, /Published nats 2\.11\.4 to channel dev/);
    const { folder, digest } = archive();
    assert.deepEqual(await verifyRelease(join(workspace.folder, folder), digest), []);
    for (const cell of [lifecycle, recipe]) {
      const evidence = loadEvidence(workspace.folder, readCell(workspace.folder, "dev", cell)!.latest);
      assert(evidence.suites.length > 0 && evidence.suites.every((s) => s.result.status === "passed"));
      assert.equal(evidence.subject.sha256, archive().files["nats-server-2.11.4-linux-x64.zip"]);
      assert.match(evidence.machine!.imageDigest, /^[0-9a-f]{64}$/);
    }
    const phases = loadEvidence(workspace.folder, readCell(workspace.folder, "dev", lifecycle)!.latest).phases;
    assert.equal(phases.length, 3);
    assert.equal(new Set(phases.map((phase) => phase.bootId)).size, 3);
    assert.deepEqual(
      (await listMachines({ workspace: workspace.folder })).filter((m) => m.alive),
      [],
    );
  });

  it("changes nothing and starts nothing when nothing has changed", async () => {
    const evidence = files(".greenlight/evidence");
    const { code, text } = await workspace.pulumi(
      "up",
      "--yes",
      "--skip-preview",
      "--stack",
      "dev",
      "--expect-no-changes",
    );
    assert.equal(code, 0, text);
    const refreshed = await workspace.pulumi(
      "refresh",
      "--yes",
      "--skip-preview",
      "--stack",
      "dev",
      "--expect-no-changes",
    );
    assert.equal(refreshed.code, 0, refreshed.text);
    const again = await workspace.greenlight("up");
    assert.equal(again.code, 0, again.text);
    assert.match(again.text, /Nothing has changed: nats 2\.11\.4 is in channel dev/);
    assert.equal(files(".greenlight/evidence"), evidence);
  });

  it("promotes the same bytes to stable, and refuses what dev has not released", async () => {
    const other = await workspace.greenlight("preview", "--stack", "prod");
    assert.equal(other.code, 0, other.text);
    await workspace.make("prod");
    const set = await workspace.pulumi("config", "set", "greenlight:promoteVersion", "9.9.9", "--stack", "prod");
    assert.equal(set.code, 0, set.text);
    const refused = await workspace.greenlight("up", "--stack", "prod");
    assert.equal(refused.code, 1, refused.text);
    assert.match(refused.text, /nats 9\.9\.9 cannot be promoted from dev: that stack has released nats 2\.11\.4\./);
    assert.doesNotMatch(refused.text, /^\s+at /m);
    assert.deepEqual(readChannel(workspace.folder, "stable"), {});
    await workspace.pulumi("config", "rm", "greenlight:promoteVersion", "--stack", "prod");
    const { code, text } = await workspace.greenlight("up", "--stack", "prod");
    assert.equal(code, 0, text);
    assert.equal(releasedFacts(workspace.folder, "stable", "nats", "2.11.4")!.digest, archive().digest);
  });

  it("goes red on a broken candidate: one paragraph, evidence kept, the channel as it was; and promotes nothing of it", async () => {
    await workspace.lite();
    const index = readFileSync(workspace.path(".greenlight/channels/dev/nats.json"), "utf8");
    const broken = await brokenCandidate("service-exits", good, workspace.path("broken"));
    const { code, text } = await workspace.greenlight("up", "--candidate", broken);
    assert.equal(code, 1, text);
    assert.match(
      text,
      new RegExp(`Gate ${lifecycle} is red: check install/install of nats-server-2\\.11\\.4-linux-x64`),
    );
    assert.match(text.replace(/\s+/g, " "), /Expected .* observed exit code 6/);
    assert.match(text, /Nothing was published to channel dev/);
    assert.doesNotMatch(text, /^\s+at |unhandled/m);
    const byHand = await workspace.pulumi("up", "--yes", "--skip-preview", "--stack", "dev");
    assert.notEqual(byHand.code, 0);
    assert.match(byHand.text.replace(/\s+/g, " "), new RegExp(`Gate ${lifecycle} is red: check install/install`));
    assert.doesNotMatch(byHand.text, /^\s+at |unhandled/m);
    assert.equal(readFileSync(workspace.path(".greenlight/channels/dev/nats.json"), "utf8"), index);
    const { latest } = readCell(workspace.folder, "dev", lifecycle)!;
    assert(loadEvidence(workspace.folder, latest).suites.some((s) => s.result.status !== "passed"));
  });

  it("goes green again with the mended candidate, though a machine is lost on the way: inconclusive, and tried again", async () => {
    const { ended } = workspace.start(process.execPath, [workspace.cli, "up", "--candidate", good]);
    await until(8 * minute, async () =>
      (await listMachines({ workspace: workspace.folder })).some((m) => m.alive && m.cell === lifecycle),
    );
    await sleep(6000); // the upload is over by then, and the proof is not
    await workspace.killMachine(lifecycle);
    const { code, text } = await ended;
    assert.equal(code, 0, text);
    assert.match(text, /inconclusive; trying once more/);
    const history = readCell(workspace.folder, "dev", lifecycle)!.history.map((digest) =>
      loadEvidence(workspace.folder, digest),
    );
    assert.deepEqual(
      history.slice(-2).map((e) => e.errors.length > 0),
      [true, false],
    );
  });

  it("finds its way back after the engine was killed in the middle of an update", async () => {
    await workspace.set(`attempts["${lifecycle}"]`, "7");
    const { child, ended } = workspace.start("pulumi", [
      "--non-interactive",
      "up",
      "--yes",
      "--skip-preview",
      "--stack",
      "dev",
    ]);
    await until(8 * minute, async () =>
      (await listMachines({ workspace: workspace.folder })).some((m) => m.alive && m.cell === lifecycle),
    );
    child.kill("SIGKILL");
    await ended;
    const byHand = await workspace.pulumi("up", "--yes", "--skip-preview", "--stack", "dev");
    assert.notEqual(byHand.code, 0, "the lock of the killed engine should stand");
    const { code, text } = await workspace.greenlight("up");
    assert.equal(code, 0, text);
    assert.match(text, /was killed .*its lock is cleared/);
    assert.deepEqual(
      (await listMachines({ workspace: workspace.folder })).filter((m) => m.alive),
      [],
    );
  });

  it("leaves the releases and their evidence, and nothing else, when it is destroyed", async () => {
    for (const stack of ["prod", "dev"]) {
      const { code, text } = await workspace.greenlight("destroy", "--stack", stack);
      assert.equal(code, 0, text);
    }
    for (const channel of ["dev", "stable"]) {
      const { folder, digest } = releasedFacts(workspace.folder, channel, "nats", "2.11.4")!;
      assert.deepEqual(await verifyRelease(join(workspace.folder, folder), digest), []);
    }
    assert(readCell(workspace.folder, "dev", lifecycle)!.history.length >= 3);
    assert.equal(files(".greenlight/archives"), 0);
    await assertNothingLeft(workspace.folder);
    const { text } = await workspace.pulumi("stack", "export", "--stack", "dev");
    assert.deepEqual(JSON.parse(text).deployment.resources ?? [], []);
  });
});
