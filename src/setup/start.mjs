/** `npm start` and `greenlight`: gets what the command needs, then runs it. */
import { realpathSync } from "node:fs";
import nodeModule from "node:module";
import { join } from "node:path";
import { handOver } from "./child.mjs";
import { doctor } from "./doctor.mjs";
import { environmentChanges, exportLines, keptFromEngine, ownEnvironment } from "./environment.mjs";
import { SETUP_INCOMPLETE } from "./fault.mjs";
import { findNode } from "./found.mjs";
import { withoutOtherLanguages } from "./languages.mjs";
import { needOf } from "./need.mjs";
import { sampleStep } from "./parts/sample.mjs";
import { checkout, workspaceFolder } from "./places.mjs";
import { setup } from "./setup.mjs";
import { atLeast, parseVersion } from "./versions.mjs";

const mainFile = join(checkout, "src", "cli", "main.ts");

/**
 * @param {string[]} args
 * @returns {Promise<number>} the exit code
 */
async function main(args) {
  const workspace = workspaceFolder();
  const [first] = args;
  if (first === "doctor" && args.length === 1) return doctor({ workspace, out: process.stdout });
  if (first === "env" && args.length === 1) {
    sayWhatIsKept(workspace);
    process.stdout.write(exportLines(environmentChanges({ workspace })));
    return 0;
  }
  const onlySetup = first === "setup" && args.length === 1;
  const need = onlySetup ? "machines" : needOf(args);
  const mainJob = first === undefined || (need === "machines" && first.startsWith("-"));
  const more = mainJob || onlySetup ? [sampleStep()] : [];
  if (!(await setup(need, { workspace, quiet: need === "sources", more }))) return SETUP_INCOMPLETE;
  if (onlySetup) return 0;
  const node = findNode();
  if (!node) return SETUP_INCOMPLETE; // setup has just found it
  if (need !== "sources") sayWhatIsKept(workspace);
  const env = { ...ownEnvironment({ workspace }), GREENLIGHT_WORKSPACE: workspace };
  if (need === "sources" && isThisOne(node)) return runHere(env);
  const flags = [...process.execArgv, "--disable-warning=ExperimentalWarning"];
  return handOver(node.file, [...flags, mainFile, ...args], { env });
}

/**
 * Whether this very process can run the sources: it is the Node that was chosen, and one that runs TypeScript without a warning
 * (since 24.12; another gets a flag against it).
 * @param {import("./found.mjs").Tool} node
 */
function isThisOne(node) {
  const version = parseVersion(node.version);
  return version && atLeast(version, [24, 12, 0]) && realpathSync(node.file) === realpathSync(process.execPath);
}

/**
 * Runs the command in this process: starting another takes a third of what a short command takes at all. It ends the process itself.
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<number>}
 */
async function runHere(env) {
  for (const name of Object.keys(process.env)) if (!(name in env)) delete process.env[name];
  Object.assign(process.env, env);
  // By its name alone: an older Node, which gets a newer one and hands over, does not have it.
  nodeModule.enableCompileCache(env["NODE_COMPILE_CACHE"]);
  withoutOtherLanguages();
  await import(mainFile);
  return 0;
}

/** @param {string} workspace */
function sayWhatIsKept(workspace) {
  const sentence = keptFromEngine({ workspace });
  if (sentence !== undefined) process.stderr.write(`${sentence}\n`);
}

process.exitCode = await main(process.argv.slice(2));
