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
 * Test files below a folder, relative to `root`, sorted.
 * @param {string} root
 * @returns {string[]}
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
  return all.sort();
}

/** The tiers of tests; each holds all files of those before it. @typedef {"fast" | "machines" | "full"} Tier */
const tiers = /** @type {const} */ (["fast", "machines", "full"]);

/** The one file with machines that people always run: a whole release. */
const wholeRelease = "test/e2e/release.test.ts";

/** Kills an installer at step after step, which takes minutes. @param {string} file */
const isKill = (file) => /\/[^/]*killed[^/]*$/.test(file) && file.startsWith("test/installer/");

/** Whether a file needs machines or the engine. @param {string} file */
export const needsMachines = (file) => /\.(vm|full)\.test\.ts$/.test(file) || file.startsWith("test/e2e/");

/** The smallest tier that a file belongs to. @param {string} file @returns {Tier} */
export function tierOf(file) {
  if (file.endsWith(".full.test.ts")) return "full";
  return (needsMachines(file) || isKill(file)) && file !== wholeRelease ? "machines" : "fast";
}

/**
 * The files of a tier, with or without those of the tiers before it.
 * @param {string[]} files
 * @param {Tier} tier
 * @param {{ alone?: boolean }} [options]
 */
export function inTier(files, tier, { alone = false } = {}) {
  const rank = (/** @type {Tier} */ each) => tiers.indexOf(each);
  return files.filter((file) => (alone ? tierOf(file) === tier : rank(tierOf(file)) <= rank(tier)));
}

/** Files that take minutes, the longest first: begun early, so that nobody waits for one of them at the end. */
const longest = [
  "test/e2e/palyra.full.test.ts",
  "test/controls/palyra.full.test.ts",
  "test/controls/palyra-in-use.full.test.ts",
  "test/recipes/recipe.full.test.ts",
  "test/e2e/release.test.ts",
  "test/installer/killed.test.ts",
  "test/installer/palyra.vm.test.ts",
  "test/suites/proof.vm.test.ts",
  "test/recipes/recipe.vm.test.ts",
  "test/installer/installer.vm.test.ts",
  "test/machines/faults.vm.test.ts",
];

/** In how many processes the fast files run; more than lanes, so that no lane waits long for the other at the end. */
const shares = 4;

/**
 * Batches. The fast files share a few processes, but those of test/infra have one each, because their program reads its settings once
 * per process. Every file that takes minutes has its own, so that one that crashes or hangs takes no other with it.
 * @param {string[]} files
 * @returns {Batch[]}
 */
export function batches(files) {
  const own = files.filter((file) => needsMachines(file) || isKill(file));
  const alone = files.filter((file) => file.startsWith("test/infra/"));
  const shared = files.filter((file) => !alone.includes(file) && !own.includes(file));
  const rank = (/** @type {string} */ file) => (longest.includes(file) ? longest.indexOf(file) : longest.length);
  const minutes = (/** @type {string} */ file) => (file.endsWith(".full.test.ts") ? 120 : isKill(file) ? 60 : 40);
  const slowest = own.sort((a, b) => rank(a) - rank(b)).map((file) => ({ files: [file], minutes: minutes(file) }));
  const share = (/** @type {number} */ n) => shared.filter((_, i) => i % shares === n);
  return [
    ...slowest.slice(0, 1),
    ...Array.from({ length: shares }, (_, n) => ({ files: share(n), minutes: 25 })).filter(
      (batch) => batch.files.length > 0,
    ),
    ...alone.map((file) => ({ files: [file], minutes: 5 })),
    ...slowest.slice(1),
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
 * What a batch tells while it runs: `began` as a file begins, `ended` as one ends.
 * @typedef {{ began: string } | ({ ended: string, milliseconds: number } & Counts)} FileEvent
 */

/**
 * Runs one batch. Its output is live, ignored or, with "hold", part of the result; only a held batch tells of its files.
 * @param {Batch} batch
 * @param {{ root: string, node: string, env: NodeJS.ProcessEnv, output?: "inherit" | "ignore" | "hold", onFile?: (event: FileEvent) => void }} options
 * @returns {Promise<Counts & { trouble?: string, output?: string }>} trouble: why the counts cannot be all there is; then at least one has failed
 */
export async function runBatch(batch, { root, node, env, output = "inherit", onFile }) {
  const folder = mkdtempSync(join(tmpdir(), "greenlight-test-"));
  const counts = join(folder, "counts.json");
  const mocha = join(root, "node_modules", "mocha", "bin", "mocha.js");
  const args = [
    "--disable-warning=ExperimentalWarning",
    mocha,
    "--forbid-only",
    "--reporter",
    reporter,
    ...batch.files,
  ];
  const held = join(folder, "output");
  const to = output === "hold" ? openSync(held, "w") : output;
  /** @type {import("node:child_process").StdioOptions} */
  const stdio = ["ignore", to, to, ...(output === "hold" ? [/** @type {const} */ ("ipc")] : [])];
  // A group of its own, so that the time limit ends whatever a test started and left in it.
  const child = spawn(node, args, {
    cwd: root,
    stdio,
    env: { ...env, GREENLIGHT_TEST_COUNTS: counts },
    detached: true,
  });
  child.on("message", (message) => onFile?.(/** @type {FileEvent} */ (message)));
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
    const result = judge(
      existsSync(counts) ? readFileSync(counts, "utf8") : undefined,
      ended,
      late ? batch.minutes : undefined,
    );
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
  else if (!trouble && counts.failed === 0 && ended !== 0)
    trouble = `it ended with ${String(ended)} though no test had failed`;
  return trouble === undefined ? counts : { ...counts, failed: counts.failed + 1, trouble };
}
