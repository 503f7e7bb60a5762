import assert from "node:assert/strict";
import fc from "fast-check";
import { difference } from "../../src/command-plugin/diff.ts";
import { archive, asset, asSecret } from "./cases/case.ts";
import { unknownText } from "../../src/command-plugin/wire.ts";

const json = fc.dictionary(
  fc.string().filter((key) => key !== "__proto__"),
  fc.jsonValue({ maxDepth: 3 }).map((v) => JSON.parse(JSON.stringify(v))),
);

describe("command plugin: diff", () => {
  it("finds nothing between equal inputs, whatever they are", () => {
    fc.assert(
      fc.property(json, (inputs) => {
        assert.deepEqual(difference(inputs, structuredClone(inputs)), { changed: [], places: {} });
      }),
    );
  });
  it("has a place for a changed input, and none without one", () => {
    fc.assert(
      fc.property(json, json, (before, after) => {
        const { changed, places } = difference(before, after);
        assert.equal(changed.length === 0, Object.keys(places).length === 0);
      }),
    );
  });
  it("sees any single change", () => {
    assert.deepEqual(difference({ create: "a" }, { create: "b" }).places, { create: "update" });
    assert.deepEqual(difference({}, { stdin: "b" }).places, { stdin: "add" });
    assert.deepEqual(difference({ stdin: "b" }, { stdin: null }).places, { stdin: "delete" });
    assert.deepEqual(
      difference({ environment: { "a.b": "1", c: "1" } }, { environment: { "a.b": "2", c: "1" } }).places,
      { 'environment["a.b"]': "update" },
    );
    assert.deepEqual(difference({ triggers: ["a", "b"] }, { triggers: ["a"] }), {
      changed: ["triggers"],
      places: { "triggers[1]": "delete" },
    });
    assert.deepEqual(difference({ connection: { port: 1 } }, { connection: { port: 2 } }).places, {
      "connection.port": "update",
    });
  });
  it("takes no notice of a value becoming a secret, and sees its change all the same", () => {
    assert.deepEqual(difference({ connection: { host: "a" } }, { connection: asSecret({ host: "a" }) }).changed, []);
    assert.deepEqual(
      difference({ connection: asSecret({ host: "a" }) }, { connection: asSecret({ host: "b" }) }).changed,
      ["connection"],
    );
  });
  it("compares files by content", () => {
    const one = asset({ path: "one", hash: "1" });
    assert.deepEqual(difference({ source: one }, { source: asset({ path: "two", hash: "1" }) }).changed, []);
    assert.deepEqual(difference({ source: one }, { source: asset({ path: "one", hash: "2" }) }).changed, ["source"]);
    assert.deepEqual(difference({ source: one }, { source: archive({ path: "one", hash: "1" }) }).changed, ["source"]);
  });
  it("counts what is not known yet as changed", () => {
    assert.deepEqual(difference({ triggers: [1] }, { triggers: [unknownText] }).changed, ["triggers"]);
    assert.deepEqual(difference({ environment: { a: "1" } }, { environment: unknownText }).changed, ["environment"]);
  });
});
