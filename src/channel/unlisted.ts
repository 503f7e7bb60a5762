/**
 * Release folders that no index names: an older index was restored, the index was lost, or a publication was killed
 * before it wrote one. Such a folder may have users, so it is never replaced, and nothing is published past it.
 */
import { existsSync, lstatSync, readdirSync } from "node:fs";
import { dirname } from "node:path";
import { EdgeError } from "../edges/edges.ts";
import { channelFolder, publishedFolder, type Index } from "./release.ts";

/**
 * Names of the folders of a product's releases that `index` does not name, sorted. Links count, hidden names and files
 * do not.
 * @throws EdgeError when the folder of the product's releases cannot be read, or is a link that leads nowhere.
 */
export function unlistedReleases(
  workspace: string,
  channel: string,
  product: string,
  index: Index | undefined,
): string[] {
  const folder = dirname(publishedFolder(workspace, channel, product, "any"));
  const listed = new Set(index?.releases.map(({ version }) => version));
  try {
    const entries = readdirSync(folder, { withFileTypes: true }).filter(
      (entry) => !entry.isFile() && !entry.name.startsWith("."),
    );
    return entries
      .map(({ name }) => name)
      .filter((name) => !listed.has(name))
      .sort();
  } catch (e) {
    const { code } = e as NodeJS.ErrnoException;
    const places = [channelFolder(workspace, channel), dirname(folder), folder];
    const link = places.find((path) => !existsSync(path) && lstatSync(path, { throwIfNoEntry: false }));
    if (code === "ENOENT" && link !== undefined)
      throw new EdgeError(
        `${link} is a link that leads nowhere; bring back what it leads to, or remove the link.`,
        "stored",
      );
    if (code === "ENOENT") return [];
    throw new EdgeError(
      `${folder} cannot be read (${code}); make it readable and run the same command again.`,
      "stored",
    );
  }
}

/**
 * Nothing is published, promoted or planned beside releases that the index has forgotten: what came before would be
 * wrong. The folder of `version` itself is for whoever publishes it to judge.
 * @throws EdgeError naming what was found, and the command that takes it back in.
 */
export function requireListed(
  workspace: string,
  channel: string,
  product: string,
  version: string,
  index: Index | undefined,
): void {
  const others = unlistedReleases(workspace, channel, product, index).filter((name) => name !== version);
  if (others.length === 0) return;
  const names = index ? "an index that does not name them" : "no index that names a release";
  throw new EdgeError(
    `Channel ${channel} holds ${product} ${others.join(", ")} and ${names}, ` +
      `so that nobody can say what came before ${version}; ` +
      `run \`greenlight channel repair ${channel}\`, which takes back in what is whole.`,
    "stored",
  );
}
