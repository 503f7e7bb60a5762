import assert from "node:assert/strict";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import {
  channelFolder,
  latestRelease,
  publishRelease,
  readChannel,
  readRelease,
  publishedFolder,
  verifyRelease,
  type PublishArgs,
} from "../../src/channel/index.ts";
import { compareVersions } from "../../src/candidate/index.ts";
import { EdgeError } from "../../src/edges/edges.ts";
import { Fixture, now } from "./fixture.ts";

function refusal(sentence: RegExp): (e: unknown) => boolean {
  return (e) => {
    assert.ok(e instanceof EdgeError, String(e));
    assert.match(e.message, sentence);
    return true;
  };
}

function spoil(file: string, change: (bytes: Buffer) => Buffer): void {
  chmodSync(file, 0o644);
  writeFileSync(file, change(readFileSync(file)));
}

const oneBit = (bytes: Buffer) => {
  bytes[bytes.length >> 1]! ^= 1;
  return bytes;
};

describe("publication", () => {
  let fixture: Fixture;
  beforeEach(() => {
    fixture = new Fixture();
  });
  afterEach(() => fixture.remove());
  const nothingPublished = () => assert.deepEqual(readChannel(fixture.workspace, "dev"), {});

  it("puts every file, the evidence and release.json into the channel, read-only and as copies", async () => {
    const args = fixture.release();
    const placed = await publishRelease(args);
    assert.equal(placed.sentence, "Published tool 1.0.0 to channel dev.");
    assert.deepEqual(await verifyRelease(placed.folder, placed.digest), []);
    assert.equal(placed.folder, publishedFolder(fixture.workspace, "dev", "tool", "1.0.0"));
    for (const { name, file } of args.files) {
      const published = join(placed.folder, name);
      assert.deepEqual(readFileSync(published), readFileSync(file));
      assert.equal(statSync(published).mode & 0o777, 0o444);
      assert.notEqual(statSync(published).ino, statSync(file).ino);
    }
    assert.equal(readdirSync(join(placed.folder, "evidence")).length, 4);
    const latest = latestRelease(fixture.workspace, "dev", "tool")!;
    assert.deepEqual(latest.files, Object.fromEntries(args.files.map(({ name, sha256 }) => [name, sha256]).sort()));
    assert.deepEqual([latest.digest, latest.folder], [placed.digest, ".greenlight/channels/dev/releases/tool/1.0.0"]);
    const { release } = readRelease(fixture.workspace, "dev", "tool", "1.0.0")!;
    assert.equal(release.withheld[0]!.base, "tool-server-1.0.0-windows-x64");
    assert.equal(release.gates.length, 4);
    assert.equal(readChannel(fixture.workspace, "dev")["tool"]!.releases[0]!.publishedAt, now.toISOString());
    assert.deepEqual(readdirSync(channelFolder(fixture.workspace, "dev")).sort(), ["releases", "tool.json"]);
  });

  it("adopts the same bytes, also with the evidence of another proof, and touches nothing", async () => {
    const first = await publishRelease(fixture.release());
    const index = readFileSync(join(channelFolder(fixture.workspace, "dev"), "tool.json"), "utf8");
    for (const args of [fixture.release(), fixture.release("1.0.0", { run: "again" })]) {
      const again = await publishRelease(args);
      assert.equal(again.outcome, "adopted");
      assert.equal(again.digest, first.digest);
      assert.equal(readFileSync(join(channelFolder(fixture.workspace, "dev"), "tool.json"), "utf8"), index);
    }
  });

  it("refuses other bytes, and fewer or more files, for a version that is there", async () => {
    await publishRelease(fixture.release());
    const fewer = fixture.release();
    fewer.notExecuted = fewer.notExecuted.filter(({ path }) => path !== fewer.files[1]!.name);
    fewer.files.splice(1, 1);
    const more = fixture.release();
    more.files.push({ name: "extra.txt", role: "sidecar", ...fixture.put("extra.txt", "extra") });
    more.notExecuted = [...more.notExecuted, { path: "extra.txt", reason: "nothing runs it" }];
    for (const args of [fixture.release("1.0.0", { salt: "other" }), fewer, more]) {
      await assert.rejects(
        publishRelease(args),
        refusal(/already holds tool 1\.0\.0 with other bytes, and a release never changes/),
      );
    }
    assert.deepEqual(await verifyRelease(publishedFolder(fixture.workspace, "dev", "tool", "1.0.0")), []);
  });

  it("never moves the pointer back by itself", async () => {
    await publishRelease(fixture.release("1.10.0"));
    const older = await publishRelease(fixture.release("1.9.0"));
    assert.equal(older.current, "1.10.0");
    assert.equal(
      older.sentence,
      "Published tool 1.9.0 to channel dev; the channel goes on offering 1.10.0, which is newer.",
    );
    assert.equal(latestRelease(fixture.workspace, "dev", "tool")!.version, "1.10.0");
    assert.ok(readRelease(fixture.workspace, "dev", "tool", "1.9.0"));
    assert.equal((await publishRelease(fixture.release("1.11.0-rc.1"))).current, "1.11.0-rc.1");
  });

  it("offers the highest version that was published, whatever the order", async () => {
    const versions = fc.uniqueArray(
      fc.tuple(fc.nat({ max: 3 }), fc.nat({ max: 12 })).map(([a, b]) => `${a}.${b}.0`),
      { minLength: 1, maxLength: 5 },
    );
    await fc.assert(
      fc.asyncProperty(versions, async (list) => {
        const one = new Fixture();
        try {
          for (const version of list) await publishRelease(one.release(version));
          const index = readChannel(one.workspace, "dev")["tool"]!;
          const sorted = [...list].sort(compareVersions);
          assert.deepEqual(
            index.releases.map((r) => r.version),
            sorted,
          );
          assert.equal(index.current, sorted.at(-1));
        } finally {
          one.remove();
        }
      }),
      { numRuns: 8 },
    );
  });

  type Change = (args: ReturnType<Fixture["release"]>) => Partial<PublishArgs> | void;
  const refusals: [string, Change, RegExp][] = [
    ["a red gate", (a) => void (a.gates[1]!.verdict = "red"), /gate cell-0-recipe is red/],
    [
      "an inconclusive gate",
      (a) => void (a.gates[0]!.verdict = "inconclusive"),
      /gate cell-0-lifecycle is inconclusive/,
    ],
    ["no gate at all", () => ({ gates: [] }), /no gate has judged it/],
    ["a gate too few", (a) => void a.gates.pop(), /tool-server-1\.0\.0-linux-arm64\.zip is not proven by recipe/],
    ["a gate twice", (a) => void a.gates.push(a.gates[0]!), /gate cell-0-lifecycle is named twice/],
    [
      "a gate of another archive",
      (a) => void (a.gates[0]!.subject = "f".repeat(64)),
      /judged ffffffffffff, which is no archive of this release/,
    ],
    [
      "a gate that judged a recipe",
      (a) => void (a.gates[0]!.subject = a.files[2]!.sha256),
      /which is no archive of this release/,
    ],
    [
      "a suite that was not run",
      () => ({ requires: [{ suites: ["install", "smoke", "recipe", "reboot"] }] }),
      /linux-x64\.zip is not proven by reboot/,
    ],
    [
      "a suite that does not apply to another archive",
      () => ({
        requires: [{ suites: ["install", "reboot"] }],
        notApplicable: [{ base: "tool-server-1.0.0-linux-arm64", suite: "reboot", reason: "it has none" }],
      }),
      /linux-x64\.zip is not proven by reboot/,
    ],
    [
      "nothing but what does not apply",
      () => ({
        gates: [],
        requires: [{ suites: ["install"] }],
        notApplicable: ["linux-x64", "linux-arm64"].map((p) => ({
          base: `tool-server-1.0.0-${p}`,
          suite: "install",
          reason: "it has none",
        })),
      }),
      /linux-x64\.zip is proven by nothing/,
    ],
    ["a policy that requires nothing", () => ({ requires: [] }), /requires no suite/],
    [
      "a policy that requires nothing of an archive",
      () => ({ requires: [{ suites: ["install"], kinds: ["other"] }] }),
      /policy requires no suite of tool-server-1\.0\.0-linux-x64\.zip, which proves nothing/,
    ],
    [
      "more checks than a suite has run",
      () => ({ requires: [{ suites: ["install", "smoke", "recipe"], minimumChecks: 100 }] }),
      /is not proven by install, smoke, recipe with at least 100 checks \(it ran \d+\)/,
    ],
    ["stale evidence", () => ({ maxAgeHours: 0.5 }), /is 1 h old and may be 0\.5/],
    ["evidence of tomorrow", (a) => void (a.gates[0]!.provedAt = "2026-03-02T12:00:00Z"), /which is not yet/],
    ["an evidence date that is none", (a) => void (a.gates[0]!.provedAt = "yesterday"), /dated yesterday/],
    ["no archive", (a) => ({ files: a.files.filter((f) => f.role !== "archive") }), /there is no archive to release/],
    [
      "an archive without a gate",
      (a) =>
        void a.files.push({
          name: "tool-server-1.0.0-macos-x64.zip",
          role: "archive",
          ...fixture.put("mac.zip", "mac"),
        }),
      /macos-x64\.zip is not proven by install, smoke, recipe/,
    ],
    [
      "an archive with one bit changed",
      (a) => spoil(a.files[0]!.file, oneBit),
      /linux-x64\.zip has SHA-256 [0-9a-f]{64}, not/,
    ],
    ["a missing file", (a) => rmSync(a.files[1]!.file), /linux-x64\.zip\.sha256 cannot be read \(ENOENT\)/],
    [
      "evidence that was changed",
      (a) => spoil(a.gates[2]!.evidenceFile, oneBit),
      /evidence\/[0-9a-f]{64}\.json has SHA-256/,
    ],
    ["missing evidence", (a) => rmSync(a.gates[2]!.evidenceFile), /evidence\/[0-9a-f]{64}\.json cannot be read/],
    [
      "a recipe that no machine was given, whatever suite passed",
      (a) => void (a.gates[1]!.companions = ["e".repeat(64)]),
      /linux-x64\.zip is not proven by recipe on a machine that had tool-server-1\.0\.0-linux-x64\.recipe-single-vm\.zip \([0-9a-f]{12}\); .*linux-x64\.recipe-single-vm\.zip was on no machine that proved it, and is not listed as not executed/,
    ],
    [
      "a recipe that was on the machine of another archive",
      (a) =>
        void (
          (a.gates[1]!.companions = a.gates[3]!.companions),
          (a.gates[3]!.companions = a.files[2] ? [a.files[2].sha256] : [])
        ),
      /linux-x64\.recipe-single-vm\.zip was on no machine that proved it/,
    ],
    [
      "a recipe that is listed as not executed",
      (a) => ({ notExecuted: [...a.notExecuted, { path: a.files[2]!.name, reason: "nobody did" }] }),
      /recipe-single-vm\.zip is listed as not executed and is no file beside an archive/,
    ],
    [
      "an archive that is listed as not executed",
      (a) => ({ notExecuted: [...a.notExecuted, { path: a.files[0]!.name, reason: "nobody did" }] }),
      /linux-x64\.zip is listed as not executed and is no file beside an archive/,
    ],
    [
      "a file beside the archive of which nothing is said",
      () => ({ notExecuted: [] }),
      /linux-x64\.zip\.sha256 was on no machine that proved it, and is not listed as not executed/,
    ],
    [
      "an upgrade from another release than the one before",
      (a) => ({
        requires: [{ suites: ["install", "upgrade"] }],
        ...(a.gates[0]!.suites.push("upgrade"), a.gates[2]!.suites.push("upgrade"), {}),
        before: {
          version: "0.9.0",
          archives: [
            { base: "b", kind: "server", platform: "linux-x64", path: "p", sha256: "d".repeat(64), recipe: null },
          ],
        },
      }),
      /linux-x64\.zip is not proven by upgrade on a machine that had the archive of the release before \(dddddddddddd\)/,
    ],
    [
      "an upgrade from nothing",
      (a) => ({ requires: [{ suites: ["install", "upgrade"] }], ...(a.gates[0]!.suites.push("upgrade"), {}) }),
      /linux-x64\.zip is not proven by upgrade on a machine that had the archive of the release before/,
    ],
    ["a file name with a way out", (a) => void (a.files[0]!.name = "../tool.zip"), /is no path of a release/],
    ["a file that is named release.json", (a) => void (a.files[1]!.name = "release.json"), /release's own list/],
    ["two files of one name", (a) => void (a.files[1]!.name = a.files[2]!.name), /two files have one name/],
    ["a version that has no order", () => ({ version: "latest" }), /is not a semantic version like/],
    ["a channel with a way out", () => ({ channel: "../dev" }), /is no name of a channel/],
    ["no product name", () => ({ product: "" }), /is no name of a-z/],
  ];
  for (const [what, change, sentence] of refusals) {
    it(`refuses ${what}`, async () => {
      const args = fixture.release();
      const changed = change(args);
      await assert.rejects(publishRelease({ ...args, ...changed }), refusal(sentence));
      nothingPublished();
      assert.ok(!existsSync(publishedFolder(fixture.workspace, "dev", "tool", "1.0.0")));
    });
  }

  it("refuses a file that changes between packing and the last look", async () => {
    const args = fixture.release();
    await assert.rejects(
      publishRelease({ ...args, step: (name) => (name === "locked" ? spoil(args.files[0]!.file, oneBit) : undefined) }),
      refusal(/linux-x64\.zip has SHA-256/),
    );
    nothingPublished();
    await publishRelease(fixture.release());
  });

  it("says that the lock stays taken", async () => {
    const idle = () => {};
    let free = idle;
    const busy = publishRelease({
      ...fixture.release(),
      step: (name) => (name === "locked" ? new Promise<void>((resolve) => (free = resolve)) : undefined),
    });
    while (free === idle) await new Promise((resolve) => setTimeout(resolve, 5));
    await assert.rejects(
      publishRelease({ ...fixture.release("1.1.0"), lockWaitSeconds: 0.2 }),
      refusal(/dev\.lock is held by process \d+/),
    );
    free();
    assert.equal((await busy).outcome, "published");
  });

  it("lets two publish at once, one after the other", async () => {
    const results = await Promise.all(
      ["1.0.0", "1.1.0", "1.0.0"].map((version) => publishRelease(fixture.release(version))),
    );
    assert.deepEqual(results.map((r) => r.outcome).sort(), ["adopted", "published", "published"]);
    assert.equal(latestRelease(fixture.workspace, "dev", "tool")!.version, "1.1.0");
  });

  it("refuses to publish beside a spoiled index or onto a spoiled release", async () => {
    const { folder } = await publishRelease(fixture.release());
    spoil(join(folder, "tool-server-1.0.0-linux-x64.zip"), oneBit);
    await assert.rejects(
      publishRelease(fixture.release()),
      refusal(/tool 1\.0\.0 in channel dev is spoiled: tool-server-1\.0\.0-linux-x64\.zip has SHA-256/),
    );
    writeFileSync(join(channelFolder(fixture.workspace, "dev"), "tool.json"), "{}");
    await assert.rejects(publishRelease(fixture.release("2.0.0")), refusal(/tool\.json is not usable/));
    assert.throws(() => latestRelease(fixture.workspace, "dev", "tool"), refusal(/restore it from a backup/));
  });
});

describe("a published folder, hashed again", () => {
  const fixture = new Fixture();
  after(() => fixture.remove());

  it("is found faulty for everything that is not as it was released", async () => {
    const { folder, digest } = await publishRelease(fixture.release());
    const zip = join(folder, "tool-server-1.0.0-linux-x64.zip");
    const list = join(folder, "release.json");
    const [good, goodList] = [readFileSync(zip), readFileSync(list)];
    const faults = async () => (await verifyRelease(folder, digest)).map((f) => `${f.path} ${f.message}`).join("\n");
    const cases: [() => void, () => void, RegExp][] = [
      [
        () => spoil(zip, oneBit),
        () => spoil(zip, () => good),
        /^tool-server-1\.0\.0-linux-x64\.zip has SHA-256 \w+, not the released/,
      ],
      [
        () => spoil(zip, (b) => b.subarray(1)),
        () => spoil(zip, () => good),
        /has \d+ bytes, not the \d+ that were released/,
      ],
      [() => rmSync(zip), () => writeFileSync(zip, good), /linux-x64\.zip is missing/],
      [
        () => (rmSync(zip), symlinkSync("/etc/passwd", zip)),
        () => (rmSync(zip), writeFileSync(zip, good)),
        /linux-x64\.zip is not a file/,
      ],
      [
        () => writeFileSync(join(folder, "extra"), ""),
        () => rmSync(join(folder, "extra")),
        /^extra is there and was not released/,
      ],
      [
        () => (mkdirSync(join(folder, "a")), writeFileSync(join(folder, "a/b"), "")),
        () => rmSync(join(folder, "a"), { recursive: true }),
        /^a\/b is there/,
      ],
      [
        () => spoil(list, (b) => Buffer.concat([b, Buffer.from("\n")])),
        () => spoil(list, () => goodList),
        /^release\.json has SHA-256 \w+, not the \w+ that the channel's index names/,
      ],
      [() => spoil(list, () => Buffer.from("{}")), () => spoil(list, () => goodList), /^release\.json .*is not usable/],
      [() => rmSync(list), () => writeFileSync(list, goodList), /^release\.json is missing/],
    ];
    for (const [harm, mend, sentence] of cases) {
      harm();
      assert.match(await faults(), sentence);
      mend();
      assert.equal(await faults(), "");
    }
    assert.equal((await verifyRelease(join(folder, "nowhere")))[0]!.message, "is missing");
  });
});
