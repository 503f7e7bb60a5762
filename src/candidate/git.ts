/** What git knows of the checkout that binaries were built from. Only questions are asked: nothing is fetched, written or run by hooks. */
import { lstat, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { EdgeError } from "../edges/edges.ts";
import { versionInTag } from "./coherence.ts";
import { pathFault } from "./path-names.ts";
import type { Source } from "./schema.ts";

/** Branches that releases are made from, the first one that there is. */
const mainBranches = [
  "refs/remotes/origin/HEAD",
  "refs/remotes/origin/main",
  "refs/heads/main",
  "refs/remotes/origin/master",
  "refs/heads/master",
];

type Git = (...args: string[]) => Promise<string | undefined>;

/** Variables that only say where git and its users' settings are; all others of git may lead to another repository, index or work tree. */
const kept = ["GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM", "GIT_EXEC_PATH"];

/** The environment that git is asked in: as after a `cd` into the checkout from a shell that knows nothing of git. */
function surroundings(): NodeJS.ProcessEnv {
  const plain = Object.entries(process.env).filter(([name]) => !name.startsWith("GIT_") || kept.includes(name));
  return {
    ...Object.fromEntries(plain),
    LC_ALL: "C",
    GIT_OPTIONAL_LOCKS: "0",
    GIT_TERMINAL_PROMPT: "0",
    GIT_NO_LAZY_FETCH: "1",
    GIT_NO_REPLACE_OBJECTS: "1",
  };
}

/** Answers standard output, or undefined when git says no. */
function gitIn(checkout: string): Git {
  return async (...args) => {
    // Loaded here, since few commands ask git for something and all of them load this file.
    const { execa } = await import("execa");
    // A checkout's own settings may name a program to run for `status`: not here.
    const ran = await execa("git", ["-C", checkout, "-c", "core.fsmonitor=false", ...args], {
      env: surroundings(),
      extendEnv: false,
      stdin: "ignore",
      maxBuffer: 64 << 20,
      reject: false,
    });
    if (ran.code === "ENOENT")
      throw new EdgeError(
        "Recording the source takes `git`, which is not on PATH; install it, or seal the candidate without `--source`.",
      );
    return ran.failed ? undefined : ran.stdout.trim();
  };
}

/** A remote's address without the credentials that may be in it. */
export function withoutCredentials(address: string): string {
  return address.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/@]*@/i, "$1");
}

async function onMain(git: Git): Promise<boolean | null> {
  for (const branch of mainBranches) {
    if ((await git("rev-parse", "--verify", "--quiet", `${branch}^{commit}`)) === undefined) continue;
    return (await git("merge-base", "--is-ancestor", "HEAD", branch)) !== undefined;
  }
  return null;
}

/** The tag to name a commit by: one that is the version's, or a part's of a monorepo with that version, otherwise the first by name. */
function chosen(tags: readonly string[], version: string | undefined): string | null {
  const ofVersion =
    tags.find((tag) => tag === `v${version}` || tag === version) ??
    tags.find((tag) => version !== undefined && versionInTag(tag, version) === version);
  return ofVersion ?? tags[0] ?? null;
}

/**
 * Whether the checkout has files that git is told not to look at (assumed unchanged, or skipped): such a change shows in no
 * status. Files that a sparse checkout never brought are skipped and not there: these hide nothing.
 */
async function looksAway(git: Git): Promise<boolean> {
  const [top, listed] = [
    await git("rev-parse", "--show-toplevel"),
    await git("ls-files", "-v", "-z", "--full-name", ":/"),
  ];
  if (top === undefined || listed === undefined) return true;
  for (const line of listed.split("\0")) {
    // A letter for how git holds the file, a space, its path; a small letter is an assumption.
    const [letter = "", path] = [line[0], line.slice(2)];
    if (/[a-z]/.test(letter)) return true;
    if (
      letter === "S" &&
      (await lstat(join(top, path)).then(
        () => true,
        () => false,
      ))
    )
      return true;
  }
  return false;
}

/** `remedy` is an imperative clause. @throws EdgeError when the folder is none, or is not the checkout's: an unpacked archive may lie within a checkout of something else. */
export async function requireCheckout(
  checkout: string,
  remedy = "name the checkout that the binaries were built from with `--source`",
): Promise<void> {
  const git = gitIn(checkout);
  const there = await stat(checkout).catch((e: NodeJS.ErrnoException) => e.code ?? e.message);
  if (typeof there === "string")
    throw new EdgeError(
      `${checkout} ${there === "ENOENT" ? "does not exist" : `cannot be read (${there})`}; ${remedy}.`,
    );
  if (!there.isDirectory()) throw new EdgeError(`${checkout} is not a folder; ${remedy}.`);
  const inside = (await git("rev-parse", "--is-inside-work-tree")) === "true";
  if (!inside || (await git("rev-parse", "--verify", "HEAD^{commit}")) === undefined)
    throw new EdgeError(`${checkout} is not a git checkout with a commit; ${remedy}.`);
  const around = await git("rev-parse", "--show-prefix");
  if (around !== "" && (await git("ls-files", "--error-unmatch", "--", ".")) === undefined) {
    throw new EdgeError(
      `${checkout} holds nothing that the git checkout around it (${await git("rev-parse", "--show-toplevel")}) knows; ${remedy}.`,
    );
  }
}

/**
 * The commit of a checkout, and whether it has changes that the commit does not hold; to be asked of a checkout alone.
 * `untracked`: whether files that git does not know are changes, as they are not where a build has just written some.
 */
export async function commitOf(checkout: string, untracked = true): Promise<{ revision: string; dirty: boolean }> {
  const git = gitIn(checkout);
  const revision = (await git("rev-parse", "--verify", "HEAD^{commit}"))!;
  const files = `--untracked-files=${untracked ? "normal" : "no"}`;
  const status = await git("status", "--porcelain", "--ignore-submodules=none", files);
  // What cannot be told apart from a changed checkout is taken for one.
  return { revision, dirty: status !== "" || (await looksAway(git)) };
}

/**
 * Commit, time, tag and cleanliness of a checkout; `version`: of the candidate, to choose among several tags.
 * @throws EdgeError when it is no checkout of git, or git is not there.
 */
export async function sourceOf(checkout: string, version?: string): Promise<Source> {
  const git = gitIn(checkout);
  await requireCheckout(checkout);
  const tag = chosen(((await git("tag", "--points-at", "HEAD")) ?? "").split("\n").filter(Boolean), version);
  // A lightweight tag is no object of its own, and cannot be signed.
  const object = tag === null ? undefined : await git("cat-file", "tag", `refs/tags/${tag}`);
  const seconds = Number(await git("log", "-1", "--format=%ct", "HEAD"));
  const { revision, dirty } = await commitOf(checkout);
  return {
    repository: withoutCredentials((await git("remote", "get-url", "origin")) ?? "unknown"),
    revision,
    date: new Date(seconds * 1000).toISOString().replace(/\.\d+Z$/, "Z"),
    tag,
    tag_signed: /^-----BEGIN (PGP|SSH) SIGNATURE-----$|^-----BEGIN SIGNED MESSAGE-----$/m.test(object ?? ""),
    on_main: await onMain(git),
    dirty,
  };
}

/**
 * A file of a checkout's commit, as its bytes; to be asked of a checkout alone. `changed`: what lies in the checkout is something else,
 * or is gone.
 */
export async function fileOfCommit(
  checkout: string,
  path: string,
): Promise<Buffer | "absent" | "changed" | "unreadable"> {
  if (pathFault(path) !== undefined) return "absent";
  const listed = await gitIn(checkout)("ls-tree", "-z", "HEAD", "--", path);
  const [, mode, blob, name] = /^(\d+) blob ([0-9a-f]+)\t([^\0]*)\0?$/.exec(listed ?? "") ?? [];
  // A link's bytes are those of a path.
  if (blob === undefined || name !== path || mode === "120000") return "absent";
  const { execa } = await import("execa");
  const ran = await execa("git", ["-C", checkout, "cat-file", "blob", blob], {
    ...{ env: surroundings(), extendEnv: false, stdin: "ignore", encoding: "buffer", maxBuffer: 64 << 20 },
    ...{ reject: false, stripFinalNewline: false },
  });
  if (ran.failed) return "unreadable";
  const bytes = Buffer.from(ran.stdout);
  try {
    const there = await lstat(join(checkout, path));
    return there.isFile() && (await readFile(join(checkout, path))).equals(bytes) ? bytes : "changed";
  } catch (e) {
    return (e as NodeJS.ErrnoException).code === "ENOENT" ? "changed" : "unreadable";
  }
}
