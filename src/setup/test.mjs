/**
 * `npm test`: sets up what the tests need, runs the checks of `npm run check` and, beside them, the tests, two files at a time. The last line is `N passed, N failed`.
 *   npm test                     the fast tests and one whole release on real machines
 *   npm run test:machines        all of that, everything else that needs machines, and installers killed at every third step
 *   npm run test:full            all of that, every seeded fault on a machine of its own, and installers killed at every step
 *   npm test -- unit             checks and fast tests only; needs no machine and no engine
 *   npm test -- machines alone   what the machine tier has beyond `npm test`
 *   npm test -- GLOB...          those files only, e.g. test/e2e/*.test.ts
 */
import { relative, resolve } from "node:path";
import { checksOf, runChecks } from "./checks.mjs";
import { display, elapsed } from "./display.mjs";
import { ownEnvironment } from "./environment.mjs";
import { findNode } from "./found.mjs";
import { checkout } from "./places.mjs";
import { sampleStep } from "./parts/sample.mjs";
import { checkToolsStep, testToolsStep } from "./parts/test-tools.mjs";
import { setup } from "./setup.mjs";
import { batches, inLanes, inTier, nameOf, needsMachines, runBatch, testFiles } from "./test-runs.mjs";

/**
 * @param {string[]} args
 * @returns {Promise<number>} the exit code
 */
async function main(args) {
  const since = Date.now();
  const unit = args[0] === "unit";
  const tier = args[0] === "machines" || args[0] === "full" ? args[0] : "fast";
  const alone = tier !== "fast" && args[1] === "alone";
  const globs = args.slice((unit || tier !== "fast" ? 1 : 0) + (alone ? 1 : 0));
  const all = testFiles(checkout);
  // Files that are asked for by name run, whatever their tier.
  const chosen =
    globs.length > 0 ? all.filter((file) => globs.some((glob) => matches(file, glob))) : inTier(all, tier, { alone });
  const files = unit ? chosen.filter((file) => !needsMachines(file)) : chosen;
  if (files.length === 0) {
    process.stdout.write(
      `No test file ${globs.length > 0 ? `matches ${globs.join(" ")}` : "below test/"}.\n0 passed, 1 failed\n`,
    );
    return 1;
  }
  const machines = files.some(needsMachines);
  const more = [checkToolsStep(), testToolsStep(), ...(machines ? [sampleStep()] : [])];
  if (!(await setup(machines ? "machines" : "sources", { workspace: checkout, more }))) {
    process.stdout.write("Setup is not complete, so no test ran.\n0 passed, 1 failed\n");
    return 1;
  }
  const node = findNode()?.file ?? process.execPath;
  const env = { ...ownEnvironment({ workspace: checkout }), ...(tier === "full" && { GREENLIGHT_TEST_FULL: "1" }) };
  const total = { passed: 0, failed: 0, skipped: 0 };
  /** @type {string[]} */
  const troubles = [];

  const list = batches(files);
  // One batch alone is watched; of several at a time each file gets a line as it ends, and failures come whole at the end.
  const lanes = list.length > 1 ? 2 : 1;
  const shown = display(process.stdout, { quietStart: true, every: 30_000 });
  /** @type {string[]} */
  const failures = [];
  // One at a time and after everything else: the tests, which take longer, leave them enough.
  const asked = globs.length === 0 && !alone ? checksOf(checkout, node) : [];
  const checking = runChecks(asked, { root: checkout, env, display: shown, lanes: 1, gentle: true });
  const testing = inLanes(list, lanes, async (batch) => {
    /** @type {string | undefined} */
    let running;
    const step = (/** @type {string} */ name) => ({ name, purpose: "" });
    const onFile = (/** @type {import("./test-runs.mjs").FileEvent} */ event) => {
      if ("began" in event) return shown.started(step((running = event.began)));
      running = undefined;
      const { ended, passed, failed } = event;
      if (failed > 0) shown.failed(step(ended), `${failed} of ${passed + failed} failed`);
      else shown.done(step(ended), `${passed} passed`);
    };
    const result = await runBatch(batch, { root: checkout, node, env, output: lanes > 1 ? "hold" : "inherit", onFile });
    if (running) shown.failed(step(running), "its process ended");
    for (const key of /** @type {const} */ (["passed", "failed", "skipped"])) total[key] += result[key];
    if (result.trouble) troubles.push(`${nameOf(batch)}: ${result.trouble}`);
    if (result.failed > 0 && result.output) failures.push(result.output);
  });
  const [checks] = await Promise.all([checking, testing]);
  for (const { name, passed, findings } of checks) {
    total[passed ? "passed" : "failed"]++;
    if (!passed) failures.push(`${name}:\n${findings}`);
  }
  shown.stop();
  for (const failure of failures) process.stdout.write(`\n${failure.trimEnd()}\n`);
  for (const trouble of troubles) process.stdout.write(`✗ ${trouble}\n`);
  if (total.skipped > 0) process.stdout.write(`${total.skipped} skipped\n`);
  process.stdout.write(`${elapsed(Date.now() - since)} in all\n${total.passed} passed, ${total.failed} failed\n`);
  return total.failed > 0 || total.passed === 0 ? 1 : 0;
}

/**
 * Whether a file is meant by a glob, or lies in the folder, or is the file that is named.
 * @param {string} file relative to the checkout
 * @param {string} glob
 */
function matches(file, glob) {
  const path = relative(checkout, resolve(glob));
  // The file system's own matcher is younger than the oldest Node that runs this.
  const pattern = path
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replace(/\*\*\/|\*|\?/g, (wild) => (wild === "**/" ? "(?:.*/)?" : wild === "*" ? "[^/]*" : "[^/]"));
  return file === path || file.startsWith(`${path}/`) || new RegExp(`^${pattern}$`).test(file);
}

process.exitCode = (await main(process.argv.slice(2))) || process.exitCode || 0;
