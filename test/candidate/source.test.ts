/** The source of a candidate is what lies in the checkout that was named, whatever the surroundings or its own settings say. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { sourceOf } from "../../src/candidate/git.ts";
import { EdgeError } from "../../src/edges/edges.ts";
import { put, temporaryFolder } from "./tiny-candidate.ts";

describe("the source of a candidate", () => {
  const temporary = temporaryFolder();
  let [checkout, number] = ["", 0];
  const git = (folder: string, ...args: string[]): string => {
    const env = { PATH: process.env["PATH"], HOME: temporary.path, GIT_CONFIG_NOSYSTEM: "1" };
    return execFileSync("git", ["-C", folder, "-c", "user.name=Tester", "-c", "user.email=t@example.org", ...args], {
      env,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    }).trim();
  };
  const made = (name: string): string => {
    const folder = join(temporary.path, `${name}-${number++}`);
    put(folder, "main.rs", `// ${name}\n`);
    put(folder, "crates/one/lib.rs", "// one\n");
    put(folder, ".gitignore", "target/\n");
    git(temporary.path, "init", "-q", "-b", "main", folder);
    git(folder, "add", "-A");
    git(folder, "commit", "-q", "-m", name);
    return folder;
  };
  beforeEach(() => (checkout = made("checkout")));

  it("is the checkout's own, wherever the environment sends git", async () => {
    const other = made("other");
    const sent: Record<string, string> = {
      GIT_DIR: join(other, ".git"),
      GIT_WORK_TREE: other,
      GIT_INDEX_FILE: join(other, ".git/index"),
      GIT_OBJECT_DIRECTORY: join(other, ".git/objects"),
      GIT_COMMON_DIR: join(other, ".git"),
      GIT_NAMESPACE: "x",
      GIT_CONFIG_COUNT: "1",
      GIT_CONFIG_KEY_0: "core.worktree",
      GIT_CONFIG_VALUE_0: other,
    };
    const before = { ...process.env };
    for (const name of Object.keys(sent)) {
      process.env[name] = sent[name];
      if (name === "GIT_CONFIG_COUNT") Object.assign(process.env, sent);
      try {
        const source = await sourceOf(checkout);
        assert.deepEqual([source.revision, source.dirty], [git(checkout, "rev-parse", "HEAD"), false], name);
      } finally {
        for (const each of Object.keys(sent)) if (before[each] === undefined) delete process.env[each];
      }
    }
  });

  const changes: [string, () => void][] = [
    [
      "a file that git does not know, where its settings hide such files",
      () => (git(checkout, "config", "status.showUntrackedFiles", "no"), put(checkout, "new.rs", "")),
    ],
    [
      "a changed file that is assumed to be unchanged",
      () => (git(checkout, "update-index", "--assume-unchanged", "main.rs"), put(checkout, "main.rs", "// other\n")),
    ],
    [
      "a changed file that git is told to skip",
      () => (git(checkout, "update-index", "--skip-worktree", "main.rs"), put(checkout, "main.rs", "// other\n")),
    ],
    [
      "a file that is gone and assumed to be unchanged",
      () => (git(checkout, "update-index", "--assume-unchanged", "main.rs"), rmSync(join(checkout, "main.rs"))),
    ],
    ["a changed file", () => put(checkout, "crates/one/lib.rs", "// two\n")],
    ["a staged file", () => (put(checkout, "main.rs", "// staged\n"), void git(checkout, "add", "main.rs"))],
  ];
  for (const [name, change] of changes) {
    it(`is not clean with ${name}`, async () => {
      assert.equal((await sourceOf(checkout)).dirty, false);
      change();
      assert.equal((await sourceOf(checkout)).dirty, true);
    });
  }

  it("is clean where a part was never checked out, and where only ignored files were added", async () => {
    git(checkout, "sparse-checkout", "set", "--no-cone", "/main.rs", "/.gitignore");
    put(checkout, "target/debug/x", "");
    assert.equal((await sourceOf(checkout)).dirty, false);
  });

  it("may be a part of a checkout, and is never that of a checkout around it", async () => {
    assert.equal((await sourceOf(join(checkout, "crates/one"))).revision, git(checkout, "rev-parse", "HEAD"));
    mkdirSync(join(checkout, "target/unpacked"), { recursive: true });
    put(checkout, "target/unpacked/main.rs", "");
    await assert.rejects(
      sourceOf(join(checkout, "target/unpacked")),
      (e: Error) =>
        e instanceof EdgeError &&
        /unpacked holds nothing that the git checkout around it .* knows; name the checkout/.test(e.message),
    );
  });

  it("says what there is instead of a checkout", async () => {
    await assert.rejects(
      sourceOf(join(temporary.path, "none")),
      /none does not exist; name the checkout that the binaries were built from with `--source`\.$/,
    );
    await assert.rejects(sourceOf(join(checkout, "main.rs")), /main\.rs is not a folder; name the checkout/);
    git(temporary.path, "init", "-q", "--bare", join(temporary.path, "bare"));
    await assert.rejects(
      sourceOf(join(temporary.path, "bare")),
      /is not a git checkout with a commit; name the checkout/,
    );
  });
});
