/** The stand-in's binaries as a maintainer has them: `candidate create` makes of them what is missing. */
import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createCandidate } from "../../src/candidate/index.ts";
import { productNamed } from "../../src/products/index.ts";
import { standinCandidate } from "./candidate.ts";
import { hostPlatform } from "./go.ts";

describe("headless binaries of the stand-in, sealed by `candidate create`", function () {
  this.timeout(300_000);
  const folder = mkdtempSync(join(tmpdir(), "greenlight-sealed-"));
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("become a candidate with deployment folders of their own making, and nothing is missing", async () => {
    const host = hostPlatform();
    const usual = await standinCandidate({ version: "0.1.0", platforms: [host] });
    cpSync(join(usual.folder, "shared"), folder, { recursive: true });
    rmSync(join(folder, "deployment"), { recursive: true });
    for (const name of ["palyra", "palyrad", "palyra-browserd"]) cpSync(usual.binary(name), join(folder, host, name));
    const { findings, made, left, candidate } = await createCandidate({
      folder,
      product: productNamed("palyra"),
      version: "0.1.0",
      kinds: ["headless"],
    });
    assert.deepEqual(findings, []);
    assert.deepEqual(left, []);
    assert.deepEqual(
      made.map(({ path, files }) => [path, files]),
      [
        ["deployment/single-vm", 7],
        ["deployment/worker-enabled", 8],
      ],
    );
    assert.deepEqual(candidate.kinds, ["headless"]);
    assert.deepEqual(readdirSync(join(folder, "deployment")).sort(), ["single-vm", "worker-enabled"]);
  });
});
