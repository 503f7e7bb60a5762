/** What a workspace needs before the engine's first command: the state's folder and the passphrase that opens its secrets. */
import { randomBytes } from "node:crypto";
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, relative } from "node:path";
import { passphraseFile } from "../environment.mjs";
import { SetupFault } from "../fault.mjs";

const SALT = /^encryptionsalt:.*\r?\n?/m;

/**
 * Stacks in the workspace's state, by name.
 * @param {string} workspace
 * @returns {string[]}
 */
export function stacks(workspace) {
  const folder = join(workspace, ".greenlight", "state", ".pulumi", "stacks");
  try {
    return readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".json"))
      .map((name) => name.replace(/^.*\//, "").slice(0, -5));
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
 * Forgets what stack files hold of a passphrase that is not this workspace's: the engine writes a salt into Pulumi.<stack>.yaml, which
 * comes along with a clone and then makes a new passphrase "incorrect". A salt that protects nothing in its file is removed.
 * @param {string} workspace
 * @throws {SetupFault} when secrets are protected by it
 */
function forgetForeignSalts(workspace) {
  const files = readdirSync(workspace).filter((name) => /^Pulumi\..+\.ya?ml$/.test(name));
  const salted = files
    .map((name) => ({ name, text: readFileSync(join(workspace, name), "utf8") }))
    .filter(({ text }) => SALT.test(text));
  for (const { name, text } of salted) {
    if (/^\s*-?\s*secure:/m.test(text)) {
      throw new SetupFault(
        `${name} holds secrets that only the passphrase of the workspace it comes from opens; put that file at ${passphraseFile(workspace)}, ` +
          `or remove the secure values and the line encryptionsalt from ${name}.`,
      );
    }
  }
  for (const { name, text } of salted) {
    const temporary = join(workspace, ".greenlight", name);
    writeFileSync(temporary, text.replace(SALT, ""), { mode: statSync(join(workspace, name)).mode });
    renameSync(temporary, join(workspace, name));
  }
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
      forgetForeignSalts(workspace);
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
