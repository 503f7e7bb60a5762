/** Packing: the same bytes anywhere, executable bits kept, nothing packed twice, nothing packed that was not sealed. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import {
  appendFileSync,
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { promisify } from "node:util";
import * as yauzl from "yauzl";
import {
  inspectArchive,
  OWN_DIALECT,
  packArchive,
  packEntries,
  zlibDialect,
  type PackedArchive,
} from "../../src/archive/index.ts";
import { checkCandidate, writeCandidate, type Candidate } from "../../src/candidate/index.ts";
import { EdgeError } from "../../src/edges/edges.ts";
import { platforms } from "../../src/products/index.ts";
import { sha256, sha256File } from "../../src/storage/digest.ts";
import { tryLock } from "../../src/storage/lock.ts";
import { nats, noise, program, put, temporaryFolder, tinyCandidate, tinyDraft } from "../candidate/tiny-candidate.ts";
import { needingLibrary } from "../elf.ts";

const run = promisify(execFile);

describe("packing an archive", () => {
  const temporary = temporaryFolder();
  let folder = "";
  let candidate: Candidate;
  let number = 0;
  beforeEach(async () => {
    folder = join(temporary.path, `candidate-${number++}`);
    candidate = await tinyCandidate(folder, [...platforms]);
  });
  const said: string[] = [];
  const pack = (over: Partial<Parameters<typeof packArchive>[0]> = {}): Promise<PackedArchive> =>
    packArchive({
      candidateFolder: folder,
      candidate,
      product: nats,
      kind: "server",
      platform: "linux-x64",
      outputFolder: `${folder}-out`,
      report: (line) => said.push(line),
      ...over,
    });

  it("removes what ended runs left half packed, and nothing that one is at", async () => {
    const [dead, alive] = ["a".repeat(64), "b".repeat(64)];
    for (const identity of [dead, alive]) put(`${folder}-out`, `${identity}.part/x.zip`, "x");
    const release = await tryLock(join(`${folder}-out`, `${alive}.lock`));
    const { identity } = await pack();
    assert.deepEqual(readdirSync(`${folder}-out`).sort(), [identity, `${alive}.part`].sort());
    release!();
  });

  it("writes archive and sidecars in one place, and answers what is in them", async () => {
    const packed = await pack();
    const { base, file, sidecars } = packed;
    assert.equal(base, "nats-server-2.11.4-linux-x64");
    assert.equal(file, join(`${folder}-out`, packed.identity, `${base}.zip`));
    assert.equal(packed.sha256, await sha256File(file));
    assert.equal(packed.size, statSync(file).size);
    assert.equal(readFileSync(sidecars.sha256, "utf8"), `${packed.sha256}  ${base}.zip\n`);
    assert.deepEqual(packed.binaryVersions, { "nats-server": "2.11.4", nats: "0.1.6" });
    assert.deepEqual(readdirSync(dirname(file)).sort(), [
      `${base}.binaries.json`,
      `${base}.checksums.txt`,
      `${base}.install.sh`,
      `${base}.release-manifest.json`,
      `${base}.zip`,
      `${base}.zip.sha256`,
    ]);
    assert.equal(
      sha256(readFileSync(sidecars.installer!)),
      packed.entries.find(({ path }) => path === "install.sh")!.sha256,
    );
    assert.deepEqual(readdirSync(`${folder}-out`), [packed.identity], "nothing is left beside it");

    const inside = await inspectArchive(file);
    assert.deepEqual(inside.findings, []);
    assert.deepEqual(inside.entries, packed.entries);
    assert.deepEqual(
      packed.entries.map((e) => e.path),
      [
        "LICENSE.txt",
        "README.txt",
        "RELEASE_NOTES.txt",
        "checksums.txt",
        "docs/guide.txt",
        "docs/Ünïcode.txt",
        "install.sh",
        "nats",
        "nats-server",
        "release-manifest.json",
        "tools/check.sh",
      ],
    );
    for (const [sidecar, path] of [
      [sidecars.manifest, "release-manifest.json"],
      [sidecars.checksums, "checksums.txt"],
    ] as const) {
      assert.equal(await sha256File(sidecar), packed.entries.find((e) => e.path === path)!.sha256, path);
    }
    const manifest = JSON.parse(readFileSync(sidecars.manifest, "utf8")) as Record<string, unknown>;
    assert.deepEqual(Object.keys(manifest), [
      "schema_version",
      "generated_at_utc",
      "artifact_kind",
      "artifact_name",
      "version",
      "platform",
      "install_mode",
      "source_sha",
      "binaries",
      "deployment_recipes",
      "packaging_boundaries",
    ]);
    assert.equal(manifest["generated_at_utc"], "2025-05-22T13:21:11.0000000Z");
    assert.equal(manifest["source_sha"], candidate.source.revision);
  });

  it("keeps an archive whose digest beside it has no line feed, as earlier packers wrote it", async () => {
    const { sidecars } = await pack();
    const line = readFileSync(sidecars.sha256, "utf8").trimEnd();
    writeFileSync(sidecars.sha256, line);
    said.length = 0;
    await pack();
    assert.deepEqual(said, []);
    assert.equal(readFileSync(sidecars.sha256, "utf8"), line, "what may be published already is not written anew");
  });

  for (const platform of platforms) {
    it(`packs ${platform}, with .exe on Windows only`, async () => {
      const packed = await pack({ platform });
      const exe = platform.startsWith("windows-") ? ".exe" : "";
      assert.deepEqual(
        (
          await inspectArchive(packed.file, {
            expect: { product: "nats", kind: "server", version: "2.11.4", platform },
          })
        ).findings,
        [],
      );
      const names = packed.entries.map((e) => e.path);
      assert.ok(names.includes(`nats${exe}`) && names.includes(`nats-server${exe}`));
    });
  }

  const modesOf = async (file: string): Promise<Record<string, string>> => {
    const zip = await yauzl.openPromise(file, { autoClose: true });
    const modes: Record<string, string> = {};
    for await (const entry of zip.eachEntry())
      modes[entry.fileName] = (entry.externalFileAttributes >>> 16).toString(8);
    return modes;
  };
  it("makes programs executable and nothing else, as their bytes say, whatever modes this host's files have", async () => {
    const first = await pack();
    assert.deepEqual(await modesOf(first.file), {
      "LICENSE.txt": "100644",
      "README.txt": "100644",
      "RELEASE_NOTES.txt": "100644",
      "checksums.txt": "100644",
      "docs/guide.txt": "100644",
      "docs/Ünïcode.txt": "100644",
      "install.sh": "100755",
      nats: "100755",
      "nats-server": "100755",
      "release-manifest.json": "100644",
      "tools/check.sh": "100755",
    });
    const files = ["linux-x64/nats-server", "linux-x64/nats", "LICENSE.txt", "shared/guide.txt", "shared/check.sh"];
    for (const [mode, name] of [
      [0o600, "as after a download"],
      [0o777, "as on a file system without modes"],
    ] as const) {
      for (const file of files) chmodSync(join(folder, file), mode);
      assert.deepEqual(
        await pack({ outputFolder: `${folder}-${mode}` }).then(({ identity, sha256: digest }) => [identity, digest]),
        [first.identity, first.sha256],
        name,
      );
    }
  });

  it("gives the same bytes under another clock, time zone, locale, umask and order of files", async () => {
    const here = await pack();
    const twin = `${folder}-twin`;
    // Copied file by file in the opposite order, with other times.
    const files = readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((f) => f.isFile())
      .map((f) => join(f.parentPath, f.name).slice(folder.length + 1))
      .reverse();
    for (const [n, file] of files.entries()) {
      mkdirSync(dirname(join(twin, file)), { recursive: true });
      cpSync(join(folder, file), join(twin, file), { mode: 0 });
      utimesSync(join(twin, file), n * 1e6, n * 1e6);
    }
    const elsewhere = [
      { umask: "000", env: { TZ: "Pacific/Kiritimati", LANG: "C", LC_ALL: "C" } },
      {
        umask: "077",
        env: { TZ: "America/St_Johns", LANG: "tr_TR.UTF-8", LC_ALL: "tr_TR.UTF-8", SOURCE_DATE_EPOCH: "1" },
      },
    ];
    for (const [n, { umask, env }] of elsewhere.entries()) {
      const script = `umask ${umask}; exec "$0" "$@"`;
      const args = [
        "-c",
        script,
        process.execPath,
        join(import.meta.dirname, "pack-once.ts"),
        twin,
        `${folder}-there-${n}`,
        "linux-x64",
      ];
      const { stdout } = await run("sh", args, { cwd: n === 0 ? "/" : twin, env: { ...process.env, ...env } });
      assert.deepEqual(JSON.parse(stdout), { identity: here.identity, sha256: here.sha256, size: here.size });
    }
  }).timeout(30_000);

  it("is another archive when any input is another, and the same when only another platform changed", async () => {
    const before = await pack();
    const seen = new Set([before.identity]);
    const again = async (draft: ReturnType<typeof tinyDraft>): Promise<string> =>
      (await pack({ candidate: await writeCandidate(folder, draft) })).identity;
    put(folder, "windows-x64/nats.exe", program("windows-x64", 5000), 0o755);
    assert.equal(await again(tinyDraft([...platforms])), before.identity);
    for (const change of ["binary", "licence", "asset", "version", "date", "name"]) {
      const draft = tinyDraft([...platforms]);
      if (change === "binary") put(folder, "linux-x64/nats", program("linux-x64", 5000));
      if (change === "licence") put(folder, "LICENSE.txt", "Do nothing.\n");
      if (change === "asset") put(folder, "shared/guide.txt", "why to");
      if (change === "version") draft.version = "2.11.5";
      if (change === "date") draft.source.date = "2025-05-22T13:21:12Z";
      if (change === "name") draft.platforms["linux-x64"]!.assets = { "docs/other.txt": "shared/guide.txt" };
      const identity = await again(draft);
      assert.ok(!seen.has(identity), change);
      seen.add(identity);
    }
  });

  for (const date of ["1970-01-01T00:00:00Z", "1979-12-31T23:59:59Z", "2043-12-31T23:59:59Z", "2150-03-04T05:06:07Z"]) {
    it(`packs what is dated ${date}, as near to it as a ZIP can say`, async () => {
      const draft = tinyDraft([...platforms]);
      draft.source.date = date;
      assert.deepEqual(
        (await inspectArchive((await pack({ candidate: await writeCandidate(folder, draft) })).file)).findings,
        [],
      );
    });
  }

  it("leaves what is packed already alone", async () => {
    const first = await pack();
    const { mtimeNs, ino } = statSync(first.file, { bigint: true });
    said.length = 0;
    assert.deepEqual(await pack(), first);
    const now = statSync(first.file, { bigint: true });
    assert.deepEqual([now.mtimeNs, now.ino], [mtimeNs, ino]);
    assert.deepEqual(said, []);
  });

  const spoilers: [string, (packed: PackedArchive) => void][] = [
    ["cut short", (p) => truncateSync(p.file, p.size - 1)],
    [
      "changed in one byte",
      (p) => {
        const b = readFileSync(p.file);
        b[1000]! ^= 1;
        writeFileSync(p.file, b);
      },
    ],
    ["removed", (p) => rmSync(p.file)],
    ["left with another manifest beside it", (p) => appendFileSync(p.sidecars.manifest, " ")],
    ["left without checksums beside it", (p) => rmSync(p.sidecars.checksums)],
    [
      "left with another digest beside it",
      (p) => writeFileSync(p.sidecars.sha256, `${"0".repeat(64)}  ${basename(p.file)}\n`),
    ],
  ];
  for (const [how, spoil] of spoilers) {
    it(`packs again, and says so, what was ${how}`, async () => {
      const first = await pack();
      spoil(first);
      said.length = 0;
      assert.deepEqual(await pack(), first);
      assert.equal(await sha256File(first.file), first.sha256);
      assert.match(said[0] ?? "", /was spoiled after it had been packed \(.*\); it is packed again/);
    });
  }

  it("takes up what a killed run left half done", async () => {
    const { identity, sha256: digest } = await pack();
    rmSync(join(`${folder}-out`, identity), { recursive: true });
    put(`${folder}-out/${identity}.part`, "nats-server-2.11.4-linux-x64.zip.part", "half");
    assert.equal((await pack()).sha256, digest);
    assert.deepEqual(readdirSync(`${folder}-out`), [identity]);
  });

  it("packs once when asked twice at the same time", async () => {
    said.length = 0;
    const [one, two] = await Promise.all([pack(), pack()]);
    assert.deepEqual(one, two);
    assert.equal(said.filter((line) => /packed and read back/.test(line)).length, 1);
  });

  const strangers: [string, Buffer, RegExp | undefined][] = [
    [
      "for another processor",
      program("linux-arm64"),
      /linux-x64\/nats is for linux on arm64 \(elf\), and linux-x64 was asked for/,
    ],
    ["for another system", program("windows-x64"), /linux-x64\/nats is for windows on x64 \(pe\)/],
    [
      "that needs a library of no target",
      needingLibrary("libgreenlight-none.so.1"),
      /linux-x64\/nats needs the library libgreenlight-none\.so\.1, which linux-x64\/debian-12 does not have/,
    ],
    ["that is none", noise(1, 5000), /linux-x64\/nats is no program of Linux, Windows or macOS/],
    ["that is a script, for a product without payload rules", Buffer.from("#!/bin/sh\necho 0.1.6\n"), undefined],
  ];
  for (const [name, bytes, message] of strangers) {
    it(`${message ? "packs no" : "packs a"} program ${name}`, async () => {
      put(folder, "linux-x64/nats", bytes, 0o755);
      candidate = await writeCandidate(folder, tinyDraft([...platforms]));
      const found = await checkCandidate(folder, nats, ["linux-x64"]);
      assert.deepEqual(
        found.map(({ path }) => path),
        message ? ["platforms.linux-x64.binaries.nats"] : [],
      );
      if (!message) return assert.deepEqual((await inspectArchive((await pack()).file)).findings, []);
      assert.match(found[0]!.message, message);
      await assert.rejects(pack(), (e: Error) => e instanceof EdgeError && (assert.match(e.message, message), true));
      assert.match((await pack({ platform: "macos-x64" })).base, /macos-x64$/, "other platforms are packed");
    });
  }

  const refusals: [string, () => void, RegExp][] = [
    [
      "a file that is not as it was sealed",
      () => {
        const f = join(folder, "linux-x64/nats");
        const b = readFileSync(f);
        b[500]! ^= 1;
        writeFileSync(f, b);
      },
      /does not read back: nats: .*linux-x64\/nats has SHA-256 [0-9a-f]{64}, and candidate.json says/,
    ],
    [
      "a file that grew",
      () => appendFileSync(join(folder, "linux-x64/nats"), "x"),
      /has 300001 bytes, and 300000 were expected/,
    ],
    ["a file that is gone", () => rmSync(join(folder, "linux-x64/nats")), /linux-x64\/nats does not exist/],
    [
      "a symbolic link",
      () => (rmSync(join(folder, "linux-x64/nats")), symlinkSync("/bin/sh", join(folder, "linux-x64/nats"))),
      /is a symbolic link/,
    ],
    [
      "a platform without a binary that the kind needs",
      () => delete candidate.platforms["linux-x64"]!.binaries["nats"],
      /lists no nats for linux-x64/,
    ],
    ["a kind that there is none of", () => undefined, /no kind desktop; use one of server/],
  ];
  for (const [name, spoil, message] of refusals) {
    it(`refuses ${name}, and leaves nothing behind`, async () => {
      spoil();
      const kind = /kind that/.test(name) ? "desktop" : "server";
      await assert.rejects(
        pack({ kind }),
        (e: Error) => e instanceof EdgeError && (assert.match(e.message, message), true),
      );
      assert.deepEqual(existsSync(`${folder}-out`) ? readdirSync(`${folder}-out`) : [], []);
    });
  }
});

describe("packing entries", () => {
  const temporary = temporaryFolder();
  const entry = (path: string, mode = 0o644): { path: string; mode: number; data: Buffer } => ({
    path,
    mode,
    data: Buffer.from(path),
  });

  it("does not care for the order that entries come in", async () => {
    const paths = ["b", "a/z", "a-b", "Z", "ä"];
    const one = await packEntries(
      paths.map((p) => entry(p)),
      join(temporary.path, "one.zip"),
    );
    const two = await packEntries(
      paths.reverse().map((p) => entry(p)),
      join(temporary.path, "deep/two.zip"),
    );
    assert.deepEqual(one, two);
    assert.equal(one.sha256, sha256(readFileSync(join(temporary.path, "deep/two.zip"))));
    const zip = await yauzl.openPromise(join(temporary.path, "one.zip"));
    const names: string[] = [];
    for await (const e of zip.eachEntry()) {
      names.push(e.fileName);
      assert.equal(e.getLastModDate({ timezone: "UTC" }).toISOString(), "1980-01-01T00:00:00.000Z");
    }
    assert.deepEqual(names, ["Z", "a-b", "a/z", "b", "ä"]);
  });

  it("removes what killed processes left, and nothing of living ones", async () => {
    const file = join(temporary.path, "left.zip");
    put(temporary.path, `left.zip.part-${2 ** 22 + 1}-00000000`, "half");
    put(temporary.path, `left.zip.part-${process.pid}-00000000`, "half");
    await packEntries([entry("a")], file);
    assert.deepEqual(
      readdirSync(temporary.path)
        .filter((n) => n.startsWith("left"))
        .sort(),
      ["left.zip", `left.zip.part-${process.pid}-00000000`],
    );
  });

  it("replaces an archive as a whole", async () => {
    const file = join(temporary.path, "again.zip");
    await packEntries([entry("a")], file);
    await packEntries([entry("b")], file);
    assert.deepEqual(
      readdirSync(temporary.path).filter((n) => n.startsWith("again")),
      ["again.zip"],
    );
  });

  const bad: [string, ReturnType<typeof entry>[], RegExp][] = [
    ["a name that climbs out", [entry("../a")], /"\.\.\/a" has a \.\. segment/],
    ["names that collide", [entry("a"), entry("A")], /A collides with a/],
    ["a mode that archives do not state", [entry("a", 0o600)], /a has mode 0600, neither 0755 nor 0644/],
  ];
  for (const [name, entries, message] of bad) {
    it(`refuses ${name}`, async () => {
      await assert.rejects(packEntries(entries, join(temporary.path, "bad.zip")), message);
      assert.ok(!existsSync(join(temporary.path, "bad.zip")));
    });
  }

  it("refuses more entries than a ZIP counts", async () => {
    const many = Array.from({ length: 65_535 }, (_, n) => entry(`f${n}`));
    await assert.rejects(packEntries(many, join(temporary.path, "bad.zip")), /65535 entries, and a ZIP holds 65534/);
  });

  for (const size of [3, 3_000_000]) {
    const source = (name: string): { path: string; mode: number; data: { file: string; size: number } } => ({
      path: name,
      mode: 0o644,
      data: { file: join(temporary.path, `source-${name}`), size },
    });
    const faults: [what: string, size: number | undefined, message: RegExp][] = [
      ["is missing", undefined, /source-m cannot be read \(ENOENT\)/],
      ["is cut short", size - 1, new RegExp(`source-m has ${size - 1} bytes, and ${size} were expected`)],
      ["has grown", size + 1, new RegExp(`source-m has ${size + 1} bytes, and ${size} were expected`)],
    ];
    for (const [what, found, message] of faults)
      it(`says which file of ${size} bytes ${what}, and leaves no part of an archive and no open file`, async function () {
        for (const name of ["b", "z"]) put(temporary.path, `source-${name}`, noise(1, size));
        rmSync(join(temporary.path, "source-m"), { force: true });
        if (found !== undefined) put(temporary.path, "source-m", noise(2, found));
        const entries = [entry("a"), source("b"), source("m"), source("z")];
        await assert.rejects(packEntries(entries, join(temporary.path, "bad.zip")), message);
        assert.deepEqual(
          readdirSync(temporary.path).filter((n) => n.startsWith("bad")),
          [],
        );
        if (process.platform !== "linux") return;
        const open = (): string[] =>
          readdirSync("/proc/self/fd").flatMap((fd) => {
            const to = `/proc/self/fd/${fd}`;
            return existsSync(to) && readlinkSync(to).startsWith(temporary.path) ? [readlinkSync(to)] : [];
          });
        // A stream closes its file in a turn of its own.
        for (let turn = 0; turn < 500 && open().length > 0; turn++) await setTimeout(10);
        assert.deepEqual(open(), []);
      });
  }

  it("writes the bytes that its first version wrote", async function () {
    if (zlibDialect() !== OWN_DIALECT) this.skip();
    const bytes = (path: string, data: Buffer, mode = 0o644) => ({ path, mode, data });
    const entries = [
      bytes("a/ünï.txt", Buffer.from("hallo")),
      bytes("empty", Buffer.alloc(0)),
      bytes("program", noise(7, 2_500_000), 0o755),
    ];
    for (const [date, digest] of [
      ["2025-05-22T13:21:11Z", "5e3dda83f3fff5e420ec8be7cd36f07e89cc03c0e2d45bc3466089ddacc026a4"],
      ["2150-03-04T05:06:07Z", "98e57251cc0ba9e7521ea3016b599ee006e9778ac12f7162a808c90e718a2925"],
    ] as const)
      assert.equal((await packEntries(entries, join(temporary.path, "gold.zip"), new Date(date))).sha256, digest);
  });
});
