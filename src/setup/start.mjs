/** `npm start` and `greenlight`: gets what the command needs, then runs it. */
import { join } from "node:path";
import { handOver } from "./child.mjs";
import { doctor } from "./doctor.mjs";
import { environmentChanges, exportLines, keptFromEngine, ownEnvironment } from "./environment.mjs";
import { SETUP_INCOMPLETE } from "./fault.mjs";
import { findNode } from "./found.mjs";
import { needOf } from "./need.mjs";
import { sampleStep } from "./parts/sample.mjs";
import { checkout, workspaceFolder } from "./places.mjs";
import { setup } from "./setup.mjs";

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
  // Facts of tens of thousands of files stay: a young generation as large as Node's own only adds to the memory that they take.
  const memory = first === "validate" ? ["--max-semi-space-size=8"] : [];
  return handOver(
    node.file,
    ["--disable-warning=ExperimentalWarning", ...memory, join(checkout, "src", "cli", "main.ts"), ...args],
    { env },
  );
}

/** @param {string} workspace */
function sayWhatIsKept(workspace) {
  const sentence = keptFromEngine({ workspace });
  if (sentence !== undefined) process.stderr.write(`${sentence}\n`);
}

process.exitCode = await main(process.argv.slice(2));
