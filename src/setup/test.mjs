/**
 * `npm test`: sets up what the tests need, checks the types, runs the fast tests and those with machines and the engine, two files
 * at a time. The last line is `N passed, N failed`.
 *   npm test -- unit     types and fast tests only; needs no machine and no engine
 *   npm run test:full    all of that and every seeded fault, each on a machine of its own
 *   npm test -- GLOB...  those files only, e.g. test/e2e/*.test.ts
 */
import { join, relative, resolve } from "node:path";
import { handOver } from "./child.mjs";
import { elapsed } from "./display.mjs";
import { environment } from "./environment.mjs";
import { findNode } from "./found.mjs";
import { checkout } from "./places.mjs";
import { sampleStep } from "./parts/sample.mjs";
import { testToolsStep } from "./parts/test-tools.mjs";
import { setup } from "./setup.mjs";
import { batches, inLanes, nameOf, runBatch, testFiles } from "./test-runs.mjs";

/**
 * @param {string[]} args
 * @returns {Promise<number>} the exit code
 */
async function main(args) {
  const since = Date.now();
  const all = testFiles(checkout);
  const unit = args[0] === "unit";
  const full = args[0] === "full";
  const globs = unit || full ? args.slice(1) : args;
  const wanted = (/** @type {string} */ file) => globs.length === 0 || globs.some((glob) => matches(file, glob));
  // A seeded fault is looked for when it is asked for: by name, or with all others.
  const asked = full || globs.length > 0 ? [...all.slow, ...all.full] : all.slow;
  const files = { fast: all.fast.filter(wanted), slow: unit ? [] : asked.filter(wanted) };
  if (files.fast.length + files.slow.length === 0) {
    process.stdout.write(`No test file ${globs.length > 0 ? `matches ${globs.join(" ")}` : "below test/"}.\n0 passed, 1 failed\n`);
    return 1;
  }
  const more = files.slow.length > 0 ? [testToolsStep(), sampleStep()] : [testToolsStep()];
  if (!(await setup(files.slow.length > 0 ? "machines" : "sources", { workspace: checkout, more }))) {
    process.stdout.write("Setup is not complete, so no test ran.\n0 passed, 1 failed\n");
    return 1;
  }
  const node = findNode()?.file ?? process.execPath;
  const env = { ...environment({ workspace: checkout }), ...(full && { GREENLIGHT_TEST_FULL: "1" }) };
  const total = { passed: 0, failed: 0, skipped: 0 };
  /** @type {string[]} */
  const troubles = [];

  if (globs.length === 0) {
    process.stdout.write("Types: tsc --noEmit\n");
    const code = await handOver(node, [join(checkout, "node_modules", "typescript", "bin", "tsc"), "--noEmit"], { env, cwd: checkout });
    total[code === 0 ? "passed" : "failed"]++;
    if (code !== 0) troubles.push("tsc --noEmit found errors");
  }
  const list = batches(files);
  // One batch alone is watched; of several at a time each speaks when it is done.
  const lanes = list.length > 1 ? 2 : 1;
  const alive = lanes > 1 ? setInterval(() => process.stdout.write(`  … ${elapsed(Date.now() - since)}\n`), 60_000) : undefined;
  await inLanes(list, lanes, async (batch) => {
    const began = Date.now();
    const result = await runBatch(batch, { root: checkout, node, env, output: lanes > 1 ? "hold" : "inherit" });
    for (const key of /** @type {const} */ (["passed", "failed", "skipped"])) total[key] += result[key];
    if (result.trouble) troubles.push(`${nameOf(batch)}: ${result.trouble}`);
    process.stdout.write(`${result.output ?? ""}${nameOf(batch)}: ${result.passed} passed, ${result.failed} failed (${elapsed(Date.now() - began)})\n`);
  });
  clearInterval(alive);
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
  const pattern = path.replace(/[.+^${}()|[\]\\]/g, "\\$&").replace(/\*\*\/|\*|\?/g, (wild) => (wild === "**/" ? "(?:.*/)?" : wild === "*" ? "[^/]*" : "[^/]"));
  return file === path || file.startsWith(`${path}/`) || new RegExp(`^${pattern}$`).test(file);
}

process.exitCode = (await main(process.argv.slice(2))) || process.exitCode || 0;
