/** `greenlight pack`: all archives of a candidate in one command, with the lines that scripts read. */
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { validateArchive } from "../../src/archive/index.ts";
import { writeCandidate } from "../../src/candidate/index.ts";
import { sha256 } from "../../src/storage/digest.ts";
import { program, put, temporaryFolder, tinyCandidate, tinyDraft } from "../candidate/tiny-candidate.ts";

describe("the pack command", () => {
  const temporary = temporaryFolder();
  const run = async (...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> => {
    try {
      return {
        code: 0,
        ...(await promisify(execFile)(process.execPath, [
          "--disable-warning=ExperimentalWarning",
          join(import.meta.dirname, "../../src/cli/main.ts"),
          "pack",
          ...args,
        ])),
      };
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
    assert.deepEqual(
      stdout.trim().split("\n"),
      bases.flatMap((b) => [
        line("archive_path", b, "zip"),
        line("manifest_path", b, "release-manifest.json"),
        line("checksums_path", b, "checksums.txt"),
        line("archive_checksum_path", b, "zip.sha256"),
      ]),
    );
    assert.deepEqual(
      readdirSync(out).sort(),
      bases
        .flatMap((b) =>
          [
            "binaries.json",
            "checksums.txt",
            "release-manifest.json",
            "zip",
            "zip.sha256",
            ...(b.endsWith("linux-x64") ? ["install.sh"] : []),
          ].map((s) => `${b}.${s}`),
        )
        .sort(),
    );
    for (const b of bases) assert.deepEqual(await validateArchive(join(out, `${b}.zip`)), []);
    assert.equal((await run(folder, "-o", join(out, "one"), "--platform", "windows-x64", "--kind", "server")).code, 0);
    assert.ok(readdirSync(join(out, "one")).every((name) => name.startsWith(bases[1]!)));
  });

  const digests = (folder: string): Record<string, string> =>
    Object.fromEntries(
      readdirSync(folder)
        .sort()
        .map((name) => [name, sha256(readFileSync(join(folder, name)))]),
    );

  it("does not pack its own archives, wherever they lie in the candidate", async () => {
    const folder = join(temporary.path, "within");
    await tinyCandidate(folder);
    rmSync(join(folder, "shared"), { recursive: true });
    const create = () =>
      promisify(execFile)(process.execPath, [
        "--disable-warning=ExperimentalWarning",
        join(import.meta.dirname, "../../src/cli/main.ts"),
        "candidate",
        "create",
        folder,
        "-p",
        "nats",
        "--version",
        "2.11.4",
      ]);
    await create();
    const out = join(folder, "archives");
    assert.equal((await run(folder, "-o", out)).code, 0);
    const first = digests(out);
    const { stdout } = await create();
    assert.match(stdout, /left out\n {2}archives\/ +6 files .*is what `greenlight pack` writes/);
    assert.equal((await run(folder, "-o", out)).code, 0);
    assert.deepEqual(digests(out), first);
  });

  it("replaces all archives or none", async () => {
    const [folder, out] = [join(temporary.path, "set"), join(temporary.path, "set-out")];
    await tinyCandidate(folder, ["linux-x64", "windows-x64"]);
    assert.equal((await run(folder, "-o", out)).code, 0);
    const first = digests(out);
    // As a run that was killed while it placed: one file of the set is new, and one that was there is put aside.
    const stage = join(out, ".part-99999999-x");
    mkdirSync(join(stage, "earlier"), { recursive: true });
    const [one, two] = Object.keys(first);
    renameSync(join(out, one!), join(stage, "earlier", one!));
    put(out, one!, "new");
    renameSync(join(out, two!), join(stage, "earlier", two!));
    put(stage, "made/two", "new");
    put(out, "added.zip", "new");
    put(
      stage,
      "placing.json",
      JSON.stringify([
        { name: one, from: "made/one" },
        { name: two, from: "made/two" },
        { name: "added.zip", from: "made/added.zip" },
      ]),
    );
    rmSync(join(folder, "linux-x64/nats"));
    await tinyCandidate(folder, ["linux-x64", "windows-x64"], {
      ...tinyDraft(["linux-x64", "windows-x64"]),
      source: { repository: "https://example.org/other", revision: null },
    });
    put(folder, "windows-x64/nats.exe", "not a program");
    const failed = await run(folder, "-o", out);
    assert.equal(failed.code, 2, failed.stderr);
    assert.equal((await run(folder, "-o", out, "--platform", "linux-x64", "-k", "server")).code, 0);
    const after = digests(out);
    assert.deepEqual(
      Object.keys(after),
      Object.keys(first),
      "what was placed in part is taken back, and the stage is gone",
    );
    for (const name of Object.keys(first).filter((n) => n.includes("windows")))
      assert.equal(after[name], first[name], name);
    assert.notEqual(after["nats-server-2.11.4-linux-x64.zip"], first["nats-server-2.11.4-linux-x64.zip"]);
  });

  it("refuses to write over a file that the candidate has sealed", async () => {
    const folder = join(temporary.path, "over");
    const draft = tinyDraft();
    const name = "nats-server-2.11.4-linux-x64.zip";
    draft.platforms["linux-x64"]!.assets = { "docs/old.zip": name };
    put(folder, name, "x");
    await tinyCandidate(folder, ["linux-x64"], draft);
    const { code, stderr } = await run(folder, "-o", folder);
    assert.equal(code, 2);
    assert.match(
      stderr,
      /x64\.zip would be written over, and the candidate has sealed it; name another with `--output`/,
    );
  });

  it("says in a sentence that the disk is full, and leaves nothing there", async function () {
    const [folder, out] = [join(temporary.path, "full"), join(temporary.path, "full-out")];
    await tinyCandidate(folder);
    mkdirSync(out);
    const main = join(import.meta.dirname, "../../src/cli/main.ts");
    const script = `mount -t tmpfs -o size=256k none "$1" || exit 77; "$2" --disable-warning=ExperimentalWarning "$3" pack "$4" -o "$1"; code=$?; ls -A "$1" >&2; exit $code`;
    const { code, stderr } = await promisify(execFile)("unshare", [
      "-rm",
      "sh",
      "-c",
      script,
      "sh",
      out,
      process.execPath,
      main,
      folder,
    ]).then(
      () => ({ code: 0, stderr: "" }),
      (e: { code: number | string; stderr: string }) => e,
    );
    if (code === 77 || code === "ENOENT" || /unshare: /.test(stderr)) return this.skip();
    assert.equal(code, 2, stderr);
    assert.match(
      stderr,
      /^nats-server-2\.11\.4-linux-x64\.zip cannot be written below .* \(no space is left, ENOSPC\); make room there, or name another folder\.\n$/,
    );
  });

  it("leaves nothing when it is interrupted", async () => {
    const [folder, out] = [join(temporary.path, "interrupted"), join(temporary.path, "interrupted-out")];
    await tinyCandidate(folder);
    put(folder, "linux-x64/nats-server", program("linux-x64", 60_000_000), 0o755);
    await writeCandidate(folder, tinyDraft());
    const child = spawn(
      process.execPath,
      [
        "--disable-warning=ExperimentalWarning",
        join(import.meta.dirname, "../../src/cli/main.ts"),
        "pack",
        folder,
        "-o",
        out,
      ],
      { stdio: "ignore" },
    );
    const ended = new Promise<number | null>((done) => child.on("close", done));
    while (child.exitCode === null && !(existsSync(out) && readdirSync(out).length > 0))
      await new Promise((done) => setTimeout(done, 5));
    child.kill("SIGINT");
    assert.equal(await ended, 130);
    assert.deepEqual(readdirSync(out), []);
  });

  it("says everything that is missing, and packs nothing", async () => {
    const [folder, out] = [join(temporary.path, "lacking"), join(temporary.path, "none")];
    await tinyCandidate(folder);
    rmSync(join(folder, "linux-x64/nats"));
    rmSync(join(folder, "LICENSE.txt"));
    const { code, stdout, stderr } = await run(folder, "-o", out);
    assert.deepEqual([code, stdout, existsSync(out)], [2, "", false]);
    assert.match(
      stderr,
      /2 things are missing or wrong:\n {2}- licence: .*\n {2}- platforms\.linux-x64\.binaries\.nats: /,
    );
    const unknown = await run(folder, "--kind", "desktop");
    assert.deepEqual(
      [unknown.code, unknown.stderr],
      [2, '--kind names "desktop", and nats has no such kind; use server.\n'],
    );
  });
}).timeout(30_000);
