/** Others' tools see in every good archive what we see: Info-ZIP, Python's zipfile, sha256sum; names, contents and mode bits. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { lstatSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { platforms } from "../../src/products/index.ts";
import { sha256 } from "../../src/storage/digest.ts";
import { validate } from "../../src/validator/index.ts";
import { temporaryFolder } from "../candidate/tiny-candidate.ts";
import { build, goodRelease, plain, strict, testProducts } from "./release.ts";

function works(command: string, ...args: string[]): boolean {
  try {
    execFileSync(command, args, { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
const has = {
  unzip: works("unzip", "-v"),
  python: works("python3", "--version"),
  sha256sum: works("sha256sum", "--version"),
};

const script = `
import hashlib, json, sys, zipfile
def read(path):
    with zipfile.ZipFile(path) as z:
        assert z.testzip() is None
        return [[i.filename, i.external_attr >> 16 & 0o7777, hashlib.sha256(z.read(i)).hexdigest(), i.file_size] for i in z.infolist()]
print(json.dumps([read(path) for path in sys.argv[1:]]))
`;

describe("good archives, as others see them", () => {
  const temporary = temporaryFolder();
  type Seen = [path: string, mode: number, sha256: string, size: number][];
  const all: { name: string; file: string; seen: Seen }[] = [];
  before(async () => {
    for (const product of [strict, plain]) {
      for (const kind of Object.keys(product.kinds)) {
        for (const platform of platforms) {
          const { base, bytes } = build(goodRelease(product, platform, kind));
          const file = join(temporary.path, `${base}.zip`);
          writeFileSync(file, bytes);
          const { findings, entries } = await validate(file, { products: testProducts });
          assert.deepEqual(findings, []);
          all.push({
            name: base,
            file,
            seen: entries.map(({ path, mode, sha256: digest, size }) => [path, mode!, digest!, size]),
          });
        }
      }
    }
    assert.equal(all.length, 15);
  });

  (has.python ? it : it.skip)("Python's zipfile agrees on names, modes, contents and sizes", () => {
    assert.deepEqual(
      JSON.parse(execFileSync("python3", ["-c", script, ...all.map(({ file }) => file)], { encoding: "utf8" })),
      all.map(({ seen }) => seen),
    );
  }).timeout(60_000);

  (has.unzip ? it : it.skip)("unzip -t finds no errors", () => {
    for (const { file, seen } of all) {
      const said = execFileSync("unzip", ["-t", file], {
        encoding: "utf8",
        env: { ...process.env, LC_ALL: "C.UTF-8" },
      });
      assert.match(said, /No errors detected/);
      assert.equal(said.match(/ OK$/gm)?.length, seen.length);
    }
  });

  (has.unzip ? it : it.skip)("unzip unpacks the same names, modes and contents, and the folder validates", async () => {
    for (const { name, file, seen } of all) {
      const folder = join(temporary.path, name);
      mkdirSync(folder);
      execFileSync("sh", ["-c", 'umask 022; exec unzip -q "$0" -d "$1"', file, folder], {
        env: { ...process.env, LC_ALL: "C.UTF-8" },
      });
      const there = readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((f) => f.isFile())
        .map((f) => join(f.parentPath, f.name));
      const unpacked: Seen = there.map((path) => [
        path.slice(folder.length + 1),
        lstatSync(path).mode & 0o7777,
        sha256(readFileSync(path)),
        lstatSync(path).size,
      ]);
      assert.deepEqual(
        unpacked.sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b))),
        seen,
      );
      assert.deepEqual((await validate(folder, { products: testProducts })).findings, []);
    }
  }).timeout(60_000);

  (has.unzip && has.sha256sum ? it : it.skip)("sha256sum -c finds every file as checksums.txt says", () => {
    for (const { name, seen } of all) {
      const said = execFileSync("sha256sum", ["--strict", "-c", "checksums.txt"], {
        cwd: join(temporary.path, name),
        encoding: "utf8",
      });
      assert.equal(said.match(/: OK$/gm)?.length, seen.length - 1);
    }
  });

  (has.unzip ? it : it.skip)("Info-ZIP's own reading of the directory agrees on modes and sizes", () => {
    for (const { file, seen } of all) {
      const lines = execFileSync("unzip", ["-Z", "-l", file], {
        encoding: "utf8",
        env: { ...process.env, LC_ALL: "C.UTF-8" },
      })
        .split("\n")
        .filter((line) => /^[-l?d]/.test(line));
      const bits = (text: string): number =>
        [...text.slice(1, 10)].reduce((sum, c) => sum * 2 + (c === "-" ? 0 : 1), 0);
      const listed = lines
        .map((line) => line.trim().split(/\s+/))
        .map(([mode = "", , , size = ""]) => [bits(mode), Number(size)]);
      assert.deepEqual(
        listed,
        seen.map(([, mode, , size]) => [mode, size]),
      );
    }
  });
});
