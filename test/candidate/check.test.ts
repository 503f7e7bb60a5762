/** Every way in which a candidate can be wrong is said, all at once, each with what to do. */
import assert from "node:assert/strict";
import { appendFileSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { binaryVersion, checkCandidate, checkedCandidate, readCandidate } from "../../src/candidate/index.ts";
import { EdgeError } from "../../src/edges/edges.ts";
import { nats, put, temporaryFolder, tinyCandidate, tinyDraft } from "./tiny-candidate.ts";

type Seal = {
  product: string;
  version: string;
  schema: number;
  platforms: Record<
    string,
    { binaries: Record<string, Record<string, unknown>>; assets: Record<string, Record<string, unknown>> }
  >;
};

describe("checking a candidate", () => {
  const temporary = temporaryFolder();
  let folder = "";
  let number = 0;
  beforeEach(async () => {
    folder = join(temporary.path, `candidate-${number++}`);
    await tinyCandidate(folder);
  });
  const check = (): ReturnType<typeof checkCandidate> => checkCandidate(folder, nats, ["linux-x64"]);
  const reseal = (change: (seal: Seal) => void): void => {
    const file = join(folder, "candidate.json");
    const seal = JSON.parse(readFileSync(file, "utf8")) as Seal;
    change(seal);
    writeFileSync(file, JSON.stringify(seal));
  };

  it("finds nothing in a whole one", async () => {
    assert.deepEqual(await check(), []);
    const candidate = await checkedCandidate(folder, nats, ["linux-x64"]);
    assert.equal(binaryVersion(candidate, "linux-x64", "nats"), "0.1.6");
    assert.equal(binaryVersion(candidate, "linux-x64", "nats-server"), "2.11.4");
  });

  const faults: [string, () => void, path: string, message: RegExp][] = [
    ["no folder", () => rmSync(folder, { recursive: true }), "", /does not exist; name another/],
    ["no seal", () => rmSync(join(folder, "candidate.json")), "candidate.json", /does not exist; write it with/],
    [
      "a seal that is no JSON",
      () => appendFileSync(join(folder, "candidate.json"), "}"),
      "candidate.json",
      /is not JSON/,
    ],
    ["an unknown schema", () => reseal((s) => (s.schema = 2)), "schema", /schema .*found 2/],
    [
      "a bad version",
      () => reseal((s) => (s.version = "2.11")),
      "version",
      /not a semantic version like 1.2.3 .*found "2.11"/,
    ],
    ["an unknown property", () => reseal((s) => Object.assign(s, { signed: true })), "", /signed/],
    [
      "another product",
      () => reseal((s) => (s.product = "palyra")),
      "product",
      /is of product palyra, and nats is to be released/,
    ],
    [
      "no such platform",
      () => reseal((s) => ((s.platforms["linux-arm64"] = s.platforms["linux-x64"]!), delete s.platforms["linux-x64"])),
      "platforms.linux-x64",
      /nothing for linux-x64 \(only linux-arm64\)/,
    ],
    [
      "a binary not listed",
      () => reseal((s) => delete s.platforms["linux-x64"]!.binaries["nats"]),
      "platforms.linux-x64.binaries.nats",
      /server archive for linux-x64 needs the binary nats/,
    ],
    [
      "a file missing",
      () => rmSync(join(folder, "linux-x64/nats")),
      "platforms.linux-x64.binaries.nats",
      /linux-x64\/nats does not exist; put the file there/,
    ],
    [
      "a size that differs",
      () => appendFileSync(join(folder, "linux-x64/nats"), "x"),
      "platforms.linux-x64.binaries.nats",
      /has 300001 bytes, and candidate.json says 300000/,
    ],
    [
      "a digest that differs",
      () => put(folder, "LICENSE.txt", "Do what YOU like.\n"),
      "licence",
      /LICENSE.txt has SHA-256 [0-9a-f]{64}, and candidate.json says/,
    ],
    [
      "a symbolic link",
      () => (
        renameSync(join(folder, "linux-x64/nats"), join(folder, "real")),
        symlinkSync("../real", join(folder, "linux-x64/nats"))
      ),
      "platforms.linux-x64.binaries.nats",
      /is a symbolic link/,
    ],
    [
      "a file behind a link",
      () => (renameSync(join(folder, "shared"), join(folder, "real")), symlinkSync("real", join(folder, "shared"))),
      "platforms.linux-x64.assets.docs/guide.txt",
      /lies behind the symbolic link shared/,
    ],
    [
      "a folder for a file",
      () => (rmSync(join(folder, "linux-x64/nats")), mkdirSync(join(folder, "linux-x64/nats"))),
      "platforms.linux-x64.binaries.nats",
      /is a folder/,
    ],
    [
      "a file outside the folder",
      () => reseal((s) => (s.platforms["linux-x64"]!.binaries["nats"]!["file"] = "../elsewhere")),
      "platforms.linux-x64.binaries.nats.file",
      /a \.\. segment, which leaves its folder/,
    ],
    [
      "an absolute path",
      () => reseal((s) => (s.platforms["linux-x64"]!.binaries["nats"]!["file"] = "/bin/sh")),
      "platforms.linux-x64.binaries.nats.file",
      /is absolute/,
    ],
    [
      "an asset in a binary's place",
      () =>
        reseal((s) => (s.platforms["linux-x64"]!.assets["Nats"] = s.platforms["linux-x64"]!.assets["docs/guide.txt"]!)),
      "platforms.linux-x64.assets.Nats",
      /asset Nats for linux-x64 collides with nats/,
    ],
    [
      "an asset in the packer's place",
      () =>
        reseal(
          (s) =>
            (s.platforms["linux-x64"]!.assets["checksums.txt"] = s.platforms["linux-x64"]!.assets["docs/guide.txt"]!),
        ),
      "platforms.linux-x64.assets.checksums.txt",
      /collides with checksums.txt/,
    ],
    [
      "a name that nobody can see whole",
      () =>
        reseal(
          (s) =>
            (s.platforms["linux-x64"]!.assets["in\u200bdex.html"] =
              s.platforms["linux-x64"]!.assets["docs/guide.txt"]!),
        ),
      "platforms.linux-x64.assets.in\u200bdex.html",
      /is a name that has an invisible character/,
    ],
    [
      "a binary that states another version than the candidate",
      () => reseal((s) => (s.platforms["linux-x64"]!.binaries["nats-server"]!["version"] = "2.11.3")),
      "platforms.linux-x64.binaries.nats-server.version",
      /The candidate is 2\.11\.4, and the binary nats-server for linux-x64 says 2\.11\.3/,
    ],
    [
      "an asset that never belongs in a release",
      () =>
        reseal(
          (s) =>
            (s.platforms["linux-x64"]!.assets["state.sqlite3"] = s.platforms["linux-x64"]!.assets["docs/guide.txt"]!),
        ),
      "platforms.linux-x64.assets.state.sqlite3",
      /never belongs in a release \(\*\.sqlite3\)/,
    ],
  ];
  for (const [name, spoil, path, message] of faults) {
    it(`says: ${name}`, async () => {
      spoil();
      const found = await check();
      const hit = found.find((f) => f.path === path && message.test(f.message));
      assert.ok(hit, `among ${JSON.stringify(found, undefined, 1)}`);
      assert.match(hit.message, /;.*\.$/, "says what to do");
    });
  }

  it("lets a binary have a version of its own where the product says so, and the same one everywhere", async () => {
    await tinyCandidate(folder, ["linux-x64", "windows-x64", "macos-x64"]);
    const all = (): ReturnType<typeof checkCandidate> =>
      checkCandidate(folder, nats, ["linux-x64", "windows-x64", "macos-x64"]);
    assert.deepEqual(await all(), []);
    reseal((s) => (s.platforms["windows-x64"]!.binaries["nats"]!["version"] = "0.1.5"));
    assert.deepEqual(
      (await all()).map(({ path, message }) => [path, message]),
      [
        [
          "platforms.windows-x64.binaries.nats.version",
          "The binary nats is 0.1.6 for linux-x64, and 0.1.5 for windows-x64; build all of it from one version, then seal the candidate again.",
        ],
      ],
    );
  });

  it("says on one line what is no JSON, whatever lines it has", async () => {
    writeFileSync(join(folder, "candidate.json"), '{\n  "a": 1\n}\u001b[31m\n}\n');
    const [found] = await check();
    assert.match(found!.message, /is not JSON/);
    assert.doesNotMatch(found!.message, /[\n\u001b]/);
    assert.throws(
      () => readCandidate(folder),
      (e: Error) => e instanceof EdgeError && !/[\n\u001b]/.test(e.message),
    );
  });

  it("follows no link, not even to tell what notes say", async () => {
    rmSync(join(folder, "NOTES.md"));
    put(folder, "elsewhere", "Nothing of interest.\n");
    symlinkSync("elsewhere", join(folder, "NOTES.md"));
    rmSync(join(folder, "linux-x64/nats"));
    symlinkSync("../elsewhere", join(folder, "linux-x64/nats"));
    assert.deepEqual(
      (await check()).map(({ path, message }) => [path, /is a symbolic link/.test(message)]),
      [
        ["notes", true],
        ["platforms.linux-x64.binaries.nats", true],
      ],
    );
  });

  it("says everything at once", async () => {
    rmSync(join(folder, "linux-x64/nats"));
    appendFileSync(join(folder, "NOTES.md"), "more");
    reseal((s) => delete s.platforms["linux-x64"]!.binaries["nats-server"]);
    const found = await checkCandidate(folder, nats, ["linux-x64", "macos-x64"]);
    assert.deepEqual(found.map((f) => f.path).sort(), [
      "notes",
      "platforms.linux-x64.binaries.nats",
      "platforms.linux-x64.binaries.nats-server",
      "platforms.macos-x64",
    ]);
    await assert.rejects(
      checkedCandidate(folder, nats, ["linux-x64", "macos-x64"]),
      (e: Error) => e instanceof EdgeError && e.message.split("\n").length === 4,
    );
  });

  it("reads nothing of platforms that are not asked for", async () => {
    await tinyCandidate(folder, ["linux-x64", "windows-x64"]);
    rmSync(join(folder, "windows-x64"), { recursive: true });
    assert.deepEqual(await check(), []);
  });

  it("names all faults of a seal that is read alone", () => {
    reseal((s) => ((s.version = "one"), (s.schema = 9)));
    assert.throws(
      () => readCandidate(folder),
      (e: Error) => e instanceof EdgeError && /schema/.test(e.message) && /version/.test(e.message),
    );
  });

  it("does not seal what is not there", async () => {
    const draft = tinyDraft();
    rmSync(join(folder, "linux-x64/nats"));
    await assert.rejects(
      async () =>
        (await import("../../src/candidate/index.ts")).writeCandidate(folder, { ...draft, licence: "../LICENSE" }),
      /\.\.\/LICENSE has a \.\. segment.*linux-x64\/nats does not exist/,
    );
  });
});
