import assert from "node:assert/strict";
import { isSelectionPlace, runPlace } from "../../src/matrix/index.ts";

describe("the place of a report", () => {
  it("is one for the same scenarios in any order, and short for many of them", () => {
    assert.equal(runPlace("full"), "full");
    assert.equal(runPlace("full", ["b", "a", "b"]), "full-only-a+b");
    const many = Array.from({ length: 40 }, (_, i) => `scenario_${i}`);
    assert.match(runPlace("fast", many), /^fast-only-[0-9a-f]{12}$/);
    assert.notEqual(runPlace("fast", many), runPlace("fast", many.slice(1)));
  });

  it("tells runs of some scenarios of a profile from all others", () => {
    assert.deepEqual(
      ["full", "full-only-a", "fast-only-a", "full-imported-0123456789ab", "source-contract"].filter((name) =>
        isSelectionPlace(name, "full"),
      ),
      ["full-only-a"],
    );
  });
});
