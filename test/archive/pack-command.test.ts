/** `greenlight pack`: all archives of a candidate in one command, with the lines that scripts read. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { validateArchive } from "../../src/archive/index.ts";
import { temporaryFolder, tinyCandidate } from "../candidate/tiny-candidate.ts";

describe("the pack command", () => {
  const temporary = temporaryFolder();
  const run = async (...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> => {
    try {
      return { code: 0, ...(await promisify(execFile)(process.execPath, ["--disable-warning=ExperimentalWarning", join(import.meta.dirname, "../../src/cli/main.ts"), "pack", ...args])) };
    } catch (e) {
      return e as { code: number; stdout: string; stderr: string };
    }
  };

  it("packs every kind and platform side by side, and says where", async () => {
    const [folder, out] = [join(temporary.path, "candidate"), join(temporary.path, "out")];
    await tinyCandidate(folder, ["linux-x64", "windows-x64"]);
    const { code, stdout, stderr } = await run(folder, "-o", out);
    assert.equal(code, 0, stderr);
    const bases = ["nats-server-2.11.4-linux-x64", "nats-server-2.11.4-windows-x64"];
    const line = (key: string, base: string, suffix: string): string => `${key}=${join(out, `${base}.${suffix}`)}`;
    assert.deepEqual(stdout.trim().split("\n"), bases.flatMap((b) => [line("archive_path", b, "zip"), line("manifest_path", b, "release-manifest.json"), line("checksums_path", b, "checksums.txt"), line("archive_checksum_path", b, "zip.sha256")]));
    assert.deepEqual(readdirSync(out).sort(), bases.flatMap((b) => ["binaries.json", "checksums.txt", "release-manifest.json", "zip", "zip.sha256", ...(b.endsWith("linux-x64") ? ["install.sh"] : [])].map((s) => `${b}.${s}`)).sort());
    for (const b of bases) assert.deepEqual(await validateArchive(join(out, `${b}.zip`)), []);
    assert.equal((await run(folder, "-o", join(out, "one"), "--platform", "windows-x64", "--kind", "server")).code, 0);
    assert.ok(readdirSync(join(out, "one")).every((name) => name.startsWith(bases[1]!)));
  });

  it("says everything that is missing, and packs nothing", async () => {
    const [folder, out] = [join(temporary.path, "lacking"), join(temporary.path, "none")];
    await tinyCandidate(folder);
    rmSync(join(folder, "linux-x64/nats"));
    rmSync(join(folder, "LICENSE.txt"));
    const { code, stdout, stderr } = await run(folder, "-o", out);
    assert.deepEqual([code, stdout, existsSync(out)], [2, "", false]);
    assert.match(stderr, /2 things are missing or wrong:\n {2}- licence: .*\n {2}- platforms\.linux-x64\.binaries\.nats: /);
    const unknown = await run(folder, "--kind", "desktop");
    assert.deepEqual([unknown.code, unknown.stderr], [2, "There is no kind desktop; use server.\n"]);
  });
}).timeout(30_000);
