import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { renderInstaller } from "../../src/installer/index.ts";
import { products } from "../../src/products/index.ts";

describe("the installer's text", () => {
  for (const product of Object.values(products)) {
    for (const kind of Object.keys(product.kinds)) {
      const text = renderInstaller(product, kind, {
        product: product.name,
        kind,
        version: "1.2.3",
        binaryVersions: {},
        platform: "linux-x64",
        base: `${product.name}-${kind}-1.2.3-linux-x64`,
      });
      it(`for ${product.name} ${kind} is POSIX to dash`, () =>
        assert.equal(spawnSync("dash", ["-n"], { input: text, encoding: "utf8" }).stderr, ""));
      it(`for ${product.name} ${kind} is clean to shellcheck, where that is installed`, function () {
        const { error, stdout } = spawnSync("shellcheck", ["--shell=sh", "-"], { input: text, encoding: "utf8" });
        if (error) return this.skip();
        assert.equal(stdout, "");
      });
    }
  }
});
