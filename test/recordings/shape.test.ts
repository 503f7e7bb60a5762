/**
 * A stand-in that drifts away from what was recorded of the real product is found out; other values of the same shape
 * are not.
 */
import assert from "node:assert/strict";
import { shapeDifferences, shapeOf, type Recording, type Said } from "../../src/recordings/index.ts";

const said = (check: string, stdout: Said["stdout"], more: Partial<Said> = {}): Said => ({
  check,
  question: "0".repeat(64),
  exit: 0,
  ms: 1,
  killed: "no",
  overflow: false,
  left: 0,
  needs: "",
  stdout,
  stderr: "",
  ...more,
});
const recording = (checks: Said[]): Recording => ({ facts: {} as Recording["facts"], said: { smoke: checks } });
const between = (real: Said[], standin: Said[]) =>
  shapeDifferences(recording(real), recording(standin)).map(({ check, of }) => `${check} ${of}`);

describe("shapes of outputs", () => {
  it("stay when values change", () => {
    const same: [string, string][] = [
      ["name=palyra version=0.1.0 commit=1e2f4d1", "name=palyra version=0.2.0 commit=[token 1]"],
      ["took 12 ms", "took 4711 ms"],
      ['{"b": 1, "a": [{"x": "y"}]}', '{ "a": [{"x": "z"}, {"x": "q"}], "b": 20 }'],
      ["/opt/a/b is there", "/srv/c is there"],
      ["check 1 ok\ncheck 2 ok\nend", "check 1 ok\nend"],
    ];
    for (const [a, b] of same) assert.equal(shapeOf(a), shapeOf(b));
  });

  it("change with a field, a type, a word or a line", () => {
    const other: [string, string][] = [
      ["name=palyra version=0.1.0", "version=0.1.0 name=palyra"],
      ['{"a": 1}', '{"a": "1"}'],
      ['{"a": 1}', '{"a": 1, "b": null}'],
      ['{"a": [1]}', '{"a": [1, "x"]}'],
      ["ready", "not ready"],
      ["a\nb", "a"],
    ];
    for (const [a, b] of other) assert.notEqual(shapeOf(a), shapeOf(b));
  });

  it("differ between two recordings where exit, output or a check does", () => {
    const real = [
      said("version", "v 1.0"),
      said("doctor", '{"a":1}'),
      said("gone", ""),
      said("long", { head: "x", tail: "y", bytes: 99 }),
    ];
    assert.deepEqual(between(real, real), []);
    const standin = [said("version", "v 2.0"), said("doctor", '{"a":"1"}'), said("long", "short")];
    assert.deepEqual(between(real, standin), ["doctor stdout", "gone check"]);
    assert.deepEqual(between([said("version", "v 1.0")], [said("version", "v 1.0", { exit: 1 })]), ["version exit"]);
    assert.deepEqual(between([said("version", "", { stderr: "warning: 1" })], [said("version", "")]), [
      "version stderr",
    ]);
  });
});
