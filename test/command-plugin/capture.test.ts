import assert from "node:assert/strict";
import fc from "fast-check";
import { Capture, shortened } from "../../src/command-plugin/capture.ts";
import { LineSplitter } from "../../src/plugins/engine-log.ts";
import { exitSentence } from "../../src/command-plugin/remote-run.ts";

const chunks = (text: Buffer, cuts: number[]): Buffer[] => {
  const at = [0, ...cuts.map((c) => c % (text.length + 1)).sort((a, b) => a - b), text.length];
  return at.slice(1).map((end, i) => text.subarray(at[i], end));
};

describe("command plugin: output", () => {
  it("is the same however the bytes arrive, less one line end", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.array(fc.nat()), (text, cuts) => {
        const capture = new Capture("none", () => assert.fail("shown"));
        for (const chunk of chunks(Buffer.from(text), cuts)) capture.stdout(chunk);
        assert.equal(capture.outputs().stdout, Buffer.from(text).toString().replace(/\n$/, ""));
        assert.equal(capture.outputs().stderr, "");
      }),
    );
  });
  it("is cut into its lines, however the bytes arrive", () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.string({ unit: "grapheme" }).map((s) => s.replace(/[\r\n]/g, "")),
          { minLength: 1 },
        ),
        fc.array(fc.nat()),
        (lines, cuts) => {
          const seen: string[] = [];
          const splitter = new LineSplitter((line) => seen.push(line));
          for (const chunk of chunks(Buffer.from(`${lines.join("\n")}\n`), cuts)) splitter.write(chunk);
          splitter.end();
          assert.deepEqual(
            seen,
            lines.map((line) => line.toWellFormed()),
          );
        },
      ),
    );
  });
  it("is shown in pieces where a line does not end, and nothing of it is lost", () => {
    const seen: string[] = [];
    const splitter = new LineSplitter((line) => seen.push(line));
    for (let i = 0; i < 100; i++) splitter.write(Buffer.alloc(1_000, "x"));
    splitter.end();
    assert.ok(seen.length > 10 && seen.every((line) => line.length <= 8 * 1024));
    assert.equal(seen.join("").length, 100_000);
  });
  it("fits into a gRPC status when a command fails, whatever was printed: its beginning and its end", () => {
    fc.assert(
      fc.property(
        fc.constantFrom("x", "ü", "漢", "😀", "%", "\n"),
        fc.integer({ min: 1, max: 60_000 }),
        (unit, times) => {
          const capture = new Capture("none", () => {});
          capture.stdout(Buffer.from(`first\n${"x".repeat(200_000)}${unit.repeat(times)}`));
          capture.stderr(Buffer.from("last"));
          const { message } = capture.failure("exit status 1", unit.repeat(times), false);
          assert.ok(encodeURI(message).length < 48 * 1024, `${encodeURI(message).length}`);
          assert.ok(
            message.startsWith("exit status 1: running ") && message.endsWith("last") && message.includes("first"),
          );
        },
      ),
      { numRuns: 60 },
    );
  });
  it("leaves a short text as it is", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 100 }), (text) => {
        assert.equal(shortened(text, 1_000), text);
      }),
    );
  });
});

describe("command plugin: exit sentences", () => {
  it("are those of Go's ssh package", () => {
    assert.equal(exitSentence({ code: 3 }), "Process exited with status 3");
    assert.equal(exitSentence({ code: null, signal: "KILL" }), "Process exited with status 137 from signal KILL");
    assert.equal(
      exitSentence({ code: null, signal: "TERM", description: "bye" }),
      "Process exited with status 143 from signal TERM. Reason was: bye",
    );
  });
});
