/** What holds for every name and every seal, not only for those somebody thought of. */
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join, posix, win32 } from "node:path";
import fc from "fast-check";
import { CandidateSchema, nameCollisions, pathFault, readCandidate, VersionSchema } from "../../src/candidate/index.ts";
import { EdgeError } from "../../src/edges/edges.ts";
import { temporaryFolder, tinyCandidate } from "./tiny-candidate.ts";

const nasty = fc.constantFrom(
  "..",
  ".",
  "",
  "/",
  "\\",
  "C:",
  "con",
  "NUL.txt",
  "a",
  "Ä",
  "a\u0308",
  "\u0000",
  " ",
  "x.",
  "~",
  "-rf",
  "\u202e",
  "😀",
  "\ud800",
);
const anyPath = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.array(fc.oneof(nasty, fc.string({ maxLength: 4 })), { maxLength: 6 }).map((parts) => parts.join("/")),
);

describe("names and seals, as properties", () => {
  const temporary = temporaryFolder();

  it("a name that is let through stays below its folder on POSIX and on Windows", () => {
    fc.assert(
      fc.property(anyPath, (path) => {
        if (pathFault(path) !== undefined) return;
        assert.ok(posix.resolve("/top/folder", path).startsWith("/top/folder/"), path);
        assert.ok(win32.resolve("C:\\top\\folder", path).startsWith("C:\\top\\folder\\"), path);
        assert.equal(posix.normalize(path), path);
        assert.equal(Buffer.from(path).toString(), path);
      }),
      { numRuns: 3000 },
    );
  });

  it("ordinary names are let through", () => {
    const segment = fc
      .stringMatching(/^[a-z0-9][a-z0-9_-]{0,10}(\.[a-z0-9]{1,3})?$/)
      .filter((s) => !/^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/.test(s));
    fc.assert(
      fc.property(
        fc.array(segment, { minLength: 1, maxLength: 5 }),
        (segments) => pathFault(segments.join("/")) === undefined,
      ),
      { numRuns: 500 },
    );
  });

  it("names that become one where case does not count are found, and only those", () => {
    const name = fc.stringMatching(/^[abAB]{1,2}(\/[abAB]{1,2})?$/);
    fc.assert(
      fc.property(fc.array(name, { maxLength: 6 }), (names) => {
        const lower = names.map((n) => n.toLowerCase());
        const clash = lower.some((n, i) => lower.some((m, j) => (i < j && n === m) || n.startsWith(`${m}/`)));
        assert.equal(nameCollisions(names).length > 0, clash);
      }),
      { numRuns: 2000 },
    );
  });

  it("whatever candidate.json holds, it is read or refused in one sentence", () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), (text) => {
        writeFileSync(join(temporary.path, "candidate.json"), text);
        assert.throws(
          () => readCandidate(temporary.path),
          (e: Error) => e instanceof EdgeError && !/\n\s+at /.test(e.message),
        );
      }),
      { numRuns: 300 },
    );
  });

  it("a whole seal with any one part changed in type is refused", async () => {
    const folder = join(temporary.path, "whole");
    mkdirSync(folder);
    const seal = await tinyCandidate(folder);
    const paths: string[][] = [];
    const walk = (value: unknown, path: string[]): void => {
      if (path.length > 0) paths.push(path);
      if (value !== null && typeof value === "object")
        for (const [key, part] of Object.entries(value)) walk(part, [...path, key]);
    };
    walk(seal, []);
    fc.assert(
      fc.property(fc.constantFrom(...paths), fc.constantFrom<unknown>(true, -1, [], "\u0000"), (path, wrong) => {
        const copy = structuredClone(seal) as unknown as Record<string, unknown>;
        const holder = path.slice(0, -1).reduce((v, key) => v[key] as Record<string, unknown>, copy);
        // A repository may be any text.
        if (path.at(-1) === "repository" && wrong === "\u0000") return;
        holder[path.at(-1)!] = wrong;
        assert.equal(CandidateSchema.safeParse(copy).success, false, path.join("."));
      }),
      { numRuns: 500 },
    );
  });

  it("versions are semantic ones", () => {
    for (const good of ["0.0.0", "1.2.3", "10.20.30-rc.1", "1.0.0-0.x-y.z"])
      assert.ok(VersionSchema.safeParse(good).success, good);
    for (const bad of [
      "",
      "1",
      "1.2",
      "v1.2.3",
      "01.2.3",
      "1.2.3-",
      "1.2.3-01",
      "1.2.3+b",
      "1.2.3 ",
      "1.2.3/..",
      "1.2.3-ä",
      `1.2.3-${"a".repeat(64)}`,
    ]) {
      assert.ok(!VersionSchema.safeParse(bad).success, bad);
    }
  });
});
