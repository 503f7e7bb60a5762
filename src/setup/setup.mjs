/** Setup as a whole: which parts a command needs, and getting them. */
import { display, elapsed } from "./display.mjs";
import { commandPluginStep } from "./parts/command-plugin.mjs";
import { dependenciesStep } from "./parts/dependencies.mjs";
import { engineStep } from "./parts/engine.mjs";
import { imageStep } from "./parts/image.mjs";
import { machineToolsStep } from "./parts/machine-tools.mjs";
import { nodeStep } from "./parts/node.mjs";
import { workspaceStep } from "./parts/workspace.mjs";
import { workspaceFolder } from "./places.mjs";
import { runSteps } from "./steps.mjs";

/** @typedef {import("./need.mjs").Need} Need */

/**
 * @param {Need} need
 * @param {string} [workspace]
 * @returns {import("./steps.mjs").Step[]}
 */
export function stepsFor(need, workspace = workspaceFolder()) {
  const sources = [nodeStep(), dependenciesStep()];
  if (need === "sources") return sources;
  const engine = [...sources, engineStep(), commandPluginStep(), workspaceStep(workspace)];
  return need === "engine" ? engine : [...engine, machineToolsStep(), imageStep()];
}

/**
 * Gets what is needed and shows it. Says nothing when everything is there and `quiet`.
 * @param {Need} need
 * @param {{ workspace?: string, quiet?: boolean, more?: import("./steps.mjs").Step[] }} [options] more: further steps
 * @returns {Promise<boolean>} false when something is missing after all; that was said
 */
export async function setup(need, { workspace, quiet = false, more = [] } = {}) {
  const since = Date.now();
  const shown = display(process.stderr);
  const { found, got, faults } = await runSteps([...stepsFor(need, workspace), ...more], shown);
  shown.stop();
  const time = elapsed(Date.now() - since);
  if (faults.size > 0) {
    process.stderr.write(`Setup is not complete (${time}). What is done is kept; mend the above and start again.\n`);
    return false;
  }
  if (!quiet || got.length > 0) process.stderr.write(`Setup: ${[...found.keys()].join(", ")}: all there (${time}).\n`);
  return true;
}
