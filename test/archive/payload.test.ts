/** Archives of products with payload rules: recipes in the manifest, texts that name the version, no unit without its program, no binary that cannot start. */
import { spawnSync } from "node:child_process";
import assert from "node:assert/strict";
import { chmodSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import * as yauzl from "yauzl";
import { inspectArchive, packArchive, type PackedArchive } from "../../src/archive/index.ts";
import type { Manifest } from "../../src/validator/index.ts";
import { programsOf, writeCandidate, type Candidate } from "../../src/candidate/index.ts";
import { EdgeError } from "../../src/edges/edges.ts";
import { platforms, type Platform } from "../../src/products/index.ts";
import { program, put, temporaryFolder } from "../candidate/tiny-candidate.ts";
import { box, boxDraft, fillBox, knownBox } from "../candidate/box-candidate.ts";
import { forAarch64, needingLibrary } from "../elf.ts";

describe("packing by payload rules", () => {
  const temporary = temporaryFolder();
  knownBox();
  let folder = "";
  let candidate: Candidate;
  let number = 0;
  beforeEach(async () => {
    folder = join(temporary.path, `candidate-${number++}`);
    fillBox(folder);
    candidate = await writeCandidate(folder, boxDraft());
  });
  const pack = (kind = "server", platform: Platform = "linux-x64"): Promise<PackedArchive> =>
    packArchive({
      candidateFolder: folder,
      candidate,
      product: box,
      kind,
      platform,
      outputFolder: `${folder}-out`,
      report: (line) => said.push(line),
    });
  const said: string[] = [];
  const manifestOf = (packed: PackedArchive): Manifest =>
    JSON.parse(readFileSync(packed.sidecars.manifest, "utf8")) as Manifest;

  for (const kind of ["server", "desktop"]) {
    for (const platform of platforms) {
      it(`packs ${kind} for ${platform} on this host`, async () => {
        const packed = await pack(kind, platform);
        assert.equal(packed.base, `box-${kind}-1.2.0-${platform}`);
        const inside = await inspectArchive(packed.file, {
          expect: { product: "box", kind, version: "1.2.0", platform },
        });
        assert.deepEqual(inside.findings, []);
        const exe = platform.startsWith("windows-") ? ".exe" : "";
        assert.deepEqual(
          manifestOf(packed).binaries.map((b) => b.file_name),
          kind === "desktop" ? [`window${exe}`, `boxd${exe}`, `box${exe}`] : [`boxd${exe}`, `box${exe}`],
        );
        const report = JSON.parse(readFileSync(packed.sidecars.binaries, "utf8")) as {
          platform: string;
          binaries: { os: string; findings: string[] }[];
        };
        assert.equal(report.platform, platform);
        assert.ok(report.binaries.every((b) => b.os === platform.split("-")[0] && b.findings.length === 0));
      });
    }
  }

  it("lists recipe files by profile and path, with digests, and states the product's patterns", async () => {
    const packed = await pack();
    const manifest = manifestOf(packed);
    assert.deepEqual(
      manifest.deployment_recipes.map((r) => [r.profile, r.relative_path]),
      [
        ["one", "deployment/one/profile.json"],
        ["one", "deployment/one/systemd/boxd.service"],
        ["many", "deployment/many/profile.json"],
      ],
    );
    for (const { relative_path: path, sha256, size_bytes: size } of manifest.deployment_recipes) {
      const entry = packed.entries.find((e) => e.path === path)!;
      assert.deepEqual([sha256, size], [entry.sha256, entry.size]);
    }
    assert.deepEqual(manifest.packaging_boundaries.excluded_patterns, ["*.db"]);
    assert.equal(manifest.source_sha, candidate.source.revision);
  });

  it("leaves out the unit of a program that the archive does not have", async () => {
    const paths = (await pack()).entries.map((e) => e.path);
    assert.ok(!paths.includes("deployment/many/systemd/box-worker.service"));
    assert.ok(paths.includes("deployment/one/systemd/boxd.service"));
    assert.ok(
      said.some((line) =>
        /leaves out deployment\/many\/systemd\/box-worker\.service, which is a unit of a program that this archive does not have/.test(
          line,
        ),
      ),
    );
  });

  it("adds what the rules ask for and the candidate does not bring, and names this version in it", async () => {
    const packed = await pack();
    const names = packed.entries.map((e) => e.path);
    assert.ok(
      ["README.txt", "ROLLBACK.txt", "MIGRATION_NOTES.txt", "RELEASE_NOTES.txt"].every((n) => names.includes(n)),
    );
    put(folder, "shared/ROLLBACK.txt", "Back to 1.1.9 from 1.2.0: reinstall.\n");
    const draft = boxDraft();
    for (const files of Object.values(draft.platforms)) files.assets!["ROLLBACK.txt"] = "shared/ROLLBACK.txt";
    candidate = await writeCandidate(folder, draft);
    const again = await pack();
    assert.equal(again.entries.find((e) => e.path === "ROLLBACK.txt")!.size, 38 - 1);
  });

  const refusals: [string, Buffer, RegExp][] = [
    [
      "for another processor",
      forAarch64(program("linux-x64")),
      /linux-x64\/box is for linux on arm64 \(elf\), and linux-x64 was asked for/,
    ],
    ["for another system", program("windows-x64"), /linux-x64\/box is for windows on x64 \(pe\)/],
    [
      "that needs a library of none of the targets",
      needingLibrary("libgreenlight-none.so.1"),
      /linux-x64\/box needs the library libgreenlight-none\.so\.1, which linux-x64\/debian-12 does not have/,
    ],
    ["that is a script", Buffer.from("#!/bin/sh\n"), /linux-x64\/box is a script, not a program/],
  ];
  for (const [name, bytes, message] of refusals) {
    it(`packs no binary ${name}`, async () => {
      put(folder, "linux-x64/box", bytes, 0o755);
      candidate = await writeCandidate(folder, boxDraft());
      await assert.rejects(pack(), (e: Error) => e instanceof EdgeError && (assert.match(e.message, message), true));
      assert.match((await pack("server", "macos-x64")).base, /macos-x64$/, "other platforms are packed");
    });
  }

  it("writes a README for the kind, the platform and this version", async () => {
    const readme = async (kind: string, platform: Platform): Promise<string> => {
      const { file } = await pack(kind, platform);
      const zip = await yauzl.openPromise(file);
      for await (const entry of zip.eachEntry())
        if (entry.fileName === "README.txt") return text(await zip.openReadStreamPromise(entry));
      throw new Error("no README.txt");
    };
    const windows = await readme("desktop", "windows-x64");
    for (const part of [
      "Box 1.2.0\n",
      "Version: 1.2.0\n",
      "Platform: windows-x64 (Windows on x64)\n",
      "Kind: desktop\n",
      "window.exe",
      "To update",
      "To remove",
    ])
      assert.ok(windows.includes(part), part);
    assert.ok(!windows.includes("libbox"), "libraries of Linux are nothing to Windows");
    assert.match(
      await readme("desktop", "linux-x64"),
      /may need these libraries of your system\n\n {2}libbox-window\.so\.1\n/,
    );
  });

  it("makes programs executable, whatever the file was", async () => {
    chmodSync(join(folder, "linux-x64/box"), 0o600);
    const packed = await pack();
    assert.deepEqual(
      packed.entries.filter((e) => e.mode === 0o755).map((e) => e.path),
      ["box", "boxd", "install.sh"],
    );
  });

  it("puts the installer into archives for Linux alone, and tells how to use it", async () => {
    const { entries, file, base } = await pack();
    assert.equal(entries.find((e) => e.path === "install.sh")?.mode, 0o755);
    assert.ok(!(await pack("server", "windows-x64")).entries.some((e) => e.path === "install.sh"));
    const zip = await yauzl.openPromise(file);
    const texts: Record<string, string> = {};
    for await (const entry of zip.eachEntry())
      if (/^(README\.txt|install\.sh)$/.test(entry.fileName))
        texts[entry.fileName] = await text(await zip.openReadStreamPromise(entry));
    assert.match(
      texts["README.txt"]!,
      new RegExp(
        `unzip -p ${base.replaceAll(".", "\\.")}\\.zip install\\.sh >install\\.sh\n {2}sh install\\.sh install --archive`,
      ),
    );
    assert.equal(
      spawnSync("sh", ["-s", "--", "--help"], { input: texts["install.sh"]!, encoding: "utf8" }).stdout.split("\n")[0],
      "Box 1.2.0 for linux-x64 (kind server)",
    );
  });

  it("reads what units start, with systemd's prefixes and quotes", () => {
    assert.deepEqual(
      programsOf(
        '[Service]\nExecStartPre=-/bin/mkdir -p /x\nExecStart=@/opt/box/boxd boxd --x\n ExecStop = "/opt/a b/boxd" stop\nExec=relative\n',
      ),
      ["/bin/mkdir", "/opt/box/boxd", "/opt/a b/boxd"],
    );
  });
});
