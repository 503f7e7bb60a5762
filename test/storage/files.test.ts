import assert from "node:assert/strict";
import fc from "fast-check";
import fs, { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createAtomic, writeAtomic } from "../../src/storage/atomic-write.ts";
import { canonicalJson, sha256, sha256File } from "../../src/storage/digest.ts";
import { cachePath, workspaceFolder } from "../../src/storage/folders.ts";

describe("storage", () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "storage-"))));
  afterEach(() => rmSync(folder, { recursive: true }));

  it("replaces a file in one step, with its mode, and leaves nothing beside it", () => {
    const file = join(folder, "a", "f");
    writeAtomic(file, "one");
    writeAtomic(file, "two", 0o600);
    assert.equal(readFileSync(file, "utf8"), "two");
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.deepEqual(readdirSync(join(folder, "a")), ["f"]);
  });

  it("creates a file once and never over another", () => {
    const file = join(folder, "f");
    assert.equal(createAtomic(file, "one"), true);
    assert.equal(createAtomic(file, "two"), false);
    assert.equal(readFileSync(file, "utf8"), "one");
    assert.deepEqual(readdirSync(folder), ["f"]);
  });

  for (const call of ["writeSync", "fsyncSync", "closeSync", "renameSync", "linkSync"] as const) {
    it(`leaves what was there and no temporary file when ${call} fails`, () => {
      const file = join(folder, "f");
      writeFileSync(file, "before");
      const real = fs[call];
      const full = (...args: unknown[]) => {
        // Closed all the same, as a disk over the network does.
        if (call === "closeSync") (real as (...args: unknown[]) => unknown)(...args);
        throw Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
      };
      Object.assign(fs, { [call]: full });
      syncBuiltinESMExports();
      try {
        if (call !== "linkSync") assert.throws(() => writeAtomic(file, "after"), /no space left/);
        if (call !== "renameSync") assert.throws(() => createAtomic(join(folder, "g"), "new"), /no space left/);
      } finally {
        Object.assign(fs, { [call]: real });
        syncBuiltinESMExports();
      }
      assert.deepEqual([readdirSync(folder), readFileSync(file, "utf8")], [["f"], "before"]);
    });
  }

  it("knows SHA-256 of text and of files", async () => {
    // FIPS 180-2, appendix B.1
    const abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert.equal(sha256("abc"), abc);
    writeFileSync(join(folder, "abc"), "abc");
    assert.equal(await sha256File(join(folder, "abc")), abc);
    for (const length of [0, 1, 256 << 10, (256 << 10) + 1, 1_000_003]) {
      const bytes = Buffer.from(Uint8Array.from({ length }, (_, n) => n % 251));
      writeFileSync(join(folder, "many"), bytes);
      assert.equal(await sha256File(join(folder, "many")), sha256(bytes), `${length} bytes`);
    }
    await assert.rejects(sha256File(join(folder, "none")), { code: "ENOENT" });
    await assert.rejects(sha256File(folder), { code: "EISDIR" });
  });

  it("writes equal values as equal bytes, whatever the order of their keys", () => {
    assert.equal(canonicalJson({ b: [1, { d: 1, c: 2 }], a: "x" }), '{"a":"x","b":[1,{"c":2,"d":1}]}');
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: "grapheme" }), fc.jsonValue()), (value) => {
        const turned = Object.fromEntries(Object.entries(value).reverse());
        assert.equal(canonicalJson(turned), canonicalJson(value));
        assert.deepEqual(JSON.parse(canonicalJson(value)), JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it("writes canonical JSON as RFC 8785 has it", () => {
    // Its own example, section 3.2.2, and the order of section 3.2.3.
    assert.equal(
      canonicalJson({
        numbers: [333333333.33333329, 1e30, 4.5, 2e-3, 0.000000000000000000000000001],
        string: "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"/",
        literals: [null, true, false],
      }),
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    );
    assert.equal(
      canonicalJson({ "\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\u{1f600}": 5, "10": 6, "9": 7 }),
      '{"\\r":2,"1":4,"10":6,"9":7,"€":1,"😀":5,"\ufb33":3}',
    );
  });

  it("states half a character as UTF-8 does, and refuses what JSON cannot state", () => {
    assert.equal(canonicalJson(["😀".slice(0, 1), { "\udead": 1 }]), '["\ufffd",{"\ufffd":1}]');
    for (const value of [NaN, { a: Infinity }, undefined]) assert.throws(() => canonicalJson(value), String(value));
  });

  it("finds the workspace above a folder, and says when there is none", () => {
    writeFileSync(join(folder, "Pulumi.yaml"), "");
    const kept = process.env["GREENLIGHT_WORKSPACE"];
    delete process.env["GREENLIGHT_WORKSPACE"];
    try {
      assert.equal(workspaceFolder(join(folder, "x", "y")), folder);
      assert.throws(() => workspaceFolder("/"), /No Pulumi\.yaml at or above \//);
    } finally {
      if (kept !== undefined) process.env["GREENLIGHT_WORKSPACE"] = kept;
    }
  });

  it("keeps the cache where XDG says", () => {
    const kept = process.env["XDG_CACHE_HOME"];
    try {
      process.env["XDG_CACHE_HOME"] = "/x";
      assert.equal(cachePath("images"), "/x/greenlight/images");
      process.env["XDG_CACHE_HOME"] = "relative";
      assert.match(cachePath(), /\.cache\/greenlight$/);
    } finally {
      if (kept === undefined) delete process.env["XDG_CACHE_HOME"];
      else process.env["XDG_CACHE_HOME"] = kept;
    }
  });
});
