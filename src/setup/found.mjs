/** Which Node and which engine are used: the user's where they are new enough, otherwise those that setup put into the cache. */
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, realpathSync, renameSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { bareEnvironment } from "./passing.mjs";
import { cachePath, isExecutable, onPath } from "./places.mjs";
import { atLeast, ENGINE_VERSION, NODE_VERSION, parseVersion, runsTypeScript, versionText } from "./versions.mjs";

/**
 * A tool that is there.
 * @typedef {object} Tool
 * @property {string} file its executable, absolute
 * @property {string} version
 * @property {boolean} own true when setup got it, false when it is the user's
 */

/** Where setup puts Node. */
export const ownNode = () => cachePath("node", NODE_VERSION, "bin", "node");

/** Where setup puts the engine: a root as the Automation API's `PulumiCommand.get({ root })` wants it, with `bin/pulumi`. */
export const ownEngineRoot = () => cachePath("engine", ENGINE_VERSION);

/** Folders on PATH that earlier runs of `greenlight env` may have left there. */
const ownFolders = () => [cachePath("node"), cachePath("engine")];

/**
 * The version that `file args` prints, or undefined when it cannot be had. Remembered by path, size and time of change, because
 * some tools need a third of a second to say it.
 * @param {string} file
 * @param {string[]} args
 */
export function toolVersion(file, args) {
  const notebook = cachePath("setup", "versions.json");
  /** @type {Record<string, string>} */
  let known = {};
  try {
    known = JSON.parse(readFileSync(notebook, "utf8"));
  } catch {
    // none yet, or spoiled: it is only a memory
  }
  try {
    const stat = statSync(realpathSync(file));
    const key = `${file} ${args.join(" ")} ${stat.size} ${stat.mtimeMs}`;
    const remembered = known[key];
    if (typeof remembered === "string") return parseVersion(remembered);
    const output = execFileSync(file, args, {
      encoding: "utf8",
      timeout: 10_000,
      stdio: ["ignore", "pipe", "ignore"],
      env: bareEnvironment(),
    });
    const version = parseVersion(output);
    if (version) remember(notebook, { ...known, [key]: versionText(version) });
    return version;
  } catch {
    return undefined;
  }
}

/**
 * @param {string} notebook
 * @param {Record<string, string>} known
 */
function remember(notebook, known) {
  try {
    mkdirSync(dirname(notebook), { recursive: true });
    writeFileSync(`${notebook}.${process.pid}`, JSON.stringify(known));
    renameSync(`${notebook}.${process.pid}`, notebook);
  } catch {
    // a cache that cannot be written costs time only
  }
}

/**
 * The Node that runs Greenlight's TypeScript: the one on PATH, the one that runs this file, or the one in the cache.
 * @returns {Tool | undefined}
 */
export function findNode() {
  const fromPath = onPath("node", { without: ownFolders() });
  for (const file of [fromPath, process.execPath]) {
    if (!file || file.startsWith(`${cachePath("node")}/`)) continue;
    const version =
      realpath(file) === realpath(process.execPath) ? parseVersion(process.version) : toolVersion(file, ["--version"]);
    if (version && runsTypeScript(version)) return { file, version: versionText(version), own: false };
  }
  const file = ownNode();
  return isExecutable(file) ? { file, version: NODE_VERSION, own: true } : undefined;
}

/**
 * The user's engine: the first `pulumi` on PATH that is not the cache's, if it is new enough and has its Node language host.
 * @returns {{ tool: Tool | undefined, why: string }} why: what was found, for the doctor
 */
export function usersEngine() {
  const file = onPath("pulumi", { without: ownFolders() });
  if (!file) return { tool: undefined, why: "no pulumi on PATH" };
  const version = toolVersion(file, ["version"]);
  if (!version) return { tool: undefined, why: `${file} does not say its version` };
  if (!atLeast(version, parseVersion(ENGINE_VERSION) ?? [0, 0, 0])) {
    return { tool: undefined, why: `${file} is ${versionText(version)}, older than ${ENGINE_VERSION}` };
  }
  const host = "pulumi-language-nodejs";
  const beside = [dirname(file), dirname(realpath(file))].some((folder) => isExecutable(join(folder, host)));
  if (!beside && !onPath(host, { without: ownFolders() }))
    return { tool: undefined, why: `${file} has no ${host} beside it or on PATH` };
  return { tool: { file, version: versionText(version), own: false }, why: "" };
}

/**
 * The engine in use: the user's or the cache's.
 * @returns {Tool | undefined}
 */
export function findEngine() {
  const { tool } = usersEngine();
  if (tool) return tool;
  const file = join(ownEngineRoot(), "bin", "pulumi");
  return isExecutable(file) ? { file, version: ENGINE_VERSION, own: true } : undefined;
}

/** @param {string} file */
function realpath(file) {
  try {
    return realpathSync(file);
  } catch {
    return file;
  }
}
