import assert from "node:assert/strict";
import { didYouMean } from "../../src/edges/nearest.ts";

describe("a word that is not known", () => {
  const commands = ["up", "preview", "destroy", "rerun", "doctor", "validate"];
  it("is likened to the nearest that is, and to none when none is near", () => {
    for (const [word, meant] of [
      ["preveiw", "preview"],
      ["destory", "destroy"],
      ["update", "up"],
      ["VALIDATE", "validate"],
      ["dev", undefined],
      ["", undefined],
    ]) {
      assert.equal(didYouMean(word!, commands), meant === undefined ? "" : `; did you mean "${meant}"?`);
    }
    assert.equal(didYouMean("x".repeat(10_000), commands), "");
  });
});
