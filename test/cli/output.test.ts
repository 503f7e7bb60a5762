/** What a command says arrives whole, however slowly it is read; who stops reading stops the command, without a stack trace. */
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { temporaryFolder } from "../candidate/tiny-candidate.ts";
import { makeZip } from "../validator/zip-maker.ts";

const main = join(import.meta.dirname, "../../src/cli/main.ts");

describe("output of greenlight", () => {
  const temporary = temporaryFolder();
  const [more, text] = [3000, Buffer.from("x")];
  let file = "";
  before(() => {
    mkdirSync(join(temporary.path, "many"));
    file = join(temporary.path, "many/some-archive.zip");
    // Every one of these names is a finding: some hundred kilobytes to be said.
    writeFileSync(
      file,
      makeZip({
        date: new Date("2026-01-31T12:34:56Z"),
        entries: Array.from({ length: more }, (_, n) => ({ path: `aux/${n}`, mode: 0o644, data: text })),
      }),
    );
  });
  it("arrives whole where it is read slowly", async () => {
    // A pipe of a shell: what Node reads of its children is drained whatever the reader does.
    const { stdout: said } = await promisify(execFile)(
      "sh",
      [
        "-c",
        '"$0" --disable-warning=ExperimentalWarning "$1" validate --json "$2" | (sleep 2; cat)',
        process.execPath,
        main,
        file,
      ],
      { maxBuffer: 64 << 20 },
    );
    assert.ok(said.length > 256 << 10, `${said.length} bytes`);
    assert.equal(
      (JSON.parse(said) as { archives: { findings: { rule: string }[] }[] }).archives[0]!.findings.filter(
        ({ rule }) => rule === "name-portable",
      ).length,
      more,
    );
  });

  it("ends quietly where nobody reads on", async () => {
    const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", main, "validate", "--json", file], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    const ended = new Promise<number | null>((resolve) => child.once("close", (code) => resolve(code)));
    let complaint = "";
    child.stderr.on("data", (piece: Buffer) => (complaint += piece.toString()));
    child.stdout.destroy();
    assert.equal(await ended, 1);
    assert.equal(complaint, "");
  });
}).timeout(30_000);
