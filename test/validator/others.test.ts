/**
 * Odd and bad archives that others made for their own tests, where they happen to be installed: none is taken for a release,
 * none makes the validator throw, and every file in them that we read is what an independent reader reads.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { sha256 } from "../../src/storage/digest.ts";
import { rules, validate } from "../../src/validator/index.ts";

function said(command: string, ...args: string[]): string | undefined {
  try {
    return execFileSync(command, args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  } catch {
    return undefined;
  }
}

const goRoot = [said("go", "env", "GOROOT"), "/usr/local/go", "/usr/lib/go"].find(
  (root) => root && existsSync(join(root, "src/archive/zip/testdata")),
);
const pythonTests = said("python3", "-c", "import test, os; print(os.path.dirname(test.__file__))");
const required = createRequire(import.meta.url);

const modules = said("go", "env", "GOMODCACHE");

/** Tests of a Go module that lies in the module cache, in any version. */
function moduleTests(owner: string, name: string, below: string): string | undefined {
  const folder = modules && join(modules, owner);
  const found =
    folder && existsSync(folder)
      ? readdirSync(folder)
          .filter((n) => n.startsWith(name))
          .map((n) => join(folder, n, below))
      : [];
  return found.find((f) => existsSync(f));
}

function packageTests(name: string): string | undefined {
  try {
    return join(dirname(required.resolve(name)), "test");
  } catch {
    return undefined;
  }
}

const sources: [name: string, folder: string | undefined][] = [
  ["Go's archive/zip", goRoot && join(goRoot, "src/archive/zip/testdata")],
  ["klauspost/compress, of Go's module cache", moduleTests("github.com/klauspost", "compress@", "zip/testdata")],
  ["spf13/afero, of Go's module cache", moduleTests("github.com/spf13", "afero@", "zipfs/testdata")],
  ["Python's test suite", pythonTests],
  ["Python's wheels", pythonTests && join(pythonTests, "../ensurepip/_bundled")],
  ["yauzl's test suite", packageTests("yauzl")],
];

function zipsBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((f) => f.isFile() && /\.(zip|whl|egg|pyz|notzip|jar)$/i.test(f.name))
    .map((f) => join(f.parentPath, f.name))
    .slice(0, 500);
}

/** Digests by name for each archive that Python can read; null for the others. One process for all of them. */
const script = `
import hashlib, json, sys, zipfile
def read(path):
    try:
        with zipfile.ZipFile(path) as z:
            return {i.filename: hashlib.sha256(z.read(i)).hexdigest() for i in z.infolist() if not i.is_dir()}
    except Exception:
        return None
print(json.dumps([read(path) for path in sys.argv[1:]]))
`;

describe("archives that others made for their tests", () => {
  const known = new Set(rules.map(({ id }) => id));
  for (const [name, folder] of sources) {
    const files = folder && existsSync(folder) ? zipsBelow(folder) : [];
    it(`${name}: ${files.length > 0 ? `${files.length} archives` : "none is installed here, so none was tried"}`, async function () {
      if (files.length === 0) this.skip();
      const theirs = JSON.parse(said("python3", "-c", script, ...files) ?? "[]") as (Record<string, string> | null)[];
      for (const [index, file] of files.entries()) {
        const { findings, entries } = await validate(file);
        assert.notEqual(findings.length, 0, file);
        assert.ok(
          findings.every(({ rule }) => known.has(rule)),
          file,
        );
        // Where names or places are ambiguous, readers may differ: that is why these rules exist.
        if (
          findings.some(({ rule }) =>
            ["name-encoding", "name-duplicate", "prepended-bytes", "zip64", "local-header"].includes(rule),
          )
        )
          continue;
        for (const { path, sha256: digest } of entries)
          if (digest !== undefined && theirs[index]?.[path] !== undefined)
            assert.equal(digest, theirs[index][path], `${file}: ${path}`);
      }
    }).timeout(120_000);
  }

  it("Go's archives of other systems have all their contents read", async function () {
    if (!goRoot) this.skip();
    const folder = join(goRoot, "src/archive/zip/testdata");
    for (const [file, path, text] of [
      ["unix.zip", "hello", "world \r\n"],
      ["winxp.zip", "hello", "world \r\n"],
      ["go-with-datadesc-sig.zip", "foo.txt", "foo\n"],
    ] as const) {
      assert.ok(existsSync(join(folder, file)));
      const { entries } = await validate(join(folder, file));
      assert.equal(entries.find((e) => e.path === path)?.sha256, sha256(text), file);
    }
  });
});
