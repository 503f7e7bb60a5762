/** The installer's order of versions is the channel's, and goes on where releases end: at numbers that semver does not take. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { compareVersions } from "../../src/candidate/index.ts";

const versions = [
  "0.9.0",
  "0.10.0",
  "1.0.0-0",
  "1.0.0-1",
  "1.0.0-2.a",
  "1.0.0-10",
  "1.0.0-99999999999999",
  "1.0.0-9007199254740990",
  "1.0.0--",
  "1.0.0-A",
  "1.0.0-B",
  "1.0.0-a",
  "1.0.0-a-b",
  "1.0.0-a.b",
  "1.0.0-alpha",
  "1.0.0-alpha.1",
  "1.0.0-alpha.beta",
  "1.0.0-beta",
  "1.0.0-beta.2",
  "1.0.0-beta.11",
  "1.0.0-rc",
  "1.0.0-rc.1",
  "1.0.0-rc.9",
  "1.0.0-rc.10",
  "1.0.0-rc1",
  "1.0.0-rc.1+b-1",
  "1.0.0",
  "1.0.0+b-1",
  "1.0.1",
  "1.1.0",
  "2.0.0",
  "11.0.0",
];

/** Each pair of which the installer takes the first for older. */
function olderPairs(all: readonly string[]): string[] {
  const script = `LC_ALL=C; export LC_ALL\n${readFileSync(new URL("../../src/installer/sh/versions.sh", import.meta.url), "utf8")}\nfor a; do for b; do if is_older "$a" "$b"; then echo "$a $b"; fi; done; done`;
  return execFileSync("dash", ["-euc", script, "sh", ...all], { encoding: "utf8" })
    .trim()
    .split("\n");
}

describe("the installer's order of versions", () => {
  it("is that of the channel, for every pair", () => {
    const found = olderPairs(versions);
    const expected = versions.flatMap((a) => versions.filter((b) => compareVersions(a, b) < 0).map((b) => `${a} ${b}`));
    assert.deepEqual(found, expected);
  });

  it("compares numbers of any length", () => {
    const long = ["1.0.0-99999999999999999998", "1.0.0-99999999999999999999", "1.0.0-100000000000000000000"];
    assert.deepEqual(olderPairs(long), [`${long[0]} ${long[1]}`, `${long[0]} ${long[2]}`, `${long[1]} ${long[2]}`]);
  });
});
