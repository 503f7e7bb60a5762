import assert from "node:assert/strict";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  previousFaults,
  previousRelease,
  publishRelease,
  publishedFolder,
  type FileToPublish,
} from "../../src/channel/index.ts";
import { indexFile } from "../../src/channel/release.ts";
import { Fixture, now } from "./fixture.ts";

describe("the release before", () => {
  let fixture: Fixture;
  beforeEach(() => (fixture = new Fixture()));
  afterEach(() => fixture.remove());
  /** A release with the manifests that real ones have. */
  const release = (version: string) => {
    const args = fixture.release(version);
    const manifest = (base: string): FileToPublish => {
      const text = JSON.stringify({
        version,
        binaries: [{ logical_name: "toold" }, { logical_name: "tool", version: "7.0.0" }],
      });
      return { name: `${base}.release-manifest.json`, role: "sidecar", ...fixture.put(`${base}.json`, text) };
    };
    const manifests = args.files
      .filter(({ role }) => role === "archive")
      .map(({ name }) => manifest(name.slice(0, -4)));
    args.files.push(...manifests);
    return {
      ...args,
      notExecuted: [...args.notExecuted, ...manifests.map(({ name }) => ({ path: name, reason: "nothing runs it" }))],
    };
  };
  const publish = (version: string) => publishRelease(release(version));
  const before = (version: string, asked?: string) => previousRelease(fixture.workspace, "dev", "tool", version, asked);

  it("is none in a channel that was never published to, and for the first that was, whatever came after it", async () => {
    assert.equal(before("1.0.0"), undefined);
    await publish("1.0.0");
    assert.equal(before("1.0.0"), undefined);
    await publishRelease({ ...release("2.0.0"), now: new Date(now.getTime() + 1000) });
    assert.equal(before("1.0.0"), undefined);
  });

  it("is refused, and not said to be none, where the channel holds only versions that are not older", async () => {
    await publish("1.0.0");
    const refusal =
      /Channel dev holds tool 1\.0\.0, and none is older than 0\.9\.0, so that there is no release to upgrade from though the channel is not empty; publish 0\.9\.0 to a channel of its own \(greenlight:channel\), or give the candidate a later version\.$/;
    assert.throws(() => before("0.9.0"), refusal);
    assert.throws(() => before("1.0.0-rc.1"), /holds tool 1\.0\.0, and none is older than 1\.0\.0-rc\.1/);
    assert.throws(() => before("1.0.0+other"), /holds tool 1\.0\.0, and none is older than 1\.0\.0\+other/);
    assert.throws(() => before("0.9.0", "1.0.0"), refusal);
    assert.equal(previousRelease(fixture.workspace, "other", "tool", "0.9.0"), undefined);
    await publishRelease({ ...release("0.9.0"), now: new Date(now.getTime() + 1000) });
    assert.throws(() => before("0.9.0"), refusal);
    assert.equal(before("0.9.1")!.version, "0.9.0");
  });

  it("is the newest below the candidate, also once that is published itself, by the order of versions", async () => {
    for (const version of ["1.2.0", "1.10.0", "1.10.0-rc.1", "2.0.0"]) await publish(version);
    assert.equal(before("1.10.0")!.version, "1.10.0-rc.1");
    assert.equal(before("2.0.0")!.version, "1.10.0");
    assert.equal(before("3.0.0")!.version, "2.0.0");
  });

  it("is known with the archives and recipes that the channel holds", async () => {
    const { files } = release("1.0.0");
    await publish("1.0.0");
    const { archives } = before("1.1.0")!;
    assert.deepEqual(
      archives.map(({ base, kind, platform }) => [base, kind, platform]),
      [
        ["tool-server-1.0.0-linux-arm64", "server", "linux-arm64"],
        ["tool-server-1.0.0-linux-x64", "server", "linux-x64"],
      ],
    );
    const digest = (name: string) => files.find((file) => file.name === name)!.sha256;
    assert.deepEqual(archives[1], {
      base: "tool-server-1.0.0-linux-x64",
      kind: "server",
      platform: "linux-x64",
      path: ".greenlight/channels/dev/releases/tool/1.0.0/tool-server-1.0.0-linux-x64.zip",
      sha256: digest("tool-server-1.0.0-linux-x64.zip"),
      binaryVersions: { toold: "1.0.0", tool: "7.0.0" },
      recipe: {
        path: ".greenlight/channels/dev/releases/tool/1.0.0/tool-server-1.0.0-linux-x64.recipe-single-vm.zip",
        sha256: digest("tool-server-1.0.0-linux-x64.recipe-single-vm.zip"),
      },
    });
  });

  it("is the one that was asked for, when the channel holds it and it is older", async () => {
    for (const version of ["1.0.0", "1.1.0", "2.0.0"]) await publish(version);
    assert.equal(before("2.0.0", "1.0.0")!.version, "1.0.0");
    assert.throws(
      () => before("2.0.0", "1.5.0"),
      /tool 1\.5\.0 is not in channel dev, which holds 1\.0\.0, 1\.1\.0, 2\.0\.0; set greenlight:previous/,
    );
    assert.throws(() => before("1.1.0", "2.0.0"), /tool 2\.0\.0 is not older than 1\.1\.0; set greenlight:previous/);
    assert.throws(() => previousRelease(fixture.workspace, "empty", "tool", "1.0.0", "0.1.0"), /which holds nothing/);
  });

  it("is one of another channel when that is asked for, as whoever promotes there will ask", async () => {
    await publish("1.5.0");
    await publishRelease({ ...release("1.0.0"), channel: "stable" });
    const found = before("2.0.0", "stable/1.0.0")!;
    assert.deepEqual(
      [found.version, found.archives[0]!.path],
      ["1.0.0", ".greenlight/channels/stable/releases/tool/1.0.0/tool-server-1.0.0-linux-arm64.zip"],
    );
    assert.equal(previousRelease(fixture.workspace, "new", "tool", "2.0.0", "stable/1.0.0")!.version, "1.0.0");
    assert.throws(
      () => before("2.0.0", "stable/1.5.0"),
      /tool 1\.5\.0 is not in channel stable, which holds 1\.0\.0; set greenlight:previous/,
    );
    assert.throws(() => before("2.0.0", "nightly/1.0.0"), /is not in channel nightly, which holds nothing/);
    assert.throws(() => before("1.5.0", "stable/2.0.0"), /is not in channel stable/);
    assert.throws(() => before("1.0.0", "stable/1.0.0"), /none is older than 1\.0\.0/);
  });

  it("is never taken for none when releases lie there and no index names them, but for a first publication that was cut off", async () => {
    await publish("1.0.0");
    const file = indexFile(fixture.workspace, "dev", "tool");
    const old = readFileSync(file);
    await publish("1.1.0");
    writeFileSync(file, old);
    assert.throws(
      () => before("2.0.0"),
      /Channel dev holds tool 1\.1\.0 and an index that does not name them.*`greenlight channel repair dev`/,
    );
    assert.equal(before("1.1.0")!.version, "1.0.0");
    rmSync(publishedFolder(fixture.workspace, "dev", "tool", "1.1.0"), { recursive: true });
    rmSync(file);
    assert.throws(
      () => before("2.0.0"),
      /Channel dev holds tool 1\.0\.0 and no index that names a release.*`greenlight channel repair dev`/,
    );
    assert.equal(before("1.0.0"), undefined);
  });

  it("is never taken for none when the channel cannot be read", async () => {
    await publishRelease(fixture.release("0.5.0"));
    assert.throws(
      () => before("0.6.0"),
      /tool 0\.5\.0 holds no tool-server-0\.5\.0-linux-arm64\.release-manifest\.json/,
    );
    await publish("1.0.0");
    const manifest = join(
      publishedFolder(fixture.workspace, "dev", "tool", "1.0.0"),
      "tool-server-1.0.0-linux-x64.release-manifest.json",
    );
    rmSync(manifest);
    assert.throws(
      () => before("2.0.0"),
      /release-manifest\.json cannot be read \(ENOENT\), though it was released; restore .*greenlight:previous/,
    );
    writeFileSync(manifest, "{}");
    assert.throws(() => before("2.0.0"), /release-manifest\.json has SHA-256/);
    const index = indexFile(fixture.workspace, "dev", "tool");
    rmSync(join(publishedFolder(fixture.workspace, "dev", "tool", "1.0.0"), "release.json"), { force: true });
    assert.throws(() => before("2.0.0"), /release\.json cannot be read \(ENOENT\), though channel dev names it/);
    writeFileSync(index, "{");
    assert.throws(() => before("2.0.0"), /tool\.json/);
  });

  it("is at fault when an archive or a recipe that machines will be given is gone or altered", async () => {
    await publish("1.0.0");
    const faults = () => previousFaults(fixture.workspace, before("1.1.0")!, ["linux-x64"]);
    assert.deepEqual(await faults(), []);
    const folder = publishedFolder(fixture.workspace, "dev", "tool", "1.0.0");
    const spoil = (name: string, text?: string) => {
      rmSync(join(folder, name));
      if (text !== undefined) writeFileSync(join(folder, name), text);
    };
    spoil("tool-server-1.0.0-linux-arm64.zip"); // of a platform that no machine is asked for
    assert.deepEqual(await faults(), []);
    spoil("tool-server-1.0.0-linux-x64.zip");
    spoil("tool-server-1.0.0-linux-x64.recipe-single-vm.zip", "another");
    const [archive, recipe, ...more] = await faults();
    assert.match(
      archive!,
      /tool-server-1\.0\.0-linux-x64\.zip cannot be read \(ENOENT\), though it was released; restore .*greenlight:previous/,
    );
    assert.match(recipe!, /recipe-single-vm\.zip has SHA-256 [0-9a-f]{64}, and [0-9a-f]{64} was released/);
    assert.deepEqual(more, []);
  });
});
