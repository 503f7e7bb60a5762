/**
 * Repair of a channel's indexes from the release folders that are there. It only adds: what a readable index names
 * stays named, what lies in a folder stays there, and an index that is not usable is kept under another name; one that a
 * newer program wrote is left as it is.
 */
import { copyFileSync, existsSync, lstatSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { EdgeError } from "../edges/edges.ts";
import { isLowerCaseName } from "../edges/names.ts";
import { writeAtomic } from "../storage/atomic-write.ts";
import { sha256 } from "../storage/digest.ts";
import { workspacePath } from "../storage/folders.ts";
import { withLock } from "../storage/lock.ts";
import { indexOfOthers, readIndex } from "./read.ts";
import { channelFolder, indexFile, IndexSchema, parseRelease, publishedFolder, type Index } from "./release.ts";
import { unlistedReleases } from "./unlisted.ts";
import { verifyRelease } from "./verify.ts";
import { compareVersions } from "../candidate/index.ts";

/** A release folder, and what is wrong with it. */
export interface Fault {
  version: string;
  why: string;
}

/** What repair found of one product, and what it did. */
export interface Repaired {
  product: string;
  /** what is wrong with the index, as a clause; undefined when it is readable */
  indexFault?: string;
  /** what to do about an index that must be left as it is; then nothing was looked at */
  remedy?: string;
  /** where an index that is not usable was copied to */
  aside?: string;
  /** versions that the index named and that are whole */
  whole: string[];
  /** versions that the index names and that are not whole; they stay named, and nobody can be given them */
  damaged: Fault[];
  /**
   * versions that were taken back in, and when their release.json was written: what stands for the time of publication
   */
  added: { version: string; publishedAt: string }[];
  /** folders that stay outside */
  left: Fault[];
  /** what the channel offers now; undefined when it has no index */
  current?: string;
}

type Entry = Index["releases"][number];

/**
 * The index's entry for a folder that no index names.
 * @throws EdgeError when it is not, whole, the release that its place says.
 */
async function entryOf(folder: string, product: string, version: string): Promise<Entry> {
  const file = join(folder, "release.json");
  if (!lstatSync(folder).isDirectory()) throw new EdgeError("it is a link and no folder");
  const faults = await verifyRelease(folder);
  if (faults.length > 0) throw new EdgeError(faults.map((fault) => `${fault.path} ${fault.message}`).join("; "));
  const text = readFileSync(file, "utf8");
  const release = parseRelease(text, { what: file, remedy: "restore it from a backup" });
  if (release.product !== product || release.version !== version) {
    throw new EdgeError(`its release.json is that of ${release.product} ${release.version}`);
  }
  return { version, release: sha256(text), publishedAt: statSync(file).mtime.toISOString() };
}

/** The index as it is, or a clause about why it is of no use. */
function indexThere(workspace: string, channel: string, product: string): { index?: Index; fault?: string } {
  try {
    const index = readIndex(workspace, channel, product);
    return index ? { index } : { fault: "is missing" };
  } catch (e) {
    if (!(e instanceof EdgeError)) throw e;
    return { fault: `is not usable (${e.message.replace(/\.$/, "")})` };
  }
}

async function repairProduct(workspace: string, channel: string, product: string): Promise<Repaired> {
  const others = indexOfOthers(indexFile(workspace, channel, product));
  if (others)
    return { product, indexFault: others.what, remedy: others.remedy, whole: [], damaged: [], added: [], left: [] };
  const { index, fault } = indexThere(workspace, channel, product);
  const result: Repaired = {
    product,
    ...(fault !== undefined && { indexFault: fault }),
    whole: [],
    damaged: [],
    added: [],
    left: [],
  };
  for (const { version, release } of index?.releases ?? []) {
    const faults = await verifyRelease(publishedFolder(workspace, channel, product, version), release);
    if (faults.length === 0) result.whole.push(version);
    else result.damaged.push({ version, why: faults.map(({ path, message }) => `${path} ${message}`).join("; ") });
  }
  const entries = [...(index?.releases ?? [])];
  for (const version of unlistedReleases(workspace, channel, product, index)) {
    try {
      const entry = await entryOf(publishedFolder(workspace, channel, product, version), product, version);
      entries.push(entry);
      result.added.push({ version, publishedAt: entry.publishedAt });
    } catch (e) {
      if (!(e instanceof EdgeError)) throw e;
      result.left.push({ version, why: e.message.replace(/\.$/, "") });
    }
  }
  const newest = [...(index ? [index.current] : []), ...result.added.map(({ version }) => version)]
    .sort(compareVersions)
    .at(-1);
  if (newest === undefined) return result;
  result.current = newest;
  if (result.added.length === 0) return result;
  const file = indexFile(workspace, channel, product);
  const releases = entries.sort((a, b) => compareVersions(a.version, b.version));
  const text = `${JSON.stringify(IndexSchema.parse({ schema: 1, product, current: newest, releases }), null, 2)}\n`;
  if (!index && existsSync(file)) {
    result.aside = `${file}.${sha256(readFileSync(file)).slice(0, 12)}`;
    copyFileSync(file, result.aside);
  }
  writeAtomic(file, text);
  return result;
}

/** Products of which the channel has an index or a release folder. */
function productsOf(workspace: string, channel: string): string[] {
  const root = channelFolder(workspace, channel);
  const names = (folder: string): string[] => (existsSync(folder) ? readdirSync(folder) : []);
  const indexes = names(root)
    .filter((name) => name.endsWith(".json"))
    .map((name) => name.slice(0, -".json".length));
  const releases = join(root, "releases");
  const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
  const folders = names(releases).filter((name) => isFolder(join(releases, name)));
  const held = folders.filter((product) => unlistedReleases(workspace, channel, product, undefined).length > 0);
  return [...new Set([...indexes, ...held])].filter(isLowerCaseName).sort();
}

/** Names of the channels of a workspace, sorted. */
export function channelsOf(workspace: string): string[] {
  const folder = workspacePath(workspace, "channels");
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith("."))
    .map(({ name }) => name)
    .sort();
}

/**
 * Rebuilds a channel's indexes: every release folder that verifies and that no index names is taken in, and the channel
 * offers the highest version. Nothing is removed.
 * @throws EdgeError when there is no such channel, or its lock stays taken.
 */
export async function repairChannel(workspace: string, channel: string, lockWaitSeconds = 60): Promise<Repaired[]> {
  const there = channelsOf(workspace);
  if (!there.includes(channel))
    throw new EdgeError(`There is no channel ${JSON.stringify(channel)} here; there is ${there.join(", ") || "none"}.`);
  return withLock(workspacePath(workspace, "channels", `${channel}.lock`), lockWaitSeconds, async () => {
    const results: Repaired[] = [];
    for (const product of productsOf(workspace, channel))
      results.push(await repairProduct(workspace, channel, product));
    return results;
  });
}
