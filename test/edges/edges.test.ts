import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { errorCodes } from "../../src/edges/exit-codes.ts";
import { EdgeError, findings, parseFile, parseJson, parseValue } from "../../src/edges/edges.ts";

const schema = z.strictObject({ port: z.number().int(), names: z.array(z.string().min(1)) });
const origin = { what: "fleet.json", remedy: "mend the file" };

describe("edges", () => {
  let folder: string;
  before(() => (folder = mkdtempSync(join(tmpdir(), "edges-"))));
  after(() => rmSync(folder, { recursive: true }));

  it("hands on what fits", () => {
    assert.deepEqual(parseValue(schema, { port: 22, names: ["a"] }, origin), { port: 22, names: ["a"] });
  });

  it("names the source, every path, what was found and the remedy, in one sentence", () => {
    const fault = (() => {
      try {
        parseValue(schema, { port: "22", names: ["a", ""] }, origin);
      } catch (e) {
        return e as EdgeError;
      }
    })();
    assert(fault instanceof EdgeError);
    assert.match(fault.message, /^fleet\.json is not usable: /);
    assert.match(fault.message, /port: .*\(found "22"\)/);
    assert.match(fault.message, /names\.1: .*\(found ""\)/);
    assert.match(fault.message, /; mend the file\.$/);
    assert.doesNotMatch(fault.message, /\n/);
  });

  it("has a code beside its words: that of a wrong input where nothing else is said", () => {
    assert.equal(new EdgeError("The port is wrong.").code, "input");
    assert.equal(new EdgeError("The engine is not installed.", "host").code, "host");
    assert.equal(errorCodes[new EdgeError("The engine is not installed.", "host").code], 4);
  });

  it("says that a text is not JSON", () => {
    assert.throws(() => parseJson(schema, "{", origin), /^EdgeError: fleet\.json is not JSON \(.*\); mend the file\.$/);
  });

  it("tells a missing file from one that cannot be used", () => {
    assert.throws(
      () => parseFile(schema, join(folder, "none.json"), "write it"),
      /none\.json does not exist; write it\.$/,
    );
    assert.throws(() => parseFile(schema, folder, "write it"), /cannot be read \(EISDIR\); write it\.$/);
    const file = join(folder, "f.json");
    writeFileSync(file, '{"port":1,"names":[]}');
    assert.deepEqual(parseFile(schema, file, "write it"), { port: 1, names: [] });
  });

  it("lists findings without throwing, and shortens what was found", () => {
    const list = findings(schema, { port: 1, names: [7], more: "x".repeat(200) });
    assert.deepEqual(
      list.map((f) => f.path),
      ["names.0", ""],
    );
    assert(list.every((f) => f.message.length < 250));
  });
});
