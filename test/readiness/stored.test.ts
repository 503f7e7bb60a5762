/** What lies in a workspace of a commit. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { reportsOf, sourceContractFile, sourceContractOf } from "../../src/readiness/index.ts";
import { commit, palyra, reportOf, sourcesOf } from "./samples.ts";

describe("what is stored of a commit", () => {
  let workspace: string;
  beforeEach(() => (workspace = mkdtempSync(join(tmpdir(), "greenlight-stored-"))));
  afterEach(() => rmSync(workspace, { recursive: true, force: true }));
  const write = (file: string, text: string): string => {
    const at = join(workspace, ".greenlight/matrix/palyra", commit, file);
    mkdirSync(dirname(at), { recursive: true });
    writeFileSync(at, text);
    return at;
  };

  it("are its reports, each with its file", () => {
    assert.deepEqual(reportsOf(workspace, "palyra", commit), []);
    const [fast, full] = [reportOf(palyra, "fast"), reportOf(palyra, "full", {}, { origin: "import" })];
    const files = [
      write("fast/report.json", JSON.stringify(fast)),
      write("full-imported/report.json", JSON.stringify(full)),
    ];
    write("full/logs/begun.log", "");
    assert.deepEqual(reportsOf(workspace, "palyra", commit), [
      { file: files[0], report: fast },
      { file: files[1], report: full },
    ]);
    assert.deepEqual(reportsOf(workspace, "nats", commit), []);
  });

  it("refuses a report that is none, has an unknown field, or ends too early, by its file", () => {
    for (const text of ["{}", JSON.stringify({ ...reportOf(palyra, "fast"), more: 1 }), '{"schema_version": 1']) {
      const file = write("fast/report.json", text);
      assert.throws(
        () => reportsOf(workspace, "palyra", commit),
        (e: Error) => e.name === "EdgeError" && e.message.includes(file),
      );
    }
  });

  it("is what was found in its sources, or nothing; a file that is none is refused by its name", () => {
    assert.equal(sourceContractOf(workspace, "palyra", commit), undefined);
    const file = sourceContractFile(workspace, "palyra", commit);
    assert.equal(file, join(workspace, ".greenlight/matrix/palyra", commit, "source-contract/source-contract.json"));
    write("source-contract/source-contract.json", JSON.stringify(sourcesOf()));
    assert.deepEqual(sourceContractOf(workspace, "palyra", commit), sourcesOf());
    write("source-contract/source-contract.json", JSON.stringify({ ...sourcesOf(), schema_version: 2 }));
    assert.throws(
      () => sourceContractOf(workspace, "palyra", commit),
      /source-contract\.json is not usable: schema_version/,
    );
  });
});
