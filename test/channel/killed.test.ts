import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  channelFolder,
  promoteRelease,
  publishRelease,
  readChannel,
  publishedFolder,
  verifyRelease,
} from "../../src/channel/index.ts";
import { sha256 } from "../../src/storage/digest.ts";
import { Fixture } from "./fixture.ts";

/** Runs the publisher until its step `at`; answers the steps that it reached and whether it was killed. */
function publisher(args: object, at: number, fixture: Fixture): { steps: string[]; killed: boolean } {
  const { file } = fixture.put("args.json", JSON.stringify(args));
  const { stdout, stderr, signal, status } = spawnSync(
    process.execPath,
    [join(import.meta.dirname, "publisher.ts"), file, String(at)],
    { encoding: "utf8" },
  );
  assert.ok(signal === "SIGKILL" || status === 0, stderr);
  return { steps: stdout.split("\n").filter((line) => line !== ""), killed: signal === "SIGKILL" };
}

/** What any reader sees must be whole, and of the two releases at most. */
async function readerSees(workspace: string, channel: string): Promise<string[]> {
  const index = readChannel(workspace, channel)["tool"];
  for (const { version, release } of index?.releases ?? [])
    assert.deepEqual(await verifyRelease(publishedFolder(workspace, channel, "tool", version), release), []);
  return (index?.releases ?? []).map((r) => r.version);
}

describe("a publication that is killed", function () {
  this.timeout(120_000);

  it("at any step leaves readers with whole releases, and the next run converges", async () => {
    const seen: string[] = [];
    for (let at = 1, killed = true; killed; at++) {
      const fixture = new Fixture();
      try {
        await publishRelease(fixture.release("0.9.0"));
        const run = publisher({ publish: fixture.release() }, at, fixture);
        killed = run.killed;
        const last = run.steps.at(-1)!;
        seen.push(last);
        const published = !killed || last === "after the index";
        assert.deepEqual(await readerSees(fixture.workspace, "dev"), published ? ["0.9.0", "1.0.0"] : ["0.9.0"], last);
        const next = await publishRelease(fixture.release());
        assert.equal(next.outcome, published ? "adopted" : "published", last);
        assert.deepEqual(await readerSees(fixture.workspace, "dev"), ["0.9.0", "1.0.0"]);
        assert.deepEqual(readdirSync(channelFolder(fixture.workspace, "dev")).sort(), ["releases", "tool.json"]);
        assert.deepEqual(readdirSync(join(channelFolder(fixture.workspace, "dev"), "releases", "tool")).sort(), [
          "0.9.0",
          "1.0.0",
        ]);
      } finally {
        fixture.remove();
      }
    }
    assert.ok(
      seen.length >= 15 &&
        ["locked", "before verifying", "before placing", "before the index", "after the index"].every((s) =>
          seen.includes(s),
        ),
      seen.join(", "),
    );
  });

  it("before the index is followed by the same bytes, also with another proof, and by no others: somebody may have them", async () => {
    const fixture = new Fixture();
    try {
      const { steps } = publisher({ publish: fixture.release() }, 14, fixture);
      assert.equal(steps.at(-1), "before the index");
      const folder = publishedFolder(fixture.workspace, "dev", "tool", "1.0.0");
      const list = readFileSync(join(folder, "release.json"), "utf8");
      await assert.rejects(
        publishRelease(fixture.release("1.0.0", { salt: "other" })),
        /Channel dev holds a folder of tool 1\.0\.0 that no index names, with other bytes/,
      );
      await assert.rejects(
        publishRelease(fixture.release("1.1.0")),
        /Channel dev holds tool 1\.0\.0 and no index that names a release/,
      );
      const next = await publishRelease(fixture.release("1.0.0", { run: "again" }));
      assert.equal(next.outcome, "published");
      assert.equal(next.digest, sha256(list));
      assert.deepEqual(await verifyRelease(next.folder, next.digest), []);
    } finally {
      fixture.remove();
    }
  });

  it("leaves staging folders and temporary files that the next holder of the lock removes", async () => {
    const fixture = new Fixture();
    try {
      const folder = channelFolder(fixture.workspace, "dev");
      mkdirSync(join(folder, ".staging", "tool-1.0.0"), { recursive: true });
      writeFileSync(join(folder, ".staging", "tool-1.0.0", "half"), "");
      writeFileSync(join(folder, ".tmp-1-abc"), "");
      await publishRelease(fixture.release());
      assert.deepEqual(readdirSync(folder).sort(), ["releases", "tool.json"]);
    } finally {
      fixture.remove();
    }
  });

  it("as a promotion leaves the next channel as whole", async () => {
    const fixture = new Fixture();
    try {
      const args = fixture.release();
      await publishRelease(args);
      const digests = Object.fromEntries(args.files.map(({ name, sha256 }) => [name, sha256]));
      const promote = {
        workspace: fixture.workspace,
        from: "dev",
        to: "stable",
        product: "tool",
        version: "1.0.0",
        digests,
      };
      for (const at of [2, 13, 14]) {
        assert.ok(publisher({ promote }, at, fixture).killed);
        assert.deepEqual(await readerSees(fixture.workspace, "stable"), []);
      }
      assert.equal((await promoteRelease(promote)).outcome, "published");
      assert.deepEqual(await readerSees(fixture.workspace, "stable"), ["1.0.0"]);
    } finally {
      fixture.remove();
    }
  });
});
