/** Names that are found to be apart in one look have no collision that looking at each pair of them finds. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { nameCollisions } from "../../src/candidate/index.ts";
import type { Content } from "../../src/validator/content.ts";
import { rules } from "../../src/validator/index.ts";

const rule = rules.find(({ id }) => id === "name-collision")!;

function found(paths: readonly string[]): number {
  const content: Content = {
    path: "a.zip",
    kind: "archive",
    entries: paths.map((path) => ({ path, type: "file", size: 1 })),
    problems: [],
    units: new Map(),
    sidecars: {},
    expected: {},
    upstream: false,
  };
  return rule.find(content).length;
}

describe("collisions of names", () => {
  it("are found in one look as in a look at each pair", () => {
    const path = fc.array(fc.constantFrom("a", "A", "b", ".", "-", "/", "ß", "ss"), { minLength: 1, maxLength: 5 });
    const paths = fc.uniqueArray(
      path.map((parts) => parts.join("")),
      { maxLength: 6 },
    );
    fc.assert(
      fc.property(paths, (all) => assert.equal(found(all) > 0, nameCollisions(all).length > 0, JSON.stringify(all))),
      { numRuns: 5000 },
    );
  });

  it("are a file that is also a folder, however far below it another lies", () => {
    assert.equal(found(["a", "a.b", "a/b/c/d"]), 1);
    assert.equal(found(["b/c", "b/c.d", "b/c-/e", "b/c0/e"]), 0);
    assert.equal(found(["Web/x", "web"]), 1);
  });
});
