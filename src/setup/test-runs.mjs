/** Runs test files through mocha, in processes of their own with a time limit, and counts what they say; silence counts as a failure. */
import { spawn } from "node:child_process";
import { closeSync, existsSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */

/**
 * One mocha process.
 * @typedef {{ files: string[], minutes: number }} Batch minutes: its time limit
 */

const reporter = fileURLToPath(new URL("mocha-reporter.cjs", import.meta.url));

/**
 * Test files below a folder, relative to `root`, sorted. Fast ones need no machine and no engine; slow ones lie in test/e2e or end in .vm.test.ts;
 * full ones end in .full.test.ts: the seeded faults, a machine each.
 * @param {string} root
 * @returns {{ fast: string[], slow: string[], full: string[] }}
 */
export function testFiles(root) {
  const folder = join(root, "test");
  /** @type {string[]} */
  const all = [];
  const walk = (/** @type {string} */ at) => {
    for (const entry of readdirSync(at, { withFileTypes: true })) {
      const path = join(at, entry.name);
      if (entry.isDirectory()) walk(path);
      else if (entry.name.endsWith(".test.ts")) all.push(relative(root, path));
    }
  };
  if (existsSync(folder)) walk(folder);
  all.sort();
  const isSlow = (/** @type {string} */ file) => file.endsWith(".vm.test.ts") || file.startsWith("test/e2e/");
  const isFull = (/** @type {string} */ file) => file.endsWith(".full.test.ts");
  return { fast: all.filter((file) => !isSlow(file) && !isFull(file)), slow: all.filter((file) => isSlow(file) && !isFull(file)), full: all.filter(isFull) };
}

/** Files that take minutes, the longest first: begun early, so that nobody waits for one of them at the end. */
const longest = [
  "test/e2e/palyra.full.test.ts",
  "test/controls/palyra.full.test.ts",
  "test/controls/palyra-in-use.full.test.ts",
  "test/recipes/recipe.full.test.ts",
  "test/e2e/release.test.ts",
  "test/installer/palyra.vm.test.ts",
  "test/suites/proof.vm.test.ts",
  "test/recipes/recipe.vm.test.ts",
  "test/installer/installer.vm.test.ts",
  "test/machines/faults.vm.test.ts",
];

/**
 * Batches: the fast files share a process, except those of test/infra, whose program reads its settings once per process, and those that
 * kill an installer at step after step, which take minutes; every slow file has its own, so that one that crashes or hangs takes no other
 * with it.
 * @param {{ fast: string[], slow: string[] }} files
 * @returns {Batch[]}
 */
export function batches({ fast, slow }) {
  const kills = fast.filter((file) => /\/killed[^/]*$/.test(file));
  const alone = fast.filter((file) => file.startsWith("test/infra/"));
  const shared = fast.filter((file) => !alone.includes(file) && !kills.includes(file));
  const rank = (/** @type {string} */ file) => (longest.includes(file) ? longest.indexOf(file) : longest.length);
  const slowest = [...slow].sort((a, b) => rank(a) - rank(b));
  const minutes = (/** @type {string} */ file) => (file.endsWith(".full.test.ts") ? 120 : 40);
  return [
    ...slowest.map((file) => ({ files: [file], minutes: minutes(file) })).slice(0, 1),
    ...(shared.length > 0 ? [{ files: shared, minutes: 25 }] : []),
    ...kills.map((file) => ({ files: [file], minutes: 60 })),
    ...alone.map((file) => ({ files: [file], minutes: 5 })),
    ...slowest.map((file) => ({ files: [file], minutes: minutes(file) })).slice(1),
  ];
}

/** What a batch is called in a line of its own. @param {Batch} batch */
export function nameOf(batch) {
  return batch.files.length === 1 ? String(batch.files[0]) : `${batch.files.length} files of fast tests`;
}

/**
 * Runs batches, `lanes` at a time, in their order. A machine under emulation keeps one core busy, so two lanes fill two.
 * @param {Batch[]} list
 * @param {number} lanes
 * @param {(batch: Batch) => Promise<void>} run
 */
export async function inLanes(list, lanes, run) {
  const queue = [...list];
  await Promise.all(
    Array.from({ length: lanes }, async () => {
      for (let batch = queue.shift(); batch && !process.exitCode; batch = queue.shift()) await run(batch);
    }),
  );
}

/**
 * Runs one batch, its output live or, with "hold", in the answer.
 * @param {Batch} batch
 * @param {{ root: string, node: string, env: NodeJS.ProcessEnv, output?: "inherit" | "ignore" | "hold" }} options
 * @returns {Promise<Counts & { trouble?: string, output?: string }>} trouble: why the counts cannot be all there is; then at least one has failed
 */
export async function runBatch(batch, { root, node, env, output = "inherit" }) {
  const folder = mkdtempSync(join(tmpdir(), "greenlight-test-"));
  const counts = join(folder, "counts.json");
  const mocha = join(root, "node_modules", "mocha", "bin", "mocha.js");
  const args = ["--disable-warning=ExperimentalWarning", mocha, "--forbid-only", "--reporter", reporter, ...batch.files];
  // A group of its own, so that the time limit ends whatever a test started and left in it.
  const held = join(folder, "output");
  const to = output === "hold" ? openSync(held, "w") : output;
  const child = spawn(node, args, { cwd: root, stdio: ["ignore", to, to], env: { ...env, GREENLIGHT_TEST_COUNTS: counts }, detached: true });
  const end = (/** @type {NodeJS.Signals} */ signal) => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, signal);
    } catch {
      // gone
    }
  };
  let late = false;
  const limit = setTimeout(() => ((late = true), end("SIGKILL")), batch.minutes * 60_000);
  const stop = (/** @type {NodeJS.Signals} */ signal) => {
    end(signal);
    process.exitCode = 130;
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
  try {
    const ended = await new Promise((resolve) => {
      child.on("error", (e) => resolve(e.message));
      child.on("close", (code, signal) => resolve(signal ?? code));
    });
    const result = judge(existsSync(counts) ? readFileSync(counts, "utf8") : undefined, ended, late ? batch.minutes : undefined);
    return output === "hold" ? { ...result, output: readFileSync(held, "utf8") } : result;
  } finally {
    clearTimeout(limit);
    if (typeof to === "number") closeSync(to);
    process.off("SIGINT", stop);
    process.off("SIGTERM", stop);
    end("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * What a mocha process has shown: only its own count, more than nothing, and an exit code that agrees with it are believed.
 * @param {string | undefined} text the counts it wrote, if it came that far
 * @param {unknown} ended its exit code, or the name of the signal that ended it
 * @param {number} [lateMinutes] the time limit when that was exceeded
 * @returns {Counts & { trouble?: string }}
 */
export function judge(text, ended, lateMinutes) {
  /** @type {Counts} */
  let counts = { passed: 0, failed: 0, skipped: 0 };
  let trouble;
  try {
    counts = { ...counts, ...JSON.parse(text ?? "") };
  } catch {
    trouble = `it ended with ${String(ended)} before it had counted its tests`;
  }
  if (lateMinutes !== undefined) trouble = `it was stopped after ${lateMinutes} minutes`;
  else if (!trouble && counts.passed + counts.failed === 0) trouble = "no test ran";
  else if (!trouble && counts.failed === 0 && ended !== 0) trouble = `it ended with ${String(ended)} though no test had failed`;
  return trouble === undefined ? counts : { ...counts, failed: counts.failed + 1, trouble };
}
