/** The release that a new version follows in a channel: what upgrades start from. */
import { readFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { z } from "zod";
import { EdgeError, parseJson } from "../edges/edges.ts";
import { platforms, type Platform } from "../products/index.ts";
import { sha256, sha256File } from "../storage/digest.ts";
import { readIndex, readRelease } from "./read.ts";
import { type Index, type Release } from "./release.ts";
import { requireListed } from "./unlisted.ts";
import { compareVersions } from "./version.ts";

/** An archive of the release before, as the channel holds it; paths are relative to the workspace. */
export interface PreviousArchive {
  base: string;
  kind: string;
  platform: Platform;
  path: string;
  sha256: string;
  /** what each binary says of its version, by its key */
  binaryVersions: Record<string, string>;
  recipe: { path: string; sha256: string } | null;
}

export interface PreviousRelease {
  version: string;
  archives: PreviousArchive[];
}

const restore = "restore the release from a backup, or set greenlight:previous to another version that the channel holds";

/** The sentence for a file of a release that cannot be read. */
function unreadable(file: string, e: unknown): EdgeError {
  return new EdgeError(`${file} cannot be read (${(e as NodeJS.ErrnoException).code}), though it was released; ${restore}.`);
}

const ManifestSchema = z.object({ version: z.string(), binaries: z.array(z.object({ logical_name: z.string(), version: z.string().optional() })) });

/** What the manifest beside an archive says of its binaries' versions. @throws EdgeError when it is missing or not what was released. */
function binaryVersions(release: Release, folder: string, base: string): Record<string, string> {
  const name = `${base}.release-manifest.json`;
  const file = join(folder, name);
  const released = release.files.find(({ path }) => path === name);
  if (!released) throw new EdgeError(`Release ${release.product} ${release.version} holds no ${name}, so that nothing is known of the versions of its binaries; set greenlight:previous to another version that the channel holds.`);
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (e) {
    throw unreadable(file, e);
  }
  if (sha256(bytes) !== released.sha256) throw new EdgeError(`${file} has SHA-256 ${sha256(bytes)}, and ${released.sha256} was released; ${restore}.`);
  const { version, binaries } = parseJson(ManifestSchema, bytes.toString("utf8"), { what: file, remedy: restore });
  return Object.fromEntries(binaries.map((binary) => [binary.logical_name, binary.version ?? version]));
}

function archivesOf(release: Release, workspace: string, absolute: string): PreviousArchive[] {
  const folder = relative(workspace, absolute);
  const start = `${release.product}-`;
  const digests = new Map(release.files.map((file) => [file.path, file.sha256]));
  return release.files.flatMap(({ path, role, sha256: digest }): PreviousArchive[] => {
    const platform = platforms.find((each) => path.endsWith(`-${release.version}-${each}.zip`));
    if (role !== "archive" || !platform || !path.startsWith(start)) return [];
    const base = path.slice(0, -".zip".length);
    const recipe = `${base}.recipe-single-vm.zip`;
    return [
      {
        base,
        kind: base.slice(start.length, -`-${release.version}-${platform}`.length),
        platform,
        path: join(folder, path),
        sha256: digest,
        binaryVersions: binaryVersions(release, absolute, base),
        recipe: digests.has(recipe) ? { path: join(folder, recipe), sha256: digests.get(recipe)! } : null,
      },
    ];
  });
}

/** A channel that holds nothing older is not thereby empty: what came into it before this version has users, and nothing was proven of their way. */
function requireFirst(channel: string, version: string, index: Index): void {
  const own = index.releases.find((release) => release.version === version);
  const earlier = index.releases.filter((release) => release !== own && (!own || release.publishedAt < own.publishedAt));
  if (earlier.length === 0) return;
  throw new EdgeError(`Channel ${channel} holds ${index.product} ${earlier.map((release) => release.version).join(", ")}, and none is older than ${version}, so that there is no release to upgrade from though the channel is not empty; publish ${version} to a channel of its own (greenlight:channel), or give the candidate a later version.`);
}

/**
 * The newest release of a channel below `version`, or the one of `asked`. Undefined only when the channel was read and held
 * none at all before this version: the same candidate finds the same release again after it was itself published.
 * @throws EdgeError when the channel cannot be read, holds only versions that are not older, or does not hold the version that was asked for, or that is not older.
 */
export function previousRelease(workspace: string, channel: string, product: string, version: string, asked = ""): PreviousRelease | undefined {
  const index = readIndex(workspace, channel, product);
  // What no index names of this very version is what a publication of it left when it was cut off.
  requireListed(workspace, channel, product, version, index);
  const held = (index?.releases ?? []).map((release) => release.version);
  const below = held.filter((each) => compareVersions(each, version) < 0).sort(compareVersions);
  // Whatever was asked for: there is none that could be.
  if (index && below.length === 0) requireFirst(channel, version, index);
  if (asked !== "" && !below.includes(asked)) {
    const why = held.includes(asked) ? `is not older than ${version}` : `is not in channel ${channel}, which holds ${held.join(", ") || "nothing"}`;
    throw new EdgeError(`${product} ${asked} ${why}; set greenlight:previous to an older version that the channel holds, or to nothing for the newest of them.`);
  }
  const chosen = asked === "" ? below.at(-1) : asked;
  if (chosen === undefined) return undefined;
  const { release, folder } = readRelease(workspace, channel, product, chosen)!;
  return { version: chosen, archives: archivesOf(release, workspace, folder) };
}

/** What is wrong with the bytes that machines for these platforms will be given of the release before, as sentences; empty when they are those that were released. */
export async function previousFaults(workspace: string, { archives }: PreviousRelease, wanted: readonly Platform[]): Promise<string[]> {
  const brought = archives.filter(({ platform }) => wanted.includes(platform)).flatMap(({ path, sha256: digest, recipe }) => [{ path, digest }, ...(recipe ? [{ path: recipe.path, digest: recipe.sha256 }] : [])]);
  const faults = brought.map(async ({ path, digest }) => {
    const file = resolve(workspace, path);
    try {
      const found = await sha256File(file);
      return found === digest ? [] : [`${file} has SHA-256 ${found}, and ${digest} was released; ${restore}.`];
    } catch (e) {
      return [unreadable(file, e).message];
    }
  });
  return (await Promise.all(faults)).flat();
}
