/**
 * The reporter of all tests. It writes its counts as JSON to $GREENLIGHT_TEST_COUNTS, so that a run that did not end is told from one that
 * passed. Where a runner listens (an IPC channel), it sends a message as each file begins and ends, and prints nothing but failures.
 */
const { writeFileSync } = require("node:fs");
const { relative } = require("node:path");
const Mocha = require("mocha");

const listening = process.send !== undefined;

class Reporter extends (listening ? Mocha.reporters.Base : Mocha.reporters.Spec) {
  /**
   * @param {Mocha.Runner} runner
   * @param {Mocha.MochaOptions} options
   */
  constructor(runner, options) {
    super(runner, options);
    const { GREENLIGHT_TEST_COUNTS: file } = process.env;
    if (listening) this.tellFiles(runner);
    runner.once("end", () => {
      if (listening && (this.stats?.failures ?? 0) > 0) this.epilogue();
      if (file && this.stats) {
        const { passes: passed, failures: failed, pending: skipped } = this.stats;
        writeFileSync(file, JSON.stringify({ passed, failed, skipped }));
      }
    });
  }

  /**
   * Tells the listener of each file: `{ began: FILE }`, then `{ ended: FILE, passed, failed, skipped, milliseconds }`.
   * @param {Mocha.Runner} runner
   */
  tellFiles(runner) {
    /** @type {{ ended: string, passed: number, failed: number, skipped: number, since: number } | undefined} */
    let now;
    const end = () => {
      if (!now) return;
      const { since, ...counts } = now;
      process.send?.({ ...counts, milliseconds: Date.now() - since });
      now = undefined;
    };
    const enter = (/** @type {string | undefined} */ path) => {
      const name = path && relative(process.cwd(), path);
      if (!name || name === now?.ended) return;
      end();
      now = { ended: name, passed: 0, failed: 0, skipped: 0, since: Date.now() };
      process.send?.({ began: name });
    };
    const count =
      (/** @type {"passed" | "failed" | "skipped"} */ key) =>
      (/** @type {Mocha.Runnable} */ { file }) => {
        enter(file);
        if (now) now[key] += 1;
      };
    runner.on("suite", ({ file }) => enter(file));
    runner.on("test", ({ file }) => enter(file));
    runner.on("pass", count("passed"));
    runner.on("fail", count("failed"));
    runner.on("pending", count("skipped"));
    runner.once("end", end);
  }
}

module.exports = Reporter;
