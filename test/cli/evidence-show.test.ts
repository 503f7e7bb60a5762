/** `evidence show`: commands, expectations and whole outputs, from stored evidence. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { showEvidence } from "../../src/cli/evidence-show.ts";
import { makeEvidence, pointCell, storeEvidence } from "../../src/evidence/index.ts";
import { sha256 } from "../../src/storage/digest.ts";
import { evidenceOf, firstRun, proof, secondRun } from "../evidence/samples.ts";
import { printed, stream } from "../suites/samples.ts";

const cell = "server-lifecycle";
const bytes = Buffer.from([0xff, 0xfe]);
const noText = { bytes: 2, sha256: sha256(bytes), head: bytes.toString("base64"), tail: "" };

describe("greenlight evidence show", () => {
  let workspace: string;
  beforeEach(() => (workspace = mkdtempSync(join(tmpdir(), "show-"))));
  afterEach(() => rmSync(workspace, { recursive: true, force: true }));

  const put = (evidence = evidenceOf()): Promise<void> =>
    pointCell(workspace, "dev", cell, storeEvidence(workspace, evidence));
  const show = (check?: string, json = false): [code: number, text: string] => {
    const lines: string[] = [];
    const code = showEvidence(workspace, cell, check, { stack: "dev", json }, (line) => lines.push(line));
    return [code, lines.join("\n")];
  };
  /** Evidence in which the version is another one, over several lines and in another script. */
  const other = () =>
    makeEvidence(
      proof({
        proof: {
          value: [
            printed({
              ...firstRun,
              checks: firstRun.checks.map((each) =>
                each.check === "version" ? { ...each, stdout: stream("1.2.4\nübel\n"), stderr: noText } : each,
              ),
            }),
            printed(secondRun),
          ],
        },
      }),
    );

  it("says that all passed, and shows a check that is named", async () => {
    await put();
    assert.deepEqual(show(), [
      0,
      "Cell server-lifecycle, attempt 1, 2026-01-02T03:05:00.000Z: 5 of 5 checks passed.\nEvery check passed; name one as <suite>/<check> to see it.",
    ]);
    const [code, text] = show("smoke/version");
    assert.equal(code, 0);
    assert.match(text, /^✓ smoke\/version: passed \(exit code 0, \d\.\d\d s\)$/m);
    assert.match(text, /^ {2}command:\n {4}nats --version$/m);
    assert.match(text, /^ {2}standard output:\n {4}1\.2\.3$/m);
  });

  it("shows command, expectation and all that was said of every check that did not pass", async () => {
    await put(other());
    const [code, text] = show();
    assert.equal(code, 1);
    assert.match(text, /^✗ smoke\/version: failed/m);
    assert.match(text, /^ {2}expected:\n {4}standard output to be "1\.2\.3"$/m);
    assert.match(text, /^ {2}standard output:\n {4}1\.2\.4\n {4}übel$/m);
    assert.match(text, /^ {2}standard error:\n {4}\(2 bytes that are no text, SHA-256 [0-9a-f]{64}\)$/m);
    assert.doesNotMatch(text, /smoke\/help/);
    const [, json] = show("smoke/version", true);
    const { checks } = JSON.parse(json);
    assert.deepEqual([checks[0].name, checks[0].status, checks[0].record.exit], ["smoke/version", "failed", 0]);
  });

  it("is red for a machine that was lost, and says so", async () => {
    await put(makeEvidence(proof({ machine: { failed: "No machine came up." } })));
    const [code, text] = show();
    assert.equal(code, 1);
    assert.match(text, /^ {2}No machine came up\.$/m);
    assert.match(text, /^✗ smoke\/version: missing \(not run\)$/m);
  });

  it("refuses a cell and a check that there is not, and says what there is", async () => {
    assert.throws(() => show(), {
      message: /no evidence of a cell server-lifecycle; run `npm start -- up --stack dev`/,
    });
    await put();
    assert.throws(() => show("smoke/versoin"), {
      message: /was not asked smoke\/versoin; did you mean "smoke\/version"\?/,
    });
  });
});
