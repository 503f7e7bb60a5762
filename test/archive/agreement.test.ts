/** Tools of others agree with us on what we pack: Info-ZIP, Python's zipfile and sha256sum, on contents and every mode bit. Each is asked where it is installed. */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { packArchive, type PackedArchive } from "../../src/archive/index.ts";
import { writeCandidate } from "../../src/candidate/index.ts";
import { platforms } from "../../src/products/index.ts";
import { box, boxDraft, fillBox, knownBox } from "../candidate/box-candidate.ts";
import { nats, program, put, temporaryFolder, tinyCandidate, tinyDraft } from "../candidate/tiny-candidate.ts";

const has = (program: string, ...args: string[]): boolean =>
  spawnSync(program, args, { stdio: "ignore" }).error === undefined;

const python = `
import hashlib, json, sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as z:
    assert z.testzip() is None
    print(json.dumps([[i.filename, (i.external_attr >> 16) & 0o7777, (i.external_attr >> 28), i.file_size, hashlib.sha256(z.read(i)).hexdigest(), list(i.date_time)] for i in z.infolist()]))
`;

describe("what others read in our archives", () => {
  const temporary = temporaryFolder();
  knownBox();
  const packed: PackedArchive[] = [];
  before(async function () {
    this.timeout(60_000);
    const folder = join(temporary.path, "box");
    fillBox(folder);
    const candidate = await writeCandidate(folder, boxDraft());
    const outputFolder = join(temporary.path, "out");
    for (const kind of Object.keys(box.kinds))
      for (const platform of platforms)
        packed.push(
          await packArchive({ candidateFolder: folder, candidate, product: box, kind, platform, outputFolder }),
        );
    // Entries of several blocks, an empty one, a name beyond ASCII.
    const tiny = join(temporary.path, "tiny");
    await tinyCandidate(tiny);
    put(tiny, "linux-x64/nats", program("linux-x64", 2_500_000), 0o755);
    packed.push(
      await packArchive({
        candidateFolder: tiny,
        candidate: await writeCandidate(tiny, tinyDraft()),
        product: nats,
        kind: "server",
        platform: "linux-x64",
        outputFolder,
      }),
    );
  });

  it("Info-ZIP finds every archive whole, and unpacks the modes that we state", function () {
    if (!has("unzip", "-v")) this.skip();
    for (const { file, base, entries } of packed) {
      execFileSync("unzip", ["-tqq", file]);
      const folder = join(temporary.path, "unzipped", base);
      mkdirSync(folder, { recursive: true });
      execFileSync("unzip", ["-qq", file, "-d", folder], { env: { ...process.env, LC_ALL: "C.UTF-8" } });
      for (const { path, mode, size } of entries) {
        const stat = statSync(join(folder, path));
        assert.deepEqual([stat.mode & 0o7777, stat.size], [mode, size], `${base}: ${path}`);
      }
    }
  }).timeout(60_000);

  it("sha256sum agrees with the list inside and with the digest beside every archive", function () {
    if (!has("sha256sum", "--version")) this.skip();
    for (const { file, base } of packed) {
      execFileSync("sha256sum", ["--strict", "--quiet", "-c", `${base}.zip.sha256`], { cwd: dirname(file) });
      const folder = join(temporary.path, "unzipped", base);
      if (existsSync(folder))
        execFileSync("sha256sum", ["--strict", "--quiet", "-c", "checksums.txt"], { cwd: folder });
    }
  }).timeout(60_000);

  it("the digests beside all archives, one after another, are lines that sha256sum and a shell's read take one by one", function () {
    if (!has("sha256sum", "--version")) this.skip();
    const folder = join(temporary.path, "beside");
    mkdirSync(folder, { recursive: true });
    for (const { file, base } of packed)
      for (const end of ["zip", "zip.sha256"])
        copyFileSync(join(dirname(file), `${base}.${end}`), join(folder, `${base}.${end}`));
    const said = execFileSync(
      "sh",
      [
        "-c",
        'cat ./*.sha256 | sha256sum --strict -c && cat ./*.sha256 | while read -r digest name; do echo "read $name"; done',
      ],
      { cwd: folder, encoding: "utf8" },
    );
    for (const { base } of packed)
      assert.ok(said.includes(`${base}.zip: OK\n`) && said.includes(`read ${base}.zip\n`), base);
  }).timeout(60_000);

  it("Python's zipfile reads the same names, types, modes, sizes, digests and times", function () {
    if (!has("python3", "--version")) this.skip();
    for (const { file, base, entries } of packed) {
      const read = JSON.parse(execFileSync("python3", ["-c", python, file], { encoding: "utf8" })) as [
        string,
        number,
        number,
        number,
        string,
        number[],
      ][];
      const date = base.startsWith("box-") ? [2026, 1, 2, 3, 4, 6] : [2025, 5, 22, 13, 21, 10];
      assert.deepEqual(
        read,
        entries.map((e) => [e.path, e.mode, 0o10, e.size, e.sha256, date]),
        base,
      );
    }
  }).timeout(60_000);
});
