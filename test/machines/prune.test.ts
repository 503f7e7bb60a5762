import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { markUsed, prune } from "../../src/machines/images/prune.ts";
import { makeFolders, writeRecord } from "../../src/machines/host/record.ts";
import { processIdentity } from "../../src/storage/process-identity.ts";

describe("old images and parents", () => {
  const before = process.env["XDG_CACHE_HOME"];
  let cache: string;
  const place = (...parts: string[]) => join(cache, "greenlight", ...parts);

  beforeEach(() => {
    cache = mkdtempSync(join(tmpdir(), "gl-prune-"));
    process.env["XDG_CACHE_HOME"] = cache;
    const past = Date.now() / 1000 - 15 * 86_400;
    for (const folder of [
      place("images", "old"),
      place("images", "new"),
      place("parents", "old"),
      place("parents", "used"),
    ]) {
      mkdirSync(folder, { recursive: true });
      if (!folder.endsWith("new")) utimesSync(folder, past, past);
    }
    markUsed(place("parents", "used"));
  });
  afterEach(() => {
    if (before === undefined) delete process.env["XDG_CACHE_HOME"];
    else process.env["XDG_CACHE_HOME"] = before;
    rmSync(cache, { recursive: true, force: true });
  });

  it("go after two weeks without use, and what is used stays", () => {
    assert.deepEqual(prune(), [place("parents", "old"), place("images", "old")]);
    assert.ok(existsSync(place("images", "new")) && existsSync(place("parents", "used")));
    assert.deepEqual(prune(), []);
  });

  it("stay while a machine runs that may stand on them", () => {
    const me = processIdentity(process.pid)!;
    const runFolder = makeFolders("aaaaaaaaaa");
    const owner = { workspace: "/w", stack: "dev", urn: "urn:a" };
    writeRecord({
      schema: 1,
      id: "aaaaaaaaaa",
      owner,
      cell: "c",
      creator: me,
      guard: me,
      ready: true,
      createdAt: "t",
      until: "t",
      runFolder,
    });
    assert.deepEqual(prune(), []);
    assert.ok(existsSync(place("images", "old")));
  });
});
