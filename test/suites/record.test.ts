import assert from "node:assert/strict";
import fc from "fast-check";
import { EdgeError } from "../../src/edges/edges.ts";
import { parseEvidenceLines } from "../../src/suites/index.ts";
import { printed, record, runRecord, stream } from "./samples.ts";

const whole = runRecord([record("a", { stdout: stream("x") }), record("b", { exit: null, needs: "smoke.a" })]);
const text = printed(whole);
const refused = (stdout: string, pattern: RegExp): void =>
  assert.throws(
    () => parseEvidenceLines(stdout, { run: "mach1" }),
    (e: unknown) => e instanceof EdgeError && pattern.test(e.message) && e.message.includes("greenlight rerun"),
  );
const lines = text.trimEnd().split("\n");
const joined = (list: string[]): string => `${list.join("\n")}\n`;

describe("reading evidence lines", () => {
  it("gives the record that was printed", () => assert.deepEqual(parseEvidenceLines(text, { run: "mach1" }), whole));
  it("refuses nothing at all", () => refused("", /it is empty/));
  it("refuses a line that is none", () => {
    refused(`Last login: today\n${text}`, /line 1 is "Last login: today", which is no evidence line/);
    refused(`${text}\n`, /line 5 is "", which is no evidence line/);
    refused(text.replace("evidence/1", "evidence/2"), /no evidence line/);
  });
  it("refuses another run's or another phase's lines", () => {
    refused(printed({ ...whole, run: "mach2-phase-1" }), /belongs to run "mach2-phase-1"/);
    refused(
      joined([lines[0]!, printed({ ...whole, run: "mach1-phase-2" }).split("\n")[1]!, ...lines.slice(2)]),
      /line 2 belongs to run/,
    );
    assert.throws(() => parseEvidenceLines(text, { run: "mach1", phase: 2 }), EdgeError);
  });
  it("refuses a check twice", () =>
    refused(joined([...lines.slice(0, 3), lines[2]!, lines[3]!]), /smoke\/b is recorded twice/));
  it("refuses output that is cut off, or has its ends elsewhere", () => {
    refused(joined(lines.slice(0, -1)), /does not end with an end line/);
    refused(joined(lines.slice(1)), /does not begin with a begin line/);
    refused(joined([lines[0]!, lines[0]!, ...lines.slice(1)]), /second begin line/);
    refused(text.slice(0, -30), /JSON/);
  });
  it("refuses counts that do not agree", () => {
    refused(joined([lines[0]!, lines[1]!, lines[3]!]), /counts 2 checks and holds 1/);
    refused(printed({ ...whole, planned: 1 }), /holds 2 checks and 1 were planned/);
  });
  it("refuses an excerpt larger than its stream, and unknown fields", () => {
    refused(text.replace('"bytes":1', '"bytes":0'), /excerpt is larger/);
    refused(text.replace('"ms":10', '"ms":10,"verdict":"green"'), /verdict/);
  });
  it("never ends otherwise than with a record or a sentence, whatever it is given", () => {
    const garbage = fc.oneof(
      fc.string(),
      fc.constantFrom(...lines),
      fc.json().map((json) => `greenlight-evidence/1 ${json}`),
    );
    const spoiled = fc
      .tuple(fc.nat(text.length - 1), fc.string({ minLength: 1, maxLength: 1 }))
      .map(([at, by]) => text.slice(0, at) + by + text.slice(at + 1));
    fc.assert(
      fc.property(
        fc.oneof(
          fc.array(garbage).map((list) => list.join("\n")),
          spoiled,
        ),
        (stdout) => {
          try {
            parseEvidenceLines(stdout, { run: "mach1" });
          } catch (e) {
            assert.ok(e instanceof EdgeError, String(e));
          }
        },
      ),
      { numRuns: 400 },
    );
  });
});
