/** Whether a release folder is, to the last byte, what its release.json says. */
import { lstatSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { EdgeError, type Finding } from "../edges/edges.ts";
import { sha256, sha256File } from "../storage/digest.ts";
import { parseRelease, type Release } from "./release.ts";

/** Every entry below a folder that is no folder, as POSIX paths; links and devices count as entries. */
function entriesBelow(folder: string, prefix = ""): string[] {
  return readdirSync(join(folder, prefix), { withFileTypes: true }).flatMap((entry) => {
    const path = prefix === "" ? entry.name : `${prefix}/${entry.name}`;
    return entry.isDirectory() ? entriesBelow(folder, path) : [path];
  });
}

/** What is wrong with one file, as a sentence without its name; undefined when nothing is. */
async function faultOf(file: string, expected: { sha256: string; size: number }): Promise<string | undefined> {
  const found = lstatSync(file, { throwIfNoEntry: false });
  if (!found) return "is missing";
  if (!found.isFile()) return "is not a file";
  if (found.size !== expected.size) return `has ${found.size} bytes, not the ${expected.size} that were released`;
  const digest = await sha256File(file);
  return digest === expected.sha256 ? undefined : `has SHA-256 ${digest}, not the released ${expected.sha256}`;
}

/** Faults of a folder's files against a release that is already known; release.json itself is looked at by its digest. */
export async function compareFolder(folder: string, release: Release, releaseDigest: string): Promise<Finding[]> {
  const findings: Finding[] = [];
  const add = (path: string, message: string) => findings.push({ path, message });
  for (const file of release.files) {
    const fault = await faultOf(join(folder, file.path), file);
    if (fault) add(file.path, fault);
  }
  const listed = new Set(["release.json", ...release.files.map((file) => file.path)]);
  for (const path of entriesBelow(folder)) if (!listed.has(path)) add(path, "is there and was not released");
  const own = readFileSync(join(folder, "release.json"));
  if (sha256(own) !== releaseDigest)
    add("release.json", `has SHA-256 ${sha256(own)}, not the ${releaseDigest} that the channel's index names`);
  return findings;
}

/**
 * Re-hashes a whole release folder: an empty list when it is what was released.
 * @param expected SHA-256 of its release.json, as the channel's index names it; without it the folder is only held against itself.
 */
export async function verifyRelease(folder: string, expected?: string): Promise<Finding[]> {
  const file = join(folder, "release.json");
  try {
    // What a link leads to can change, or go, without the channel.
    if (lstatSync(folder, { throwIfNoEntry: false })?.isSymbolicLink())
      return [{ path: basename(folder), message: "is a link, and no folder" }];
    const text = readFileSync(file, "utf8");
    const release = parseRelease(text, { what: file, remedy: "publish the release again" });
    return await compareFolder(folder, release, expected ?? sha256(text));
  } catch (e) {
    if (e instanceof EdgeError) return [{ path: "release.json", message: e.message }];
    const code = (e as NodeJS.ErrnoException).code;
    if (code === undefined) throw e;
    return [
      {
        path: "release.json",
        message: code === "ENOENT" || code === "ENOTDIR" ? "is missing" : `cannot be read (${code})`,
      },
    ];
  }
}
