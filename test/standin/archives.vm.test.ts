/**
 * All ten archives of a candidate, two kinds for five platforms, packed on this machine. It needs no machine of ours, but Go has
 * to compile for five platforms first, which takes minutes when nothing is cached: so it runs with the slow tests.
 */
import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { promisify } from "node:util";
import { packArchive, validateArchive, type PackedArchive } from "../../src/archive/index.ts";
import { executableName, platforms, productNamed, type Platform } from "../../src/products/index.ts";
import { standinCandidate, type StandinCandidate } from "./candidate.ts";
import { hostPlatform } from "./go.ts";

const run = promisify(execFile);
const product = productNamed("palyra");
const has = (tool: string): boolean => spawnSync(tool, ["--version"]).error === undefined;

/** Prints, for every entry, its mode and name; ends with 1 when an entry does not read back. */
const zipfile = `
import sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as z:
    assert z.testzip() is None
    for i in z.infolist(): print('%o %s' % (i.external_attr >> 16 & 0o7777, i.filename))
`;

describe("the ten archives of the stand-in", function () {
  this.timeout(1_500_000);
  const temporary = mkdtempSync(join(tmpdir(), "greenlight-standin-"));
  let made: StandinCandidate;
  const packed = new Map<string, PackedArchive>();
  const pack = (kind: string, platform: Platform, folder: string, from = made): Promise<PackedArchive> =>
    packArchive({
      candidateFolder: from.folder,
      candidate: from.candidate,
      product,
      kind,
      platform,
      outputFolder: join(temporary, folder),
    });
  before(async () => {
    made = await standinCandidate({ version: "0.1.0" });
  });
  after(() => rmSync(temporary, { recursive: true, force: true }));

  for (const kind of Object.keys(product.kinds)) {
    for (const platform of platforms) {
      it(`palyra-${kind}-0.1.0-${platform} is packed, validates, and other tools agree`, async function () {
        const archive = await pack(kind, platform, "first");
        packed.set(archive.base, archive);
        assert.equal(archive.base, `palyra-${kind}-0.1.0-${platform}`);
        assert.deepEqual(
          await validateArchive(archive.file, { expect: { product: "palyra", kind, version: "0.1.0", platform } }),
          [],
        );

        const manifest = JSON.parse(readFileSync(archive.sidecars.manifest, "utf8"));
        assert.deepEqual(
          manifest.binaries.map((b: { file_name: string }) => b.file_name),
          product.kinds[kind]!.binaries.map((key) => executableName(key, platform)),
        );
        assert.equal(manifest.source_sha, made.candidate.source.revision);
        assert.equal(manifest.deployment_recipes.length, 14);

        if (has("unzip")) await run("unzip", ["-tqq", archive.file]);
        if (has("sha256sum"))
          await run("sha256sum", ["-c", "--quiet", basename(archive.sidecars.sha256)], { cwd: dirname(archive.file) });
        if (has("python3")) {
          const { stdout } = await run("python3", ["-c", zipfile, archive.file], { maxBuffer: 1 << 24 });
          const ours = archive.entries.map(({ mode, path }) => `${mode.toString(8)} ${path}`);
          assert.deepEqual(stdout.trim().split("\n").sort(), ours.sort());
        }
      });
    }
  }

  it("were ten, and come out the same in another folder", async () => {
    assert.equal(packed.size, 10);
    for (const [kind, platform] of [
      ["desktop", "windows-x64"],
      ["headless", "macos-arm64"],
    ] as const) {
      assert.equal(
        (await pack(kind, platform, "second")).sha256,
        packed.get(`palyra-${kind}-0.1.0-${platform}`)!.sha256,
      );
    }
  });

  it("unpacks into what works from where it lies, and sums up", async function () {
    if (!has("unzip") || !has("sha256sum")) {
      process.stdout.write("      skipped: it takes unzip and sha256sum, and this machine has not both\n");
      this.skip();
    }
    const folder = join(temporary, "unpacked");
    await run("unzip", ["-qq", packed.get(`palyra-headless-0.1.0-${hostPlatform()}`)!.file, "-d", folder]);
    await run("sha256sum", ["-c", "--quiet", "checksums.txt"], { cwd: folder });
    const palyra = join(folder, executableName("palyra", hostPlatform()));
    assert.match((await run(palyra, ["version"])).stdout, /^name=palyra version=0\.1\.0 /);
    assert.match((await run(palyra, ["docs", "show", "help/docs-help"])).stdout, /Usage: palyra docs/);
  });

  it("never have a unit for a program that exists nowhere, even where a candidate brings one", async () => {
    const strange = await standinCandidate({
      version: "0.1.0",
      platforms: [hostPlatform()],
      workerUnit: true,
      out: join(temporary, "strange"),
    });
    const archive = await pack("headless", hostPlatform(), "third", strange);
    assert.ok(!archive.entries.some(({ path }) => path.includes("workerd")));
    assert.deepEqual(await validateArchive(archive.file), []);
  });
});
