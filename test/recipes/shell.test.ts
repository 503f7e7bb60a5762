import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { nats } from "../../src/products/nats.ts";
import { renderRecipe } from "../../src/recipes/index.ts";

describe("every shell text of a recipe", () => {
  const files = renderRecipe(
    nats,
    "server",
    {
      product: "nats",
      kind: "server",
      version: "2.11.4",
      binaryVersions: {},
      platform: "linux-x64",
      sha256: "a".repeat(64),
      base: "nats-server-2.11.4-linux-x64",
    },
    { needs: { libraries: ["libc.so.6", "libssl.so.3"], glibc: "2.34" } },
  );
  for (const { path, text } of files.filter((file) => file.mode === 0o755)) {
    it(`${path} is POSIX to dash`, () =>
      assert.equal(spawnSync("dash", ["-n"], { input: text, encoding: "utf8" }).stderr, ""));
    it(`${path} is clean to shellcheck, where that is installed`, function () {
      const { error, stdout } = spawnSync("shellcheck", ["--shell=sh", "-"], { input: text, encoding: "utf8" });
      if (error) return this.skip();
      assert.equal(stdout, "");
    });
  }
});
