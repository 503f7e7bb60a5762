/** Where Greenlight keeps things: the workspace's own folder, and the user's cache that all workspaces share. */
import { homedir } from "node:os";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { existsSync } from "node:fs";
import { EdgeError } from "../edges/edges.ts";

/**
 * The workspace: the nearest folder at or above `from` that holds Pulumi.yaml (or `$GREENLIGHT_WORKSPACE`).
 * @throws EdgeError when there is none.
 */
export function workspaceFolder(from: string = process.cwd()): string {
  const given = process.env["GREENLIGHT_WORKSPACE"];
  if (given) return resolve(given);
  for (let folder = resolve(from); ; folder = dirname(folder)) {
    if (existsSync(join(folder, "Pulumi.yaml"))) return folder;
    if (folder === dirname(folder)) {
      throw new EdgeError(`No Pulumi.yaml at or above ${from}; run this inside a Greenlight workspace.`);
    }
  }
}

/** `.greenlight/<parts>` of a workspace: state, archives, evidence, ledger, channels. */
export function workspacePath(workspace: string, ...parts: string[]): string {
  return join(workspace, ".greenlight", ...parts);
}

/** `$XDG_CACHE_HOME/greenlight/<parts>` (or `~/.cache/...`): images, running machines, tools; safe to delete when idle. */
export function cachePath(...parts: string[]): string {
  const xdg = process.env["XDG_CACHE_HOME"];
  return join(xdg && isAbsolute(xdg) ? xdg : join(homedir(), ".cache"), "greenlight", ...parts);
}
