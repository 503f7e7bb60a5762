import assert from "node:assert/strict";
import fc from "fast-check";
import { archiveBase, archiveNamed, mayBeOfKind, platforms } from "../../src/products/index.ts";

const name = fc.stringMatching(/^[a-z][a-z0-9]{0,8}(-[a-z0-9]{1,5})?$/);
const version = fc.stringMatching(/^[1-9]\.[1-9][0-9]?\.0(-rc\.[1-9])?$/);
const parts = fc.record({ product: name, kind: name, version, platform: fc.constantFrom(...platforms) });

describe("the name of an archive", () => {
  it("is taken apart as it was put together", () => {
    fc.assert(
      fc.property(parts, (given) => {
        const base = archiveBase(given);
        const { kind, platform } = given;
        assert.deepEqual(archiveNamed(given.product, given.version, `${base}.zip`), { base, kind, platform });
        assert.ok(mayBeOfKind(`${base}.zip`, given.product, kind));
      }),
    );
  });

  it("says nothing where it is another product's, another version's, or that of another file", () => {
    for (const other of ["tool-linux-x64.zip", "tools-cli-1.0.0-linux-x64.zip", "tool-cli-1.0.0-linux-x64.zip.sha256"])
      assert.equal(archiveNamed("tool", "1.0.0", other), undefined, other);
    assert.equal(archiveNamed("tool", "2.0.0", "tool-cli-1.0.0-linux-x64.zip"), undefined);
    assert.equal(mayBeOfKind("tool-cli-notes.txt", "tool", "cli"), false);
  });
});
