/** Where setup finds and puts things. The TypeScript sources have the same in src/storage/folders.ts; an old Node cannot read those. */
import { accessSync, constants, existsSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, isAbsolute, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder that holds these sources: package.json, src, infra. */
export const checkout = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");

/**
 * The workspace: `$GREENLIGHT_WORKSPACE`, otherwise the nearest folder at or above `from` that holds Pulumi.yaml, otherwise the checkout.
 * @param {string} [from]
 */
export function workspaceFolder(from = process.cwd()) {
  const given = process.env["GREENLIGHT_WORKSPACE"];
  if (given) return resolve(given);
  for (let folder = resolve(from); ; folder = dirname(folder)) {
    if (existsSync(join(folder, "Pulumi.yaml"))) return folder;
    if (folder === dirname(folder)) return checkout;
  }
}

/**
 * `$XDG_CACHE_HOME/greenlight/<parts>` or `~/.cache/greenlight/<parts>`.
 * @param {...string} parts
 */
export function cachePath(...parts) {
  const xdg = process.env["XDG_CACHE_HOME"];
  return join(xdg && isAbsolute(xdg) ? xdg : join(homedir(), ".cache"), "greenlight", ...parts);
}

/** @param {string} file */
export function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/**
 * The first executable of that name in a PATH; folders in `without` and below are passed over.
 * @param {string} name
 * @param {{ path?: string, without?: string[] }} [options]
 * @returns {string | undefined}
 */
export function onPath(name, { path = process.env["PATH"] ?? "", without = [] } = {}) {
  return path
    .split(delimiter)
    .filter((folder) => isAbsolute(folder) && !without.some((w) => folder === w || folder.startsWith(`${w}/`)))
    .map((folder) => join(folder, name))
    .find(isExecutable);
}

/**
 * The same, also in the system's folders for root, which need not be on the PATH of another user.
 * @param {string} name
 */
export const systemProgram = (name) =>
  onPath(name, { path: `${process.env["PATH"] ?? ""}:/usr/local/sbin:/usr/sbin:/sbin` });
