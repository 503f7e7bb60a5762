/** The release that a new version follows in a channel: what upgrades start from. */
import { readFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { BinaryVersionsSchema } from "../archive/index.ts";
import { EdgeError, parseJson } from "../edges/edges.ts";
import type { Platform } from "../products/index.ts";
import { sha256, sha256File } from "../storage/digest.ts";
import { archiveNamed } from "../products/index.ts";
import type { BeforeArchive } from "./proof.ts";
import { readIndex, readRelease } from "./read.ts";
import type { Index, Release } from "./release.ts";
import { requireListed } from "./unlisted.ts";
import { compareVersions } from "../candidate/index.ts";

/** An archive of the release before, as its channel holds it; paths are relative to the workspace. */
export interface EarlierArchive {
  base: string;
  kind: string;
  platform: Platform;
  path: string;
  sha256: string;
  recipe: { path: string; sha256: string } | null;
}

/** The release before, by what its archives are. */
export interface Predecessor {
  version: string;
  archives: EarlierArchive[];
}

export interface PreviousArchive extends EarlierArchive {
  /** what each binary says of its version, by its key */
  binaryVersions: Record<string, string>;
}

export interface PreviousRelease {
  version: string;
  archives: PreviousArchive[];
}

const restore =
  "restore the release from a backup, or set greenlight:previous to another version that the channel holds";

/** The sentence for a file of a release that cannot be read. */
function unreadable(file: string, e: unknown): EdgeError {
  return new EdgeError(
    `${file} cannot be read (${(e as NodeJS.ErrnoException).code}), though it was released; ${restore}.`,
    "stored",
  );
}

/** What the manifest beside an archive says of its binaries' versions. @throws EdgeError when it is missing or not what was released. */
function binaryVersions(release: Release, folder: string, base: string): Record<string, string> {
  const name = `${base}.release-manifest.json`;
  const file = join(folder, name);
  const released = release.files.find(({ path }) => path === name);
  if (!released)
    throw new EdgeError(
      `Release ${release.product} ${release.version} holds no ${name}, so that nothing is known of the versions of its binaries; set greenlight:previous to another version that the channel holds.`,
    );
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (e) {
    throw unreadable(file, e);
  }
  if (sha256(bytes) !== released.sha256)
    throw new EdgeError(
      `${file} has SHA-256 ${sha256(bytes)}, and ${released.sha256} was released; ${restore}.`,
      "stored",
    );
  return parseJson(BinaryVersionsSchema, bytes.toString("utf8"), { what: file, remedy: restore });
}

/** Archives of a release with their recipes, without what must be read to know more of them. */
function archivesOf(release: Release, workspace: string, absolute: string): EarlierArchive[] {
  const folder = relative(workspace, absolute);
  const digests = new Map(release.files.map((file) => [file.path, file.sha256]));
  return release.files.flatMap(({ path, role, sha256: digest }) => {
    const named = role === "archive" ? archiveNamed(release.product, release.version, path) : undefined;
    if (!named) return [];
    const recipe = `${named.base}.recipe-single-vm.zip`;
    const known = digests.get(recipe);
    return [
      {
        ...named,
        path: join(folder, path),
        sha256: digest,
        recipe: known === undefined ? null : { path: join(folder, recipe), sha256: known },
      },
    ];
  });
}

/** Finds, for an archive's path in a release, the archive that it follows: the same kind for the same platform. */
export function beforeArchive(
  product: string,
  version: string,
  before: Predecessor | undefined,
): (path: string) => BeforeArchive | undefined {
  return (path) => {
    const named = archiveNamed(product, version, path);
    return named && before?.archives.find((each) => each.kind === named.kind && each.platform === named.platform);
  };
}

/** A channel that holds nothing older is not thereby empty: what came into it before this version has users, and nothing was proven of their way. */
function requireFirst(channel: string, version: string, index: Index): void {
  const own = index.releases.find((release) => release.version === version);
  const earlier = index.releases.filter(
    (release) => release !== own && (!own || release.publishedAt < own.publishedAt),
  );
  if (earlier.length === 0) return;
  throw new EdgeError(
    `Channel ${channel} holds ${index.product} ${earlier.map((release) => release.version).join(", ")}, and none is older than ${version}, so that there is no release to upgrade from though the channel is not empty; publish ${version} to a channel of its own (greenlight:channel), or give the candidate a later version.`,
  );
}

/** What `greenlight:previous` asks for: a version of the stack's own channel, or `<channel>/<version>`. */
function askedFor(asked: string, channel: string): { from: string; wanted: string } {
  const at = asked.indexOf("/");
  return at < 0 ? { from: channel, wanted: asked } : { from: asked.slice(0, at), wanted: asked.slice(at + 1) };
}

function held(workspace: string, channel: string, product: string, version: string): string[] {
  const index = readIndex(workspace, channel, product);
  // What no index names of this very version is what a publication of it left when it was cut off.
  requireListed(workspace, channel, product, version, index);
  return (index?.releases ?? []).map((release) => release.version);
}

/**
 * The release of a channel that `version` follows: the newest below it, or the one of `asked`. Undefined only when the channel was
 * read and held none at all before this version: the same candidate finds the same release again after it was itself published.
 * @throws EdgeError when the channel cannot be read, holds only versions that are not older, holds releases that its index does
 * not name, or does not hold the version that was asked for, or that is not older.
 */
function releaseBefore(
  workspace: string,
  channel: string,
  product: string,
  version: string,
  asked = "",
): { release: Release; folder: string } | undefined {
  const own = held(workspace, channel, product, version);
  const older = (versions: string[]): string[] =>
    versions.filter((each) => compareVersions(each, version) < 0).sort(compareVersions);
  const index = readIndex(workspace, channel, product);
  // Whatever was asked for: there is none that could be.
  if (index && older(own).length === 0) requireFirst(channel, version, index);
  const { from, wanted } = askedFor(asked, channel);
  const there = from === channel ? own : held(workspace, from, product, version);
  if (asked !== "" && !older(there).includes(wanted)) {
    const why = there.includes(wanted)
      ? `is not older than ${version}`
      : `is not in channel ${from}, which holds ${there.join(", ") || "nothing"}`;
    throw new EdgeError(
      `${product} ${wanted} ${why}; set greenlight:previous to an older version that the channel holds, or to nothing for the newest of them.`,
    );
  }
  const chosen = asked === "" ? older(own).at(-1) : wanted;
  return chosen === undefined ? undefined : readRelease(workspace, from, product, chosen);
}

/**
 * The release that upgrades of `version` start from in a channel.
 * @param asked empty for the newest below `version`; a version of that channel, or `<channel>/<version>` for one of another
 * @throws EdgeError as {@link releaseBefore}, and when a manifest of that release is not what was released.
 */
export function previousRelease(
  workspace: string,
  channel: string,
  product: string,
  version: string,
  asked = "",
): PreviousRelease | undefined {
  const before = releaseBefore(workspace, channel, product, version, asked);
  if (!before) return undefined;
  const { release, folder } = before;
  const archives = archivesOf(release, workspace, folder).map((archive) => ({
    ...archive,
    binaryVersions: binaryVersions(release, folder, archive.base),
  }));
  return { version: release.version, archives };
}

/** The release that `version` would follow in a channel, by its archives' digests. @throws EdgeError as {@link releaseBefore}. */
export function predecessor(
  workspace: string,
  channel: string,
  product: string,
  version: string,
): Predecessor | undefined {
  const before = releaseBefore(workspace, channel, product, version);
  return before && { version: before.release.version, archives: archivesOf(before.release, workspace, before.folder) };
}

/** What is wrong with the bytes that machines for these platforms will be given of the release before, as sentences; empty when they are those that were released. */
export async function previousFaults(
  workspace: string,
  { archives }: PreviousRelease,
  wanted: readonly Platform[],
): Promise<string[]> {
  const brought = archives
    .filter(({ platform }) => wanted.includes(platform))
    .flatMap(({ path, sha256: digest, recipe }) => [
      { path, digest },
      ...(recipe ? [{ path: recipe.path, digest: recipe.sha256 }] : []),
    ]);
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
