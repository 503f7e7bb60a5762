import assert from "node:assert/strict";
import { isInconclusive, plainText, showProgress } from "../../src/cli/progress.ts";
import { wrapped } from "../../src/cli/summary.ts";

const urn = (type: string, name: string) => `urn:pulumi:dev::greenlight::greenlight:release:TestCell$${type}::${name}`;
const step = (op: string, type: string, name: string) => ({ metadata: { op, urn: urn(type, name), type } });
const gate = "greenlight:index:Gate";

describe("progress", () => {
  it("shows what changes, with what it took, and not what stays", () => {
    const lines: string[] = [];
    const progress = showProgress((line) => lines.push(line));
    progress.onEvent({ timestamp: 0, resourcePreEvent: step("same", gate, "a") });
    progress.onEvent({ timestamp: 0, resOutputsEvent: step("same", gate, "a") });
    progress.onEvent({ timestamp: 0, resourcePreEvent: step("create", gate, "b") });
    progress.onEvent({ timestamp: 0, resOutputsEvent: step("create", gate, "b") });
    assert.equal(lines.length, 2);
    assert.match(lines[0]!, /\d\.\d s {2}judging {2}b$/);
    assert.match(lines[1]!, /\d\.\d s {2}green {2}b \(\d+\.\d s\)$/);
    assert.equal(progress.changes, 1);
  });

  it("keeps a gate's reason whole, and drops what the engine says around it", () => {
    const progress = showProgress(() => {});
    const say = (message: string, about?: string) =>
      progress.onEvent({ timestamp: 0, diagnosticEvent: { urn: about, message, severity: "error", color: "never" } });
    say("1 error occurred:\n\t* cell is red: smoke/version expected 1, observed 2.\n\n", urn(gate, "cell"));
    say("update failed");
    say("preview failed", "urn:pulumi:dev::greenlight::pulumi:pulumi:Stack::greenlight-dev");
    say("Error: resource cell [greenlight:index:Gate] failed to register\n    at place (file:1:2)\n");
    assert.deepEqual(progress.errors, [
      { type: gate, name: "cell", text: "cell is red: smoke/version expected 1, observed 2." },
    ]);
  });

  it("leaves out nothing that a resource says, whatever words of the product are in it", () => {
    const progress = showProgress(() => {});
    const words = ["update failed", "preview failed", "resource cell [greenlight:index:Gate] failed to register"];
    for (const message of words)
      progress.onEvent({
        timestamp: 0,
        diagnosticEvent: { urn: urn(gate, "cell"), message, severity: "error", color: "never" },
      });
    assert.deepEqual(
      progress.errors.map(({ text }) => text),
      words,
    );
  });

  /** What an update that gates did not let through tells: what they say, and what they are. */
  function closed(...gates: { says?: string; status?: number; result?: unknown }[]) {
    const progress = showProgress(() => {});
    gates.forEach(({ says = "", status = 1, result }, i) => {
      const of = step("create", gate, `cell-${i}`).metadata;
      progress.onEvent({
        timestamp: 0,
        diagnosticEvent: { urn: of.urn, message: says, severity: "error", color: "never" },
      });
      progress.onEvent({
        timestamp: 0,
        resOpFailedEvent: { metadata: { ...of, new: { outputs: { result } } }, status },
      });
    });
    return progress;
  }
  const verdict = (word: string) => ({ gate: "cell", verdict: word });

  it("takes a gate's verdict as a value, and none from its sentence", () => {
    const product =
      "smoke/health expected ok; observed inconclusive. Gate cell is inconclusive: green, red, missing, interrupted";
    for (const word of ["red", "inconclusive", "green"])
      assert.equal(isInconclusive(closed({ says: `Gate cell is ${word}: ${product}`, result: verdict("red") })), false);
    assert.equal(isInconclusive(closed({ says: "Gate cell is red: lost", result: verdict("inconclusive") })), true);
    assert.deepEqual(
      [...closed({ result: verdict("red") }, { result: verdict("inconclusive") }).closed.values()],
      ["red", "inconclusive"],
    );
  });

  it("is inconclusive only when every gate that is closed says so of this very update", () => {
    const lost = { result: verdict("inconclusive") };
    assert.equal(isInconclusive(closed()), false);
    assert.equal(isInconclusive(closed(lost, lost)), true);
    assert.equal(isInconclusive(closed(lost, { result: verdict("red") })), false);
    // It could not judge: what stands there is of an earlier update.
    assert.equal(isInconclusive(closed(lost, { ...lost, status: 0 })), false);
    for (const result of [undefined, {}, verdict("maybe"), "inconclusive"])
      assert.equal(isInconclusive(closed(lost, { result })), false);
  });

  it("shows a warning, and keeps it for whoever shows no progress", () => {
    const lines: string[] = [];
    const progress = showProgress((line) => lines.push(line));
    progress.onEvent({
      timestamp: 0,
      diagnosticEvent: {
        message: "<{%fg 3%}>Nothing will be published.<{%reset%}>\n",
        severity: "warning",
        color: "never",
      },
    });
    assert.match(lines.join("\n"), /s {2}Nothing will be published\.$/);
    assert.deepEqual([progress.warnings, progress.errors], [["Nothing will be published."], []]);
  });

  it("keeps several reasons apart, and colour marks out", () => {
    assert.equal(plainText("<{%fg 1%}>2 errors occurred:\n\t* one\n\t* two\n<{%reset%}>"), "one\ntwo");
  });

  it("wraps long sentences without losing a word", () => {
    const text = Array.from({ length: 60 }, (_, i) => `word${i}`).join(" ");
    const lines = wrapped(text, "  ", 40);
    assert(lines.every((line) => line.length <= 40 && line.startsWith("  ")));
    assert.equal(lines.map((line) => line.trim()).join(" "), text);
    assert.deepEqual(wrapped("a\nb", ""), ["a", "b"]);
  });
});
