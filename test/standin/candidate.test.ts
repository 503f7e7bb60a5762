/** Candidates of the stand-in: whole, sealed, made once, and the same wherever they are made. */
import assert from "node:assert/strict";
import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkCandidate, readCandidate } from "../../src/candidate/index.ts";
import { executableName, productNamed, type Platform } from "../../src/products/index.ts";
import { sha256File } from "../../src/storage/digest.ts";
import { standinCandidate, type StandinCandidate } from "./candidate.ts";
import { hostPlatform } from "./go.ts";

describe("a candidate of the stand-in", function () {
  this.timeout(300_000);
  const palyra = productNamed("palyra");
  const host: Platform = hostPlatform();
  const temporary = mkdtempSync(join(tmpdir(), "greenlight-standin-"));
  let usual: StandinCandidate;
  before(async () => {
    usual = await standinCandidate({ version: "0.1.0", platforms: [host] });
  });
  after(() => rmSync(temporary, { recursive: true, force: true }));

  it("has nothing missing or wrong for either kind", async () => {
    assert.deepEqual(await checkCandidate(usual.folder, palyra, [host]), []);
  });

  it("has every file that archives must have, but those that packing writes", () => {
    const { candidate } = usual;
    const brought = new Set([
      ...Object.keys(candidate.platforms[host]!.assets!),
      "LICENSE.txt",
      "RELEASE_NOTES.txt",
      "README.txt",
    ]);
    assert.deepEqual(
      palyra.payload!.required.filter((path) => !brought.has(path)),
      [],
    );
    const recipes = Object.values(palyra.payload!.recipeFolders).flatMap((folder) =>
      [...brought].filter((path) => path.startsWith(`${folder}/`)),
    );
    assert.equal(recipes.length, 14);
    assert.ok([...brought].filter((path) => path.startsWith("docs/help_snapshots/")).length >= 100);
    assert.ok(
      ![...brought].some((path) => path.includes("palyra-workerd")),
      "no unit for a binary that does not exist",
    );
    for (const note of ["RELEASE_NOTES.txt", "MIGRATION_NOTES.txt", "ROLLBACK.txt"])
      assert.match(readFileSync(join(usual.folder, "shared", note), "utf8"), /0\.1\.0/, note);
  });

  it("has four binaries that differ, each executable", async () => {
    const files = Object.keys(palyra.binaries).map((key) => usual.binary(key));
    assert.equal(new Set(await Promise.all(files.map(sha256File))).size, 4);
    for (const file of files) assert.equal(statSync(file).mode & 0o777, 0o755);
  });

  it("is made once; what was spoiled since is made again, to the same bytes, and so is a candidate elsewhere", async () => {
    const out = join(temporary, "copy");
    const built: string[] = [];
    const make = () =>
      standinCandidate({ version: "0.1.0", platforms: [host], out, report: (line) => built.push(line) });
    const copy = await make();
    const binary = (from: StandinCandidate) => from.candidate.platforms[host]!.binaries;
    assert.deepEqual(binary(copy), binary(usual));
    assert.equal(built.length, 1);
    const { mtimeMs } = statSync(copy.binary("palyra"));
    await make();
    assert.equal(built.length, 1);
    assert.equal(statSync(copy.binary("palyra")).mtimeMs, mtimeMs);
    appendFileSync(join(out, "shared/web/index.html"), "spoiled");
    assert.deepEqual(binary(await make()), binary(usual));
    assert.equal(built.length, 1, "the binaries were not spoiled");
    assert.deepEqual(readCandidate(out).platforms[host], usual.candidate.platforms[host]);
  });

  it("can have faults built in, and keep the unit that goes with no binary", async () => {
    const out = join(temporary, "faulty");
    const faulty = await standinCandidate({
      version: "0.1.0",
      platforms: [host],
      faults: ["cli-version-mismatch"],
      workerUnit: true,
      out,
    });
    const { execFileSync } = await import("node:child_process");
    assert.match(execFileSync(faulty.binary("palyra"), ["version"], { encoding: "utf8" }), /version=9\.9\.9/);
    assert.ok(faulty.candidate.platforms[host]!.assets!["deployment/worker-enabled/systemd/palyra-workerd.service"]);
    assert.equal(executableName("palyra", "windows-x64"), "palyra.exe");
  });
});
