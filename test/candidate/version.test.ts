import assert from "node:assert/strict";
import fc from "fast-check";
import { compareVersions, VersionSchema } from "../../src/candidate/index.ts";
import { EdgeError } from "../../src/edges/edges.ts";

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
    assert.equal(compareVersions("1.0.0-20251128184500", "1.0.0-20251128184501"), -1);
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
        (e: unknown) => e instanceof EdgeError && /is not a semantic version like/.test(e.message),
        bad,
      );
      assert.ok(!VersionSchema.safeParse(bad).success, bad);
    }
  });

  it("refuses numbers that tools compare inexactly, and build metadata in a release", () => {
    const exact = "1.0.0-9007199254740990";
    assert.ok(VersionSchema.safeParse(exact).success);
    for (const bad of ["1.0.0-20251128184500123", "1.0.0-rc.9007199254740992"]) {
      assert.throws(() => compareVersions(bad, exact), /has a number of 2\^53 or more .* give the candidate another/);
      assert.match(VersionSchema.safeParse(bad).error!.message, /has a number of 2\^53 or more/);
    }
    assert.match(VersionSchema.safeParse("1.0.0+b").error!.message, /has build metadata/);
  });
});
