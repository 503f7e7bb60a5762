import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { EdgeError } from "../../src/edges/edges.ts";
import { evidenceFile, loadEvidence, pointCell, readCell, storeEvidence } from "../../src/evidence/index.ts";
import { sha256 } from "../../src/storage/digest.ts";
import { evidenceOf } from "./samples.ts";

describe("the store of evidence", () => {
  let workspace = "";
  beforeEach(() => (workspace = mkdtempSync(join(tmpdir(), "greenlight-evidence-"))));
  afterEach(() => rmSync(workspace, { recursive: true }));
  const refused = (work: () => unknown, pattern: RegExp): void =>
    assert.throws(work, (e: unknown) => e instanceof EdgeError && pattern.test(e.message));

  it("keeps evidence under the digest of its bytes", () => {
    const digest = storeEvidence(workspace, evidenceOf());
    assert.equal(sha256(readFileSync(evidenceFile(workspace, digest))), digest);
    assert.equal(
      evidenceFile(workspace, digest),
      join(workspace, ".greenlight", "evidence", "sha256", `${digest}.json`),
    );
    assert.deepEqual(loadEvidence(workspace, digest), evidenceOf());
    assert.equal(storeEvidence(workspace, evidenceOf()), digest);
    assert.notEqual(storeEvidence(workspace, evidenceOf({ attempt: 2 })), digest);
  });
  it("refuses what is missing, spoiled, of an unknown shape, or no digest", () => {
    const digest = storeEvidence(workspace, evidenceOf());
    refused(() => loadEvidence(workspace, "0".repeat(64)), /does not exist; prove the cell again/);
    refused(() => loadEvidence(workspace, "../../secret"), /is not the digest of evidence/);
    const file = evidenceFile(workspace, digest);
    const text = readFileSync(file, "utf8");
    writeFileSync(file, text.replace('"exit":0', '"exit":1'));
    refused(() => loadEvidence(workspace, digest), /has been changed/);
    writeFileSync(file, text.slice(0, 100));
    refused(() => loadEvidence(workspace, digest), /has been changed/);
    storeEvidence(workspace, evidenceOf());
    assert.deepEqual(loadEvidence(workspace, digest), evidenceOf());
    const other = text.replace('"schema":2', '"schema":1');
    writeFileSync(evidenceFile(workspace, sha256(other)), other);
    refused(() => loadEvidence(workspace, sha256(other)), /schema/);
  });
  it("refuses to store what is no evidence", () =>
    refused(() => storeEvidence(workspace, { ...evidenceOf(), tool: "" }), /tool/));

  it("points a cell at its latest evidence and remembers every attempt", async () => {
    const digests = [1, 2, 3].map((attempt) => storeEvidence(workspace, evidenceOf({ attempt })));
    assert.equal(readCell(workspace, "dev", "cell"), undefined);
    for (const digest of [digests[0]!, digests[1]!, digests[2]!, digests[1]!])
      await pointCell(workspace, "dev", "cell", digest);
    const pointer = readCell(workspace, "dev", "cell")!;
    assert.equal(pointer.latest, digests[1]);
    assert.deepEqual(pointer.history, [digests[0], digests[2], digests[1]]);
    assert.equal(readCell(workspace, "prod", "cell"), undefined);
    await Promise.all(digests.map((digest) => pointCell(workspace, "dev", "busy", digest)));
    assert.deepEqual([...readCell(workspace, "dev", "busy")!.history].sort(), [...digests].sort());
  });
  it("refuses a pointer that is unreadable or another cell's, and keeps names inside its folder", async () => {
    await pointCell(workspace, "../..", "../x/y", "0".repeat(64));
    assert.equal(readCell(workspace, "../..", "../x/y")!.latest, "0".repeat(64));
    const file = join(workspace, ".greenlight", "evidence", "cells", "dev", "cell.json");
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, "{");
    refused(() => readCell(workspace, "dev", "cell"), /is not JSON/);
    await assert.rejects(pointCell(workspace, "dev", "cell", "0".repeat(64)), EdgeError);
    writeFileSync(
      file,
      JSON.stringify({ schema: 1, stack: "dev", cell: "other", latest: "0".repeat(64), history: [] }),
    );
    refused(() => readCell(workspace, "dev", "cell"), /belongs to cell other/);
  });
});
