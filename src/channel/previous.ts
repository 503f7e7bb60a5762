/** The release that a new version follows in a channel: what upgrades start from. */
import { join, relative } from "node:path";
import { EdgeError } from "../edges/edges.ts";
import { platforms, type Platform } from "../products/index.ts";
import { readIndex, readRelease } from "./read.ts";
import type { Release } from "./release.ts";
import { compareVersions } from "./version.ts";

/** An archive of the release before, as the channel holds it; paths are relative to the workspace. */
export interface PreviousArchive {
  base: string;
  kind: string;
  platform: Platform;
  path: string;
  sha256: string;
  recipe: { path: string; sha256: string } | null;
}

export interface PreviousRelease {
  version: string;
  archives: PreviousArchive[];
}

function archivesOf(release: Release, folder: string): PreviousArchive[] {
  const start = `${release.product}-`;
  const digests = new Map(release.files.map((file) => [file.path, file.sha256]));
  return release.files.flatMap(({ path, role, sha256 }): PreviousArchive[] => {
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
        sha256,
        recipe: digests.has(recipe) ? { path: join(folder, recipe), sha256: digests.get(recipe)! } : null,
      },
    ];
  });
}

/**
 * The newest release of a channel below `version`, or the one of `asked`. Undefined only when the channel was read and holds
 * none: the same candidate finds the same release again after it was itself published.
 * @throws EdgeError when the channel cannot be read, or does not hold the version that was asked for, or that is not older.
 */
export function previousRelease(workspace: string, channel: string, product: string, version: string, asked = ""): PreviousRelease | undefined {
  const held = (readIndex(workspace, channel, product)?.releases ?? []).map((release) => release.version);
  const below = held.filter((each) => compareVersions(each, version) < 0).sort(compareVersions);
  if (asked !== "" && !below.includes(asked)) {
    const why = held.includes(asked) ? `is not older than ${version}` : `is not in channel ${channel}, which holds ${held.join(", ") || "nothing"}`;
    throw new EdgeError(`${product} ${asked} ${why}; set greenlight:previous to an older version that the channel holds, or to nothing for the newest of them.`);
  }
  const chosen = asked === "" ? below.at(-1) : asked;
  if (chosen === undefined) return undefined;
  const { release, folder } = readRelease(workspace, channel, product, chosen)!;
  return { version: chosen, archives: archivesOf(release, relative(workspace, folder)) };
}
