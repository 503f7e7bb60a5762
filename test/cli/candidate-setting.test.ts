import assert from "node:assert/strict";
import { candidateSetting } from "../../src/cli/up.ts";

describe("the candidate's folder as a setting", () => {
  it("is relative in the workspace and absolute elsewhere, as seen from where the person stands", () => {
    assert.equal(candidateSetting("/w", "candidates/x", "/w"), "candidates/x");
    assert.equal(candidateSetting("/w", "x", "/w/candidates"), "candidates/x");
    assert.equal(candidateSetting("/w", "../x", "/w"), "/x");
    assert.equal(candidateSetting("/w", "/x/y", "/w"), "/x/y");
    assert.equal(candidateSetting("/w", ".", "/w"), "/w");
  });
});
