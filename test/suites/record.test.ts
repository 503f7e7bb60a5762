import assert from "node:assert/strict";
import fc from "fast-check";
import { EdgeError } from "../../src/edges/edges.ts";
import { parseEvidence } from "../../src/suites/index.ts";
import { bundled, packed, printed, record, runRecord, stream } from "./samples.ts";

const whole = runRecord([
  record("a", { stdout: stream("x"), files: { "said.out": stream("said"), "made/b": stream("y".repeat(30), 10) } }),
  record("b", { exit: null, needs: "smoke.a" }),
]);
const text = printed(whole);
const refused = (stdout: string, pattern: RegExp): void =>
  assert.throws(
    () => parseEvidence(stdout, { run: "mach1" }),
    (e: unknown) => e instanceof EdgeError && pattern.test(e.message) && e.message.includes("greenlight rerun"),
  );
const lines = text.trimEnd().split("\n");
const joined = (list: string[]): string => `${list.join("\n")}\n`;

/** The whole bundle with some of its files changed; `null` takes one away. */
function changed(files: Record<string, string | null>, run = "mach1-phase-1"): string {
  const all = Object.entries({ ...bundled(whole), ...files }).filter(([, data]) => data !== null);
  return packed(run, Object.fromEntries(all) as Record<string, string>);
}
const own = (name: string): string => String(bundled(whole)[name]);

describe("reading a bundle of evidence", () => {
  it("gives the record that was packed", () => assert.deepEqual(parseEvidence(text, { run: "mach1" }), whole));
  it("rejects nothing at all", () => refused("", /it is empty/));
  it("rejects what comes before or after it", () => {
    refused(`Last login: today\n${text}`, /line 1 is "Last login: today", which begins no evidence/);
    refused(`${text}\n`, /its last line is missing/);
    refused(
      joined([lines[0]!, "sh: 1: oops", ...lines.slice(1)]),
      /line 2 is "sh: 1: oops", which is no part of a bundle/,
    );
    refused(text.replace("evidence/2", "evidence/1"), /begins no evidence/);
  });
  it("rejects another run's or another phase's", () => {
    refused(printed({ ...whole, run: "mach2-phase-1" }), /belongs to run "mach2-phase-1"/);
    refused(changed({ facts: own("facts").replace("mach1", "mach2") }), /its facts are those of run "mach2-phase-1"/);
    assert.throws(() => parseEvidence(text, { run: "mach1", phase: 2 }), EdgeError);
  });
  it("rejects one that was cut off or changed on the way", () => {
    refused(joined(lines.slice(0, -1)), /last line is missing/);
    refused(joined([lines[0]!, lines[1]!.slice(0, -8), lines.at(-1)!]), /it has [0-9]+ of [0-9]+ bytes/);
    const other = lines[1]!.startsWith("A", 40) ? "B" : "A";
    refused(joined([lines[0]!, lines[1]!.slice(0, 40) + other + lines[1]!.slice(41), lines.at(-1)!]), /digest/);
  });
  it("rejects outputs that are missing, or are not what the index states", () => {
    refused(changed({ "1.out": null }), /1\.out is named in it and missing/);
    refused(changed({ "1.out": "z" }), /1\.out is not what its index states/);
    refused(changed({ "1/said.out": "sai" }), /1\/said\.out is not what its index states/);
    refused(changed({ index: own("index").replace(/.* 2\.err\n/, "") }), /2\.err is not in its index/);
    refused(changed({ index: null }), /index is missing in it/);
  });
  it("rejects counts that do not agree, a check twice, and unknown fields", () => {
    refused(changed({ facts: own("facts").replace("ran 2", "ran 3") }), /counts 3 checks and holds 2/);
    refused(changed({ facts: own("facts").replace("planned 2", "planned 1") }), /holds 2 checks and 1 were planned/);
    refused(changed({ records: own("records").replace("smoke b", "smoke a") }), /smoke\/a is recorded twice/);
    refused(changed({ facts: `${own("facts")}verdict green\n` }), /verdict/);
    refused(changed({ records: own("records").replace("no 0 -", "no 0 - green") }), /record of run/);
  });
  it("never ends otherwise than with a record or a sentence, whatever it is given", () => {
    const spoiled = fc
      .tuple(fc.nat(text.length - 1), fc.string({ minLength: 1, maxLength: 1 }))
      .map(([at, by]) => text.slice(0, at) + by + text.slice(at + 1));
    const inside = fc
      .record({ file: fc.constantFrom("facts", "records", "index"), at: fc.nat(60), by: fc.string({ maxLength: 3 }) })
      .map(({ file, at, by }) => changed({ [file]: own(file).slice(0, at) + by + own(file).slice(at + 1) }));
    fc.assert(
      fc.property(fc.oneof(fc.string(), spoiled, inside), (stdout) => {
        try {
          parseEvidence(stdout, { run: "mach1" });
        } catch (e) {
          assert.ok(e instanceof EdgeError, String(e));
        }
      }),
      { numRuns: 400 },
    );
  });
});
