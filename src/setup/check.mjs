/** `npm run check`: asks of the sources all that can be asked without running them. Exit code 0 when every check is green, otherwise 1. */
import { checksOf, reportOf, runChecks } from "./checks.mjs";
import { display, elapsed } from "./display.mjs";
import { ownEnvironment } from "./environment.mjs";
import { findNode } from "./found.mjs";
import { checkToolsStep } from "./parts/test-tools.mjs";
import { checkout } from "./places.mjs";
import { setup } from "./setup.mjs";

/** @returns {Promise<number>} the exit code */
async function main() {
  const since = Date.now();
  if (!(await setup("sources", { workspace: checkout, quiet: true, more: [checkToolsStep()] }))) {
    process.stdout.write("Setup is not complete, so nothing was checked.\n");
    return 1;
  }
  const shown = display(process.stdout, { quietStart: true });
  const node = findNode()?.file ?? process.execPath;
  const env = ownEnvironment({ workspace: checkout });
  const results = await runChecks(checksOf(checkout, node), { root: checkout, env, display: shown });
  shown.stop();
  const { text, code } = reportOf(results);
  process.stdout.write(`${text} (${elapsed(Date.now() - since)}).\n`);
  return code;
}

process.exitCode = await main();
