/**
 * The environment in which Greenlight's commands, its tests and plain `pulumi` all do the same on the same state. Whatever runs the
 * engine gets it from here.
 *
 * PULUMI_HOME belongs to the checkout (`<checkout>/.greenlight/pulumi-home`), not to the user and not to the cache: the plugins in it
 * may be launchers into this checkout's sources, and two checkouts must not start each other's. The passphrase belongs to the
 * workspace, beside the state that it opens.
 */
import { delimiter, dirname, isAbsolute, join } from "node:path";
import { shellQuoted } from "../edges/shell-word.mjs";
import { findEngine, findNode } from "./found.mjs";
import { loopbackUnproxied, passes, steering } from "./passing.mjs";
import { cachePath, checkout, onPath, workspaceFolder } from "./places.mjs";

/** Holds the plugins and the engine's own notes. */
export const pulumiHome = () => join(checkout, ".greenlight", "pulumi-home");

/**
 * Opens the state's secrets; made by setup, readable by its owner alone.
 * @param {string} workspace
 */
export const passphraseFile = (workspace) => join(workspace, ".greenlight", "passphrase");

/**
 * What differs from the environment that a person's shell has: a value to set, or undefined for a variable to unset.
 * Parts that are not there yet (engine, Node) are left out of PATH.
 * @param {{ workspace?: string, base?: NodeJS.ProcessEnv }} [options] workspace: absolute; the one of the current folder when left out
 * @returns {Record<string, string | undefined>}
 */
export function environmentChanges({ workspace = workspaceFolder(), base = process.env } = {}) {
  const own = [cachePath("node"), cachePath("engine")];
  const kept = (base["PATH"] ?? "")
    .split(delimiter)
    .filter((folder) => folder !== "" && !own.some((o) => folder.startsWith(`${o}/`)));
  const node = findNode();
  const engine = findEngine();
  const path = kept.join(delimiter);
  /** @type {string[]} */
  const first = [];
  if (node && onPath("node", { path }) !== node.file) first.push(dirname(node.file));
  if (engine && onPath("pulumi", { path }) !== engine.file) first.push(dirname(engine.file));
  /** @type {Record<string, string | undefined>} */
  const changes = {
    PATH: [...first, ...kept.filter((folder) => !first.includes(folder))].filter(isAbsolute).join(delimiter),
    PULUMI_HOME: pulumiHome(),
    PULUMI_CONFIG_PASSPHRASE_FILE: passphraseFile(workspace),
    // Absolute: the relative one of Pulumi.yaml is taken from the current folder, and a sub folder has no state.
    PULUMI_BACKEND_URL: backendOf(join(workspace, ".greenlight", "state")),
    PULUMI_CONTINUE_ON_ERROR: "true",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    PULUMI_SKIP_UPDATE_CHECK: "true",
    GREENLIGHT_NODE: node?.file,
    // Compiled code is kept: program and plugins start in half the time (measured: a preview takes 1.1 s instead of 1.9 s).
    NODE_COMPILE_CACHE: cachePath("compiled"),
  };
  Object.assign(changes, loopbackUnproxied(base));
  // It would lend the user's SSH keys to machines.
  changes["SSH_AUTH_SOCK"] = undefined;
  for (const name of steering(base, changes)) if (!(name in changes)) changes[name] = undefined;
  return changes;
}

/**
 * The address of a state in a folder, as the engine reads addresses: it undoes %41, and what follows ? or # is not the path.
 * @param {string} folder absolute
 */
export const backendOf = (folder) => `file://${folder.replace(/[%?#]/g, (character) => encodeURIComponent(character))}`;

/**
 * The sentence about variables that would have steered the engine and are kept from it, or undefined when there are none.
 * @param {{ workspace?: string, base?: NodeJS.ProcessEnv }} [options] see {@link environmentChanges}
 */
export function keptFromEngine(options = {}) {
  const names = steering(options.base ?? process.env, environmentChanges(options));
  if (names.length === 0) return undefined;
  return `Not passed on to the engine: ${names.join(", ")}; what Greenlight does is set in the stack's file and on its command line alone.`;
}

/**
 * The whole environment of a child process of ours that is not the engine: the person's, with our changes.
 * @param {{ workspace?: string, base?: NodeJS.ProcessEnv }} [options] see {@link environmentChanges}
 * @returns {NodeJS.ProcessEnv}
 */
export function ownEnvironment(options = {}) {
  return applied({ ...(options.base ?? process.env) }, environmentChanges(options));
}

/**
 * The whole environment of the engine and of what it starts: made from what may pass and our changes.
 * @param {{ workspace?: string, base?: NodeJS.ProcessEnv }} [options] see {@link environmentChanges}
 * @returns {NodeJS.ProcessEnv}
 */
export function environment(options = {}) {
  const passing = Object.entries(options.base ?? process.env).filter(([name]) => passes(name));
  return applied(Object.fromEntries(passing), environmentChanges(options));
}

/**
 * @param {NodeJS.ProcessEnv} result is changed
 * @param {Record<string, string | undefined>} changes
 */
function applied(result, changes) {
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined) delete result[name];
    else result[name] = value;
  }
  return result;
}

/**
 * Lines for `eval "$(greenlight env)"` in a POSIX shell.
 * @param {Record<string, string | undefined>} changes
 */
export function exportLines(changes) {
  return Object.entries(changes)
    .map(([name, value]) => (value === undefined ? `unset ${name}\n` : `export ${name}=${shellQuoted(value)}\n`))
    .join("");
}
