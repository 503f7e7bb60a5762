/** Palyra's own checks against a release that is laid out here: green when it is good, and red for each fault in the check that must see it. */
import assert from "node:assert/strict";
import { LaidOut, product } from "./laid-out.ts";

describe("Palyra's smoke", function () {
  this.timeout(300_000);
  let desktop: LaidOut;
  let headless: LaidOut;
  before(async () => {
    desktop = await LaidOut.of("desktop");
    headless = await LaidOut.of("headless");
    await headless.serve();
  });
  after(() => Promise.all([desktop?.remove(), headless?.remove()]));
  afterEach(() => {
    for (const laid of [desktop, headless]) laid.faults = [];
  });

  for (const kind of ["desktop", "headless"] as const) {
    it(`is green on a good ${kind} release`, async () => {
      const laid = { desktop, headless }[kind];
      const checks = product.checks.smoke(laid.subject, laid.at);
      const results = await laid.judge(checks);
      assert.deepEqual(results.filter(({ status }) => status !== "passed"), []);
      assert.equal(results.length, checks.length);
    });
  }
});
