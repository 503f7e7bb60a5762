import assert from "node:assert/strict";
import { backoffMs, LastingFault, retried, triesExhausted } from "../../src/command-plugin/backoff.ts";

const options = { what: "Dial", limit: 2, signal: new AbortController().signal, status: () => {} };

describe("command plugin: tries", () => {
  it("waits 100 ms, half as long again each time, and never more than 5 s", () => {
    assert.deepEqual([0, 1, 2, 3].map(backoffMs), [100, 150, 225, 337.5]);
    assert.deepEqual([10, 100, 1e6].map(backoffMs), [5000, 5000, 5000]);
    const elevenTries = Array.from({ length: 10 }, (_, i) => backoffMs(i)).reduce((a, b) => a + b);
    assert.ok(elevenTries > 11_000 && elevenTries < 12_000, "the default limit lasts some eleven seconds");
  });
  it("allows as many failures as the limit says, and any number for -1", () => {
    assert.deepEqual(
      [triesExhausted(10, 10), triesExhausted(11, 10), triesExhausted(1, 0), triesExhausted(1e9, -1)],
      [false, true, true, false],
    );
  });
  it("answers the first success and says each failure before it", async () => {
    const said: string[] = [];
    let tries = 0;
    const answer = await retried(
      async () => {
        if (tries++ < 2) throw new Error("not yet");
        return "there";
      },
      { ...options, status: (line) => said.push(line) },
    );
    assert.deepEqual([answer, said], ["there", ["Dial 1/2 failed: retrying", "Dial 2/2 failed: retrying"]]);
  });
  it("throws the last fault when the tries are used up", async () => {
    let tries = 0;
    await assert.rejects(
      retried(
        async () => {
          throw new Error(`fault ${++tries}`);
        },
        { ...options, limit: 1 },
      ),
      /^Error: after 1 failed attempts: fault 2$/,
    );
  });
  it("does not try again what cannot be mended by it", async () => {
    let tries = 0;
    await assert.rejects(
      retried(
        async () => {
          tries++;
          throw new LastingFault("a stranger");
        },
        { ...options, limit: -1 },
      ),
      /a stranger/,
    );
    assert.equal(tries, 1);
  });
  it("stops waiting when it is aborted, with the reason", async () => {
    const abort = new AbortController();
    const call = retried(
      async () => {
        throw new Error("never");
      },
      { ...options, limit: -1, signal: abort.signal },
    );
    setTimeout(() => abort.abort(new Error("time is up")), 20);
    await assert.rejects(call, /^Error: time is up$/);
  });
});
