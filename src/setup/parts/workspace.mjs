/** What a workspace needs before the engine's first command: the state's folder and the passphrase that opens its secrets. */
import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, linkSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { passphraseFile } from "../environment.mjs";
import { SetupFault } from "../fault.mjs";

/**
 * Stacks in the workspace's state, by name.
 * @param {string} workspace
 * @returns {string[]}
 */
export function stacks(workspace) {
  const folder = join(workspace, ".greenlight", "state", ".pulumi", "stacks");
  try {
    return readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".json")).map((name) => name.replace(/^.*\//, "").slice(0, -5));
  } catch {
    return [];
  }
}

/**
 * What is there, or undefined.
 * @param {string} workspace
 */
export function workspaceFound(workspace) {
  const passphrase = passphraseFile(workspace);
  if (!existsSync(join(workspace, ".greenlight", "state")) || !existsSync(passphrase)) return undefined;
  return (statSync(passphrase).mode & 0o077) === 0 ? join(workspace, ".greenlight") : undefined;
}

/**
 * @param {string} workspace absolute
 * @returns {import("../steps.mjs").Step}
 */
export function workspaceStep(workspace) {
  return {
    name: "workspace",
    purpose: "making the folder of the state and its passphrase",
    needs: [],
    lock: join(workspace, ".greenlight", "setup", "workspace.lock"),
    check: () => workspaceFound(workspace),
    async get() {
      mkdirSync(join(workspace, ".greenlight", "state"), { recursive: true });
      const file = passphraseFile(workspace);
      if (existsSync(file)) return chmodSync(file, 0o600);
      const there = stacks(workspace);
      if (there.length > 0) {
        throw new SetupFault(
          `${file} is missing, and the stacks ${there.join(", ")} can only be opened with it; put it back, ` +
            `or give them up by removing ${relative(workspace, dirname(file))}/state.`,
        );
      }
      const temporary = `${file}.${process.pid}`;
      writeFileSync(temporary, `${randomBytes(32).toString("hex")}\n`, { mode: 0o600 });
      try {
        linkSync(temporary, file); // never over one that is there
      } finally {
        rmSync(temporary);
      }
    },
  };
}
