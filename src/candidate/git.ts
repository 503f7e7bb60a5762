/** What git knows of the checkout that binaries were built from. Only questions are asked: nothing is fetched, written or run by hooks. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { EdgeError } from "../edges/edges.ts";
import type { Source } from "./schema.ts";

/** Branches that releases are made from, the first one that there is. */
const mainBranches = ["refs/remotes/origin/HEAD", "refs/remotes/origin/main", "refs/heads/main", "refs/remotes/origin/master", "refs/heads/master"];

type Git = (...args: string[]) => Promise<string | undefined>;

/** Answers standard output, or undefined when git says no. */
function gitIn(checkout: string): Git {
  return async (...args) => {
    try {
      const env = { ...process.env, LC_ALL: "C", GIT_OPTIONAL_LOCKS: "0", GIT_TERMINAL_PROMPT: "0", GIT_NO_LAZY_FETCH: "1" };
      // A checkout's own settings may name a program to run for `status`: not here.
      const { stdout } = await promisify(execFile)("git", ["-C", checkout, "-c", "core.fsmonitor=false", ...args], { env, maxBuffer: 64 << 20 });
      return stdout.trim();
    } catch (e) {
      if ((e as NodeJS.ErrnoException).code === "ENOENT") throw new EdgeError("Recording the source takes `git`, which is not on PATH; install it, or seal the candidate without `--source`.");
      return undefined;
    }
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

/** The tag to name a commit by: one that is the version's, otherwise the first by name. */
function chosen(tags: readonly string[], version: string | undefined): string | null {
  return tags.find((tag) => tag === `v${version}` || tag === version) ?? tags[0] ?? null;
}

/**
 * Commit, time, tag and cleanliness of a checkout; `version`: of the candidate, to choose among several tags.
 * @throws EdgeError when it is no checkout of git, or git is not there.
 */
export async function sourceOf(checkout: string, version?: string): Promise<Source> {
  const git = gitIn(checkout);
  const revision = await git("rev-parse", "--verify", "HEAD^{commit}");
  if (revision === undefined) throw new EdgeError(`${checkout} is not a git checkout with a commit; name the checkout that the binaries were built from with \`--source\`.`);
  const tag = chosen(((await git("tag", "--points-at", "HEAD")) ?? "").split("\n").filter(Boolean), version);
  // A lightweight tag is no object of its own, and cannot be signed.
  const object = tag === null ? undefined : await git("cat-file", "tag", `refs/tags/${tag}`);
  const seconds = Number(await git("log", "-1", "--format=%ct", "HEAD"));
  const status = await git("status", "--porcelain", "--ignore-submodules=none");
  return {
    repository: withoutCredentials((await git("remote", "get-url", "origin")) ?? "unknown"),
    revision,
    date: new Date(seconds * 1000).toISOString().replace(/\.\d+Z$/, "Z"),
    tag,
    tag_signed: /^-----BEGIN (PGP|SSH) SIGNATURE-----$|^-----BEGIN SIGNED MESSAGE-----$/m.test(object ?? ""),
    on_main: await onMain(git),
    // What cannot be told apart from a changed checkout is taken for one.
    dirty: status !== "",
  };
}
