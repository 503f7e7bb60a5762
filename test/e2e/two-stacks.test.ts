/** Two stacks of one workspace that use the same archives, on the real engine; no machine is needed for a preview. */
import assert from "node:assert/strict";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { goodCandidate } from "../good-candidate.ts";
import { recordFailures, takeFailures } from "../../src/provider/failures.ts";
import { Workspace } from "./workspace.ts";

describe("two stacks of one workspace, end to end", function () {
  this.timeout(10 * 60_000);
  let workspace: Workspace;
  before(() => (workspace = new Workspace()));
  after(() => workspace.dispose());

  it("destroying one leaves the archives and notes of the other, and what both used until the last is gone", async () => {
    writeFileSync(workspace.path("Pulumi.other.yaml"), "config:\n  greenlight:channel: stable\n");
    const candidate = await goodCandidate();
    const archives = () =>
      existsSync(workspace.path(".greenlight/archives"))
        ? readdirSync(workspace.path(".greenlight/archives")).filter((name) => name !== ".used")
        : [];
    for (const stack of ["dev", "other"]) {
      const { code, text } = await workspace.greenlight("preview", "--stack", stack, "--candidate", candidate);
      assert.equal(code, 0, text);
    }
    const packed = archives();
    assert.ok(packed.length > 0);
    recordFailures(workspace.folder, "dev", "cell", ["attempt 1"]);
    const other = await workspace.greenlight("destroy", "--stack", "other");
    assert.equal(other.code, 0, other.text);
    assert.deepEqual(archives(), packed);
    assert.deepEqual(takeFailures(workspace.folder, "dev", "cell"), ["attempt 1"]);
    const dev = await workspace.greenlight("destroy", "--stack", "dev");
    assert.equal(dev.code, 0, dev.text);
    assert.deepEqual(readdirSync(workspace.path(".greenlight/archives")), []);
  });
});
