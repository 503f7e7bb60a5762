import assert from "node:assert/strict";
import fc from "fast-check";
import { EdgeError } from "../../src/edges/edges.ts";
import { chosenPaths, globPattern } from "../../src/command-plugin/glob.ts";

const matches = (pattern: string, path: string): boolean => globPattern(pattern).test(path);
const name = fc.stringMatching(/^[a-z.^$()+|-]{1,8}$/);
const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => names.join("/"));

describe("command plugin: path patterns", () => {
  it("follow the package's own example", () => {
    const paths = ["assets/logos/logo.svg", "src/index.js", "src/secret.js"];
    assert.deepEqual(chosenPaths(paths, ["assets/**", "src/**.js", "!**secret.*"]), [
      "assets/logos/logo.svg",
      "src/index.js",
    ]);
  });
  it("apply rules in order: what comes later decides", () => {
    assert.deepEqual(chosenPaths(["a", "b"], ["*", "!a"]), ["b"]);
    assert.deepEqual(chosenPaths(["a", "b"], ["!a", "*"]), ["a", "b"]);
    assert.deepEqual(chosenPaths(["a"], []), []);
  });
  it("know stars, question marks, brackets, braces and backslashes", () => {
    for (const [pattern, yes, no] of [
      ["*.js", "a.js", "a/b.js"],
      ["**.js", "a/b.js", "a/b.ts"],
      ["a?c", "abc", "a/c"],
      ["[abc]", "b", "d"],
      ["[!abc]", "d", "b"],
      ["[a-c]x", "bx", "dx"],
      ["{one,other}.txt", "other.txt", "two.txt"],
      ["{a,b{c,d}}", "bd", "b"],
      ["\\*", "*", "x"],
      ["a,b}", "a,b}", "a"],
      ["a.c", "a.c", "abc"],
    ] as const) {
      assert.ok(matches(pattern, yes), `${pattern} and ${yes}`);
      assert.ok(!matches(pattern, no), `${pattern} and ${no}`);
    }
  });
  it("match every path with **, a path with itself escaped, and nothing more", () => {
    fc.assert(
      fc.property(path, path, (one, other) => {
        assert.ok(matches("**", one));
        const escaped = one.replace(/[\\*?[\]{}!,]/g, "\\$&");
        assert.ok(matches(escaped, one));
        assert.equal(matches(escaped, other), one === other);
        assert.equal(matches("*", one), !one.includes("/"));
      }),
    );
  });
  it("are read or refused with a sentence, whatever they are", () => {
    for (const broken of ["[abc", "{a,b", "a\\", "[]", "[z-a]"])
      assert.throws(() => globPattern(broken), EdgeError, broken);
    fc.assert(
      fc.property(fc.string(), (pattern) => {
        try {
          globPattern(pattern);
        } catch (e) {
          assert.ok(e instanceof EdgeError, String(e));
        }
      }),
    );
  });
});
