/**
 * What real machines said, judged by the suites as they are now, without a machine: below `<product>/<cell>/`, one
 * recording each. A stand-in's recordings lie below `<product>-standin/<cell>/`, and have the shapes of the real
 * product's.
 */
import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { currentSuites, readRecording, replay, shapeDifferences } from "../../src/recordings/index.ts";

const folders = (at: string): string[] =>
  readdirSync(at, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
const recordings = folders(import.meta.dirname).flatMap((product) =>
  folders(join(import.meta.dirname, product)).map((cell) => ({ product, cell })),
);
const at = (product: string, cell: string): string => join(import.meta.dirname, product, cell);
const again = "record it again with `greenlight record` (docs/record.md)";

describe("recordings of real machines", () => {
  it("are there for the sample product", () => {
    assert.ok(recordings.some(({ product }) => product === "nats"));
  });

  it("are red where a real answer is another one", () => {
    const recording = readRecording(at("nats", "server-linux-x64-debian-12-lifecycle"));
    const version = recording.said["smoke"]!.find(({ check }) => check === "version-nats-server")!;
    version.stdout = (version.stdout as string).replace("2.11.4", "2.11.5");
    recording.said["service"]![0]!.exit = 1;
    const red = replay(recording, currentSuites(recording)).filter(({ status }) => status === "failed");
    const asked = red.map(({ suite, check }) => `${suite}/${check}`);
    assert.deepEqual(asked, ["smoke/version-nats-server", `service/${recording.said["service"]![0]!.check}`]);
  });

  for (const { product, cell } of recordings) {
    it(`${product}/${cell} has nothing that the suites of today call red, and most of what they ask`, () => {
      const recording = readRecording(at(product, cell));
      assert.equal(recording.facts.cell, cell);
      const checks = replay(recording, currentSuites(recording));
      const red = checks.filter(({ status }) => status === "failed" || status === "missing");
      assert.deepEqual(red, []);
      const passed = checks.filter(({ status }) => status === "passed");
      // Each change of a check leaves its answer behind: a recording that answers less than half is too old.
      assert.ok(
        passed.length * 2 > checks.length,
        `Of ${checks.length} checks only ${passed.length} are asked as they were recorded; ${again}.`,
      );
    });

    if (product.endsWith("-standin")) continue;
    const standin = `${product}-standin`;
    // A product that has no stand-in has nothing that could drift.
    if (!existsSync(join(import.meta.dirname, standin)) && product !== "palyra") continue;
    it(`${product}/${cell} and its stand-in have the same shapes`, () => {
      assert.ok(
        existsSync(at(standin, cell)),
        `There is no recording ${standin}/${cell}: record the same cell of the stand-in (docs/record.md).`,
      );
      assert.deepEqual(shapeDifferences(readRecording(at(product, cell)), readRecording(at(standin, cell))), []);
    });
  }
});
