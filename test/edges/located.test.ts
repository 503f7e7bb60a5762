import assert from "node:assert/strict";
import fc from "fast-check";
import { z } from "zod";
import { parseLocated, pathText } from "../../src/edges/located.ts";

const origin = { file: "f.json", remedy: "mend it" };

describe("JSON with the lines of its values", () => {
  it("says on which line a key, an element and what is missing stand", () => {
    const { line } = parseLocated(z.unknown(), '{\n  "a": [\n    1,\n    { "b": 2 }\n  ],\n  "c": 3\n}', origin);
    assert.deepEqual(
      [[], ["a"], ["a", 0], ["a", 1, "b"], ["a", 7], ["c"], ["d"]].map((path) => line(path)),
      [1, 2, 3, 4, 2, 6, 1],
    );
  });

  it("gives every part of any value a line within the text", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
        const text = JSON.stringify(value, null, 2);
        const { line } = parseLocated(z.unknown(), text, origin);
        const last = text.split("\n").length;
        const walk = (at: unknown, path: (string | number)[]): void => {
          assert.ok(line(path) >= 1 && line(path) <= last);
          if (Array.isArray(at)) at.forEach((each, i) => walk(each, [...path, i]));
          else if (at !== null && typeof at === "object")
            for (const [key, each] of Object.entries(at)) walk(each, [...path, key]);
        };
        walk(value, []);
      }),
      { numRuns: 50 },
    );
  });

  it("names every fault with file, line and path, a line each", () => {
    const schema = z.strictObject({ a: z.literal(1), list: z.array(z.strictObject({ b: z.string() })) });
    assert.throws(
      () => parseLocated(schema, '{\n "a": 2,\n "list": [{\n  "b": 3,\n  "x": 1 }],\n "y": 0,\n "y": 1\n}', origin),
      {
        message: [
          "f.json:7: y: is there twice, and only one of them would count; mend it.",
          "f.json:2: a: Invalid input: expected 1 (found 2); mend it.",
          "f.json:4: list[0].b: Invalid input: expected string, received number (found 3); mend it.",
          "f.json:5: list[0].x: is no field of this file; mend it.",
          "f.json:7: y: is no field of this file; mend it.",
        ].join("\n"),
      },
    );
  });

  it("writes paths with positions in brackets", () => assert.equal(pathText(["a", 0, "b", 12]), "a[0].b[12]"));
});
