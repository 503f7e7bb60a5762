/**
 * An index that was lost, or that is older than the releases: nothing is replaced, nothing is forgotten, and repair
 * takes it back in.
 */
import assert from "node:assert/strict";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import {
  channelFolder,
  checkPromotion,
  latestRelease,
  promoteRelease,
  publishRelease,
  readChannel,
  publishedFolder,
  repairChannel,
} from "../../src/channel/index.ts";
import { repair } from "../../src/cli/channel.ts";
import { EdgeError } from "../../src/edges/edges.ts";
import { Fixture, now } from "./fixture.ts";

const says = (sentence: RegExp) => (e: unknown) => e instanceof EdgeError && (assert.match(e.message, sentence), true);

describe("a channel whose index is not that of its releases", () => {
  let fixture: Fixture;
  beforeEach(() => (fixture = new Fixture()));
  afterEach(() => fixture.remove());
  const file = () => join(channelFolder(fixture.workspace, "stable"), "tool.json");
  const folder = (version: string) => publishedFolder(fixture.workspace, "stable", "tool", version);
  const publish = (version: string, salt?: string) =>
    publishRelease(fixture.release(version, { channel: "stable", ...(salt !== undefined && { salt }) }));
  const bytes = (version: string) =>
    readFileSync(join(folder(version), `tool-server-${version}-linux-x64.zip`), "utf8");
  const named = () => readChannel(fixture.workspace, "stable")["tool"]?.releases.map((entry) => entry.version);
  const spoil = (version: string) => {
    const zip = join(folder(version), `tool-server-${version}-linux-x64.zip`);
    chmodSync(zip, 0o644);
    writeFileSync(zip, "spoiled");
  };
  /** Publishes 1.0.0 and 1.1.0, and puts the index of 1.0.0 back. */
  const olderIndex = async () => {
    await publish("1.0.0");
    const old = readFileSync(file());
    await publish("1.1.0");
    writeFileSync(file(), old);
  };
  const promotion = async (version: string) => {
    const args = fixture.release(version);
    await publishRelease(args);
    return {
      workspace: fixture.workspace,
      from: "dev",
      to: "stable",
      product: "tool",
      version,
      digests: Object.fromEntries(args.files.map(({ name, sha256 }) => [name, sha256])),
      now,
    };
  };

  const sentence = async (asked: Awaited<ReturnType<typeof promotion>>): Promise<string> => {
    const answer = await checkPromotion(asked);
    return answer.verdict === "red" ? answer.sentence : "green";
  };

  it("keeps what was published when its index is older: other bytes are refused, the same are taken in, and nothing goes past it", async () => {
    await olderIndex();
    const before = bytes("1.1.0");
    await assert.rejects(
      publish("1.1.0", "other"),
      says(/holds a folder of tool 1\.1\.0 that no index names, with other bytes.*`greenlight channel repair stable`/),
    );
    await assert.rejects(
      publish("1.2.0"),
      says(
        /Channel stable holds tool 1\.1\.0 and an index that does not name them.*`greenlight channel repair stable`/,
      ),
    );
    assert.equal(bytes("1.1.0"), before);
    assert.equal((await publish("1.1.0")).current, "1.1.0");
    assert.deepEqual(named(), ["1.0.0", "1.1.0"]);
  });

  it("is not written anew by a promotion when its index is lost, nor by a publication", async () => {
    await publish("1.0.0");
    const asked = await promotion("2.0.0");
    rmSync(file());
    await assert.rejects(
      promoteRelease(asked),
      says(/Channel stable holds tool 1\.0\.0 and no index that names a release.*`greenlight channel repair stable`/),
    );
    await assert.rejects(publish("2.0.0"), says(/holds tool 1\.0\.0 and no index/));
    assert.equal(existsSync(file()), false);
    assert.equal(existsSync(folder("2.0.0")), false);
  });

  it("is refused to a promotion of other bytes than the folder holds, whatever the index says", async () => {
    await publish("1.0.0", "other");
    const before = bytes("1.0.0");
    const asked = await promotion("1.0.0");
    rmSync(file());
    await assert.rejects(promoteRelease(asked), says(/that no index names, with other bytes/));
    assert.equal(bytes("1.0.0"), before);
  });

  it("says to repair it, when it is what a release is to be promoted from and names it no more", async () => {
    const asked = await promotion("1.0.0");
    assert.match(await sentence(asked), /^green$/);
    rmSync(join(channelFolder(fixture.workspace, "dev"), "tool.json"));
    assert.match(
      await sentence(asked),
      /from dev: channel dev holds a folder of it that no index names; run `greenlight channel repair dev`, which takes it back in when it is whole\.$/,
    );
    rmSync(publishedFolder(fixture.workspace, "dev", "tool", "1.0.0"), { recursive: true });
    assert.match(await sentence(asked), /from dev: channel dev holds no such release\.$/);
  });

  it("refuses a damaged folder of the very version, and a link or an empty folder in its place", async () => {
    await publish("1.0.0");
    rmSync(file());
    spoil("1.0.0");
    await assert.rejects(
      publish("1.0.0"),
      says(
        /that no index names and that is damaged: tool-server-1\.0\.0-linux-x64\.zip has .*move .*1\.0\.0 out of the channel/,
      ),
    );
    renameSync(folder("1.0.0"), join(fixture.workspace, "away"));
    for (const put of [() => mkdirSync(folder("1.0.0")), () => symlinkSync("/nowhere", folder("1.0.0"))]) {
      put();
      await assert.rejects(publish("1.0.0"), says(/that no index names and that is damaged/));
      rmSync(folder("1.0.0"), { recursive: true });
    }
    assert.equal((await publish("1.0.0")).outcome, "published");
  });

  it("is repaired from the folders that verify, says what it left out and why, and removes nothing", async () => {
    for (const version of ["1.0.0", "1.1.0", "1.2.0"]) await publish(version);
    utimesSync(join(folder("1.0.0"), "release.json"), now, now);
    spoil("1.1.0");
    cpSync(folder("1.0.0"), folder("3.0.0"), { recursive: true });
    cpSync(folder("1.0.0"), join(folder("1.0.0"), "..", "notes"), { recursive: true });
    symlinkSync(folder("1.0.0"), folder("4.0.0"));
    writeFileSync(file(), "{");
    const there = readdirSync(join(folder("1.0.0"), ".."));
    const [result] = await repairChannel(fixture.workspace, "stable");
    assert.deepEqual(
      [result!.added.map(({ version }) => version), result!.added[0]!.publishedAt, result!.current],
      [["1.0.0", "1.2.0"], now.toISOString(), "1.2.0"],
    );
    assert.deepEqual(
      result!.left.map(({ version, why }) => [version, why.replace(/[0-9a-f]{64}/g, "…")]),
      [
        ["1.1.0", "tool-server-1.1.0-linux-x64.zip has 7 bytes, not the 5037 that were released"],
        ["3.0.0", "its release.json is that of tool 1.0.0"],
        ["4.0.0", "it is a link and no folder"],
        ["notes", "its release.json is that of tool 1.0.0"],
      ],
    );
    assert.deepEqual(
      [named(), readFileSync(result!.aside!, "utf8"), readdirSync(join(folder("1.0.0"), ".."))],
      [["1.0.0", "1.2.0"], "{", there],
    );
    assert.equal(latestRelease(fixture.workspace, "stable", "tool")!.version, "1.2.0");
  });

  it("keeps, when it is repaired, what the index says of the releases that it names, damaged or not", async () => {
    await olderIndex();
    const [first] = readChannel(fixture.workspace, "stable")["tool"]!.releases;
    spoil("1.0.0");
    const [result] = await repairChannel(fixture.workspace, "stable");
    assert.deepEqual(
      [result!.damaged.map(({ version }) => version), result!.added.map(({ version }) => version)],
      [["1.0.0"], ["1.1.0"]],
    );
    assert.deepEqual(readChannel(fixture.workspace, "stable")["tool"]!.releases[0], first);
    const again = readFileSync(file());
    assert.deepEqual((await repairChannel(fixture.workspace, "stable"))[0]!.added, []);
    assert.deepEqual(readFileSync(file()), again);
  });

  it("is left as it is when no folder verifies", async () => {
    await publish("1.0.0");
    spoil("1.0.0");
    writeFileSync(file(), "{");
    const [result] = await repairChannel(fixture.workspace, "stable");
    assert.equal(result!.current, undefined);
    assert.equal(readFileSync(file(), "utf8"), "{");
  });

  it("holds a link for a release: whoever can change what it leads to can change what was published", async () => {
    await publish("1.0.0");
    const asked = await promotion("1.1.0");
    renameSync(folder("1.0.0"), join(fixture.workspace, "away"));
    symlinkSync(join(fixture.workspace, "away"), folder("1.0.0"));
    await assert.rejects(publish("1.0.0"), says(/1\.0\.0 is a link, and no folder; restore it from a backup/));
    const [result] = await repairChannel(fixture.workspace, "stable");
    assert.deepEqual(result!.damaged, [{ version: "1.0.0", why: "1.0.0 is a link, and no folder" }]);
    rmSync(file());
    await assert.rejects(publish("1.0.0"), says(/that no index names and that is damaged: 1\.0\.0 is a link/));
    const dev = publishedFolder(fixture.workspace, "dev", "tool", "1.1.0");
    renameSync(dev, join(fixture.workspace, "away too"));
    symlinkSync(join(fixture.workspace, "away too"), dev);
    await assert.rejects(promoteRelease({ ...asked, to: "other" }), says(/1\.1\.0 is a link, and no folder/));
  });

  it("is left alone by repair, and by publication, when a newer Greenlight has written its index, or it is no file", async () => {
    await publish("1.0.0");
    const newer = JSON.stringify({ ...JSON.parse(readFileSync(file(), "utf8")), schema: 2, withdrawn: ["1.0.0"] });
    writeFileSync(file(), newer);
    await assert.rejects(
      publish("1.1.0"),
      says(/tool\.json was written by a newer Greenlight \(its form is 2, this one reads 1\); use that one\.$/),
    );
    const said: string[] = [];
    assert.equal(await repair(fixture.workspace, "stable", (line) => said.push(line)), 1);
    assert.match(
      said.join("\n"),
      /^Channel stable, tool: the index was written by a newer Greenlight \(its form is 2, this one reads 1\)\.\n  Nothing was changed; use that one\.$/,
    );
    assert.equal(readFileSync(file(), "utf8"), newer);
    rmSync(file());
    mkdirSync(file());
    await assert.rejects(publish("1.1.0"), says(/tool\.json cannot be read \(EISDIR\)/));
    said.splice(0);
    assert.equal(await repair(fixture.workspace, "stable", (line) => said.push(line)), 1);
    assert.match(
      said.join("\n"),
      /^Channel stable, tool: the index cannot be read \(EISDIR\)\.\n  Nothing was changed; make it readable, or move it away, and run the same command again\.$/,
    );
    assert.deepEqual(readdirSync(channelFolder(fixture.workspace, "stable")).sort(), ["releases", "tool.json"]);
  });

  it("is not taken for empty when its releases are a link that leads nowhere, as to a disk that is not there now", async () => {
    const asked = await promotion("1.0.0");
    for (const part of ["releases/tool", "releases"]) {
      const link = join(channelFolder(fixture.workspace, "stable"), part);
      mkdirSync(dirname(link), { recursive: true });
      symlinkSync("/nowhere", link);
      assert.match(
        await sentence(asked),
        /channels\/stable\S* is a link that leads nowhere; bring back what it leads to/,
      );
      await assert.rejects(publish("1.0.0"), says(/channels\/stable\S* is a link that leads nowhere/));
      rmSync(join(channelFolder(fixture.workspace, "stable"), "releases"), { recursive: true });
    }
    assert.equal(await sentence(asked), "green");
    mkdirSync(join(fixture.workspace, "disk"));
    symlinkSync(join(fixture.workspace, "disk"), join(channelFolder(fixture.workspace, "stable"), "releases"));
    assert.equal((await promoteRelease(asked)).outcome, "published");
    rmSync(channelFolder(fixture.workspace, "stable"), { recursive: true });
    symlinkSync("/nowhere", channelFolder(fixture.workspace, "stable"));
    assert.match(await sentence(asked), /channels\/stable is a link that leads nowhere/);
  });

  it("is repaired and published to beside links that lead nowhere, and beside folders named like temporary files", async () => {
    await publish("1.0.0");
    symlinkSync("/nowhere", join(channelFolder(fixture.workspace, "stable"), "releases", "other"));
    mkdirSync(join(channelFolder(fixture.workspace, "stable"), ".tmp-folder"));
    assert.deepEqual(
      (await repairChannel(fixture.workspace, "stable")).map(({ product }) => product),
      ["tool"],
    );
    assert.equal((await publish("1.1.0")).outcome, "published");
  });

  it("is repaired by a command that says what it did; exit code 1 when something is left out", async () => {
    const said: string[] = [];
    const run = async (name?: string) =>
      [await repair(fixture.workspace, name, (line) => said.push(line)), said.splice(0).join("\n")] as const;
    assert.deepEqual(await run(), [0, "There is no channel yet; nothing was ever published here."]);
    await olderIndex();
    const [code, text] = await run();
    assert.equal(code, 0);
    assert.match(
      text,
      /^Channel stable, tool: the index is readable\.\n  ✓ 1\.0\.0  named and whole\n  \+ 1\.1\.0  taken back in; its release\.json is of \S+Z\n  The channel offers 1\.1\.0\.$/,
    );
    assert.match((await run("stable"))[1], /The channel offers 1\.1\.0; nothing was changed\.$/);
    mkdirSync(join(folder("1.0.0"), "..", "1.2.0\n"));
    const [red, left] = await run("stable");
    assert.equal(red, 1);
    assert.match(left, /✗ 1\.2\.0\\u000a  left out: release\.json is missing/);
    mkdirSync(publishedFolder(fixture.workspace, "empty", "tool", "1.0.0"), { recursive: true });
    rmSync(publishedFolder(fixture.workspace, "empty", "tool", "1.0.0"), { recursive: true });
    assert.deepEqual(await run("empty"), [0, "Channel empty holds nothing."]);
    await assert.rejects(run("nightly"), says(/There is no channel "nightly" here; there is empty, stable\./));
  });
});
