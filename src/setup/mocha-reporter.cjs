/** Mocha's spec reporter, which also writes its counts as JSON to $GREENLIGHT_TEST_COUNTS, so that a run that did not end is told from one that passed. */
const { writeFileSync } = require("node:fs");
const Mocha = require("mocha");

class CountingSpec extends Mocha.reporters.Spec {
  /**
   * @param {Mocha.Runner} runner
   * @param {Mocha.MochaOptions} options
   */
  constructor(runner, options) {
    super(runner, options);
    const { GREENLIGHT_TEST_COUNTS: file } = process.env;
    runner.once("end", () => {
      if (file && this.stats) writeFileSync(file, JSON.stringify({ passed: this.stats.passes, failed: this.stats.failures, skipped: this.stats.pending }));
    });
  }
}

module.exports = CountingSpec;
