import assert from "node:assert/strict";
import { plainText, showProgress } from "../../src/cli/progress.ts";
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
    const say = (message: string, type = gate) => progress.onEvent({ timestamp: 0, diagnosticEvent: { urn: urn(type, "cell"), message, severity: "error", color: "never" } });
    say("1 error occurred:\n\t* cell is red: smoke/version expected 1, observed 2.\n\n");
    say("update failed");
    say("resource cell [greenlight:index:Gate] failed to register");
    assert.deepEqual(progress.errors, [{ type: gate, name: "cell", text: "cell is red: smoke/version expected 1, observed 2." }]);
  });

  it("shows a warning, and keeps it for whoever shows no progress", () => {
    const lines: string[] = [];
    const progress = showProgress((line) => lines.push(line));
    progress.onEvent({ timestamp: 0, diagnosticEvent: { message: "<{%fg 3%}>Nothing will be published.<{%reset%}>\n", severity: "warning", color: "never" } });
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
