import assert from "node:assert/strict";
import { createRequire } from "node:module";
import fc from "fast-check";
import { compareVersions } from "../../src/channel/index.ts";
import { EdgeError } from "../../src/edges/edges.ts";

const semver = createRequire(import.meta.url)("semver") as {
  compare(a: string, b: string): number;
  valid(a: string): string | null;
};

const number = fc.oneof(fc.nat({ max: 12 }), fc.nat()).map(String);
const identifier = fc.oneof(number, fc.constantFrom("rc", "alpha", "a-b", "1a", "-", "x1"));
const version = fc
  .tuple(
    number,
    number,
    number,
    fc.array(identifier, { maxLength: 3 }),
    fc.array(fc.constantFrom("b1", "001"), { maxLength: 2 }),
  )
  .map(
    ([a, b, c, pre, build]) =>
      `${a}.${b}.${c}${pre.length ? `-${pre.join(".")}` : ""}${build.length ? `+${build.join(".")}` : ""}`,
  );

describe("the order of versions", () => {
  it("is the specification's own example", () => {
    const order = [
      "1.0.0-alpha",
      "1.0.0-alpha.1",
      "1.0.0-alpha.beta",
      "1.0.0-beta",
      "1.0.0-beta.2",
      "1.0.0-beta.11",
      "1.0.0-rc.1",
      "1.0.0",
      "2.0.0",
      "2.1.0",
      "2.1.1",
      "2.11.0",
    ];
    for (let i = 0; i < order.length; i++)
      for (let j = 0; j < order.length; j++) assert.equal(compareVersions(order[i]!, order[j]!), Math.sign(i - j));
    assert.equal(compareVersions("1.0.0+a", "1.0.0+b"), 0);
    assert.equal(compareVersions("1.0.0-99999999999999999998", "1.0.0-99999999999999999999"), -1);
  });

  it("agrees with the semver package", () => {
    fc.assert(
      fc.property(version, version, (a, b) => assert.equal(compareVersions(a, b), semver.compare(a, b))),
      { numRuns: 500 },
    );
  });

  it("is total and transitive", () => {
    fc.assert(
      fc.property(version, version, version, (a, b, c) => {
        assert.equal(compareVersions(a, b) + compareVersions(b, a), 0);
        if (compareVersions(a, b) <= 0 && compareVersions(b, c) <= 0) assert.ok(compareVersions(a, c) <= 0);
      }),
    );
  });

  it("refuses what is no version", () => {
    for (const bad of [
      "",
      "1",
      "1.0",
      "v1.0.0",
      "1.0.0-",
      "01.0.0",
      "1.0.0-01",
      "1.0.0 ",
      "1.0.0\n",
      "1.0.0+",
      "latest",
    ]) {
      assert.throws(
        () => compareVersions(bad, "1.0.0"),
        (e: unknown) => e instanceof EdgeError && /is no version like/.test(e.message),
        bad,
      );
      assert.equal(semver.valid(bad) === null || bad !== bad.trim() || bad.startsWith("v"), true, bad);
    }
  });
});
