/** What others wrote never acts where it is shown: no control character, no line of its own, no command to a build service. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { EdgeError, jsonOf, parseJson } from "../../src/edges/edges.ts";
import { oneLine, shownLines } from "../../src/edges/one-line.ts";
import { z } from "zod";
import { program, put, temporaryFolder, tinyCandidate } from "../candidate/tiny-candidate.ts";

describe("text of others on its way to a person", () => {
  const temporary = temporaryFolder();
  const run = (...args: string[]): Promise<{ code: number; said: string }> =>
    new Promise((done) =>
      execFile(
        process.execPath,
        ["--disable-warning=ExperimentalWarning", join(import.meta.dirname, "../../src/cli/main.ts"), ...args],
        (e, stdout, stderr) => done({ code: e ? Number(e.code) : 0, said: stdout + stderr }),
      ),
    );
  const acts = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029\u202e]/;

  it("is one line, and says which characters it has", () => {
    assert.equal(oneLine("a\n::error::b\u001b[2J\u009b1m\u202ec"), "a\\u000a::error::b\\u001b[2J\\u009b1m\\u202ec");
    assert.equal(shownLines("a\r\n  ::error::b\n##vso[x]\tc\u0007\n"), "a\n|   ::error::b\n| ##vso[x]    c\\u0007\n");
  });

  it("is so in every fault", () => {
    assert.equal(new EdgeError("x\n::error::y").message, "x\\u000a::error::y");
    assert.equal(new EdgeError(["one", "two\nthree"]).message, "one\ntwo\\u000athree");
  });

  it("is so in what commands say of names", async () => {
    const folder = join(temporary.path, "names");
    const name = "x\n::error::\u001b[31m";
    put(folder, "linux-x64/nats", program("linux-x64"), 0o755);
    put(folder, `web/${name}`, "x");
    mkdirSync(join(folder, `.${name}`));
    symlinkSync("web", join(folder, name));
    for (const args of [
      ["candidate", "create", folder, "-p", "nats", "--version", "1.0.0"],
      ["candidate", "check", join(folder, name, "none")],
      ["pack", join(folder, name)],
      ["validate", join(folder, `web/${name}`)],
      [name],
      ["validate", `--${name}`],
      ["candidate", "create", folder, "-p", name],
    ]) {
      const { code, said } = await run(...args);
      assert.notEqual(code, 0);
      assert.doesNotMatch(said, acts, args.join(" "));
      assert.doesNotMatch(said, /^\s*::/m, args.join(" "));
    }
  });

  it("nests as deep as anything does, and is refused in a sentence when it nests deeper", async () => {
    const deep = (levels: number): string => "[".repeat(levels) + "]".repeat(levels);
    assert.ok(jsonOf(deep(200)));
    assert.deepEqual(jsonOf(JSON.stringify({ a: '[[{"\\', b: "[".repeat(1000) })), {
      a: '[[{"\\',
      b: "[".repeat(1000),
    });
    assert.throws(
      () => parseJson(z.unknown(), deep(200_000), { what: "it", remedy: "mend it" }),
      (e: Error) =>
        e instanceof EdgeError && e.message === "it is not JSON (it nests more than 200 levels deep); mend it.",
    );
    const folder = join(temporary.path, "deep");
    await tinyCandidate(folder);
    for (const text of [deep(200_000), `{"schema":1,"source":{"x":${deep(200_000)}}}`]) {
      put(folder, "candidate.json", text);
      for (const args of [
        ["candidate", "check", folder, "-p", "nats"],
        ["candidate", "check", folder],
        ["pack", folder],
      ]) {
        const { code, said } = await run(...args);
        assert.equal(code, 2, said);
        assert.match(said, /candidate\.json is not JSON \(it nests more than 200 levels deep\); /);
        assert.ok(said.length < 1000, "no stack trace");
      }
    }
  });
}).timeout(60_000);
