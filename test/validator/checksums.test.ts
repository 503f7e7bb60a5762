/** A list that is exact is one of which reading it line by line says nothing: its lines are the entries. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { readChecksums as read, type ChecksumLines } from "../../src/validator/checksums.ts";
import type { Entry } from "../../src/validator/content.ts";

const digest = (n: number): string => n.toString(16).repeat(64).slice(0, 64);
const file = (path: string, n = 1): Entry => ({ path, type: "file", size: 1, content: { sha256: digest(n) } });
const readChecksums = (text: string, entries: readonly Entry[]): ChecksumLines => read(Buffer.from(text), entries);
const line = ({ path, content }: Entry): string => `${content!.sha256}  ${path}\n`;

describe("an exact checksums.txt", () => {
  const entries = [file("LICENSE.txt"), file("README.txt", 2), file("checksums.txt", 3), file("web/a.js", 4)];
  const [licence, readme, , script] = entries.map(line) as [string, string, string, string];
  const good = licence + readme + script;

  it("has a line for each entry but itself", () => {
    assert.deepEqual(readChecksums(good, entries), { exact: true, lines: [], malformed: [], unusual: [] });
  });

  const others: Record<string, string> = {
    "a line too few": licence + readme,
    "a line too many": `${good}${digest(5)}  web/b.js\n`,
    "a line twice": licence + licence + readme + script,
    "another order": readme + licence + script,
    "another digest": good.replace(digest(2), digest(5)),
    "another path": good.replace("web/a.js", "web/b.js"),
    "another space": good.replace("  R", " *R"),
    "no line feed at its end": good.slice(0, -1),
    "an empty line": `\n${good}`,
    "carriage returns": good.replaceAll("\n", "\r\n"),
    "a line for itself": licence + readme + line(entries[2]!) + script,
  };
  for (const [what, text] of Object.entries(others))
    it(`is none with ${what}`, () => {
      const { exact, lines, malformed } = readChecksums(text, entries);
      assert.equal(exact, false);
      assert.ok(lines.length > 0 || malformed.length > 0);
    });

  for (const [what, entry] of Object.entries<Entry>({
    "was not read": { path: "web/b.js", type: "file", size: 1 },
    "is no file": { ...file("web/b.js"), type: "symlink" },
    "has a line feed in its name": file(`web/b.js\n${digest(1)}  web/c.js`),
    "has a carriage return in its name": file("web/b.js\r"),
    "is there twice": file("web/a.js", 4),
    "has a name outside ASCII": file("web/é.js"),
  }))
    it(`is none where an entry ${what}`, () => {
      const all = [...entries, entry];
      assert.equal(
        readChecksums(
          all
            .filter((one) => one !== entries[2])
            .map((one) => line({ ...file("-"), ...one }))
            .join(""),
          all,
        ).exact,
        false,
      );
    });

  it("says of its lines what reading them one by one says", () => {
    const names = fc.array(fc.constantFrom("a", "b", "B", "a/b", "a.b", "checksums.txt", "é", "a\n"), { maxLength: 5 });
    fc.assert(
      fc.property(names, names, fc.boolean(), (there, listed, sorted) => {
        const all = (sorted ? [...there].sort() : there).map((path) => file(path));
        const text = (sorted ? [...listed].sort() : listed).map((path) => line(file(path))).join("");
        if (!readChecksums(text, all).exact) return;
        const { lines, malformed, unusual } = readChecksums(text, [file("none of them")]);
        assert.deepEqual(
          lines.map(({ path }) => path),
          all.map(({ path }) => path).filter((path) => path !== "checksums.txt"),
        );
        assert.deepEqual([malformed, unusual], [[], []]);
      }),
      { numRuns: 5000 },
    );
  });
});
