/** What is asked of tens of thousands of names at once says the same as what is asked of one. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { excludedBy, fits, fitsAny } from "../../src/candidate/excluded.ts";
import { folded, pathFault } from "../../src/candidate/path-names.ts";
import { unwantedName } from "../../src/candidate/unwanted-names.ts";

describe("names asked for in one look", () => {
  it("fit the first of several patterns that they fit one by one", () => {
    const patterns = ["*.db", "*.db-*", "a*b*c", "x.log", "[ab]*"];
    const any = fitsAny(patterns);
    const name = fc.string({
      unit: fc.constantFrom("a", "B", "b", "c", "x", ".", "-", "*", "[", "]", "db", ".db", "log", "\n"),
      maxLength: 8,
    });
    fc.assert(
      fc.property(name, (text) =>
        assert.equal(
          any(text),
          patterns.find((pattern) => fits(text, pattern)),
        ),
      ),
      { numRuns: 3000 },
    );
    assert.equal(any("x.log"), "x.log");
    assert.equal(any("x-log"), undefined);
    assert.equal(fitsAny([])("x"), undefined);
  });

  it("fit wildcards as shells have them, whatever their case, their first character or their lines", () => {
    for (const name of [".db", "a.DB", ".hidden.db", "a\nb.db", "..db", "(x).db"]) assert.ok(fits(name, "*.db"), name);
    for (const name of ["db", "a.db-wal", "a/b.db", "a.dbx"]) assert.ok(!fits(name, "*.db"), name);
    assert.ok(fits("b.log", "[ab].{log,txt}") && !fits("c.log", "[ab].{log,txt}"));
  });

  it("are excluded by their last part, or by a folder on their way", () => {
    const cases: [string, string | undefined][] = [
      ["a/.db", "*.db"],
      ["State.SQLITE3-wal", "*.sqlite3-*"],
      ["a/Node_Modules/b/c.js", "node_modules/*"],
      ["node_modules", undefined],
      ["my-node_modules/a", undefined],
      ["a.db/b", undefined],
      ["dist/support-bundle-1.json", "support-bundle*.json"],
    ];
    for (const [path, pattern] of cases) assert.equal(excludedBy(path), pattern, path);
  });

  it("have their faults, however plain their letters are", () => {
    const cases: [string, string | undefined][] = [
      ["web/1/a-b_c.min.js", undefined],
      [".well-known/x", undefined],
      ["con", "has the segment con, a device on Windows"],
      ["web/NUL.txt", "has the segment NUL.txt, a device on Windows"],
      ["lpt1/a", "has the segment lpt1, a device on Windows"],
      ["console/a", undefined],
      ["a./b", "has a segment that begins or ends with a space, or ends with a dot"],
      ["a//b", "has an empty segment"],
      ["a/", "has an empty segment"],
      ["a/../b", "has a .. segment, which leaves its folder"],
      ["x".repeat(240), undefined],
      ["x".repeat(241), "is longer than 240 bytes"],
      ["a\n", "has a control character"],
    ];
    for (const [path, fault] of cases) assert.equal(pathFault(path), fault, path);
    assert.equal(folded("Web/STRASSE.txt"), folded("web/straße.TXT"));
  });

  it("are judged by their own folder, whichever name came before", () => {
    const order = [".git/config", ".git/x/y", ".gitx/config", "x", ".git/config", "web/a", "web/b/.ssh/c", "web/b/c"];
    assert.deepEqual(
      order.map((path) => unwantedName(path)?.kind),
      ["litter", "litter", undefined, undefined, "litter", undefined, "secret", undefined],
    );
  });
});
