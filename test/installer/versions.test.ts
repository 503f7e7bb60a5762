/** The installer's order of versions is the channel's. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { compareVersions } from "../../src/channel/version.ts";

const versions = [
  "0.9.0",
  "0.10.0",
  "1.0.0-0",
  "1.0.0-1",
  "1.0.0-2.a",
  "1.0.0-10",
  "1.0.0-99999999999999999999",
  "1.0.0-100000000000000000000",
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

describe("the installer's order of versions", () => {
  it("is that of the channel, for every pair", () => {
    const script = `LC_ALL=C; export LC_ALL\n${readFileSync(new URL("../../src/installer/sh/versions.sh", import.meta.url), "utf8")}\nfor a; do for b; do if is_older "$a" "$b"; then echo "$a $b"; fi; done; done`;
    const found = execFileSync("dash", ["-euc", script, "sh", ...versions], { encoding: "utf8" })
      .trim()
      .split("\n");
    const expected = versions.flatMap((a) => versions.filter((b) => compareVersions(a, b) < 0).map((b) => `${a} ${b}`));
    assert.deepEqual(found, expected);
  });
});
