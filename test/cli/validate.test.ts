/** `greenlight validate`: what people and programs read of it, and its exit codes. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { deflateRawSync } from "node:zlib";
import { validate, type ValidateOptions } from "../../src/cli/validate.ts";
import { EdgeError } from "../../src/edges/edges.ts";
import { documentRules } from "../../src/validator/index.ts";
import { temporaryFolder } from "../candidate/tiny-candidate.ts";
import { unpack } from "../validator/judge-defect.ts";
import { build, goodRelease, plain } from "../validator/release.ts";

const main = join(import.meta.dirname, "../../src/cli/main.ts");

describe("greenlight validate", () => {
  const temporary = temporaryFolder();
  const { base, bytes, files } = build(goodRelease(plain, "windows-x64"));
  let good = "";
  let bad = "";
  let folder = "";
  before(() => {
    good = join(temporary.path, `${base}.zip`);
    bad = join(temporary.path, "other.zip");
    folder = join(temporary.path, "unpacked");
    writeFileSync(good, bytes);
    writeFileSync(bad, bytes);
    appendFileSync(bad, "!");
    unpack(files, folder);
  });
  const run = async (paths: string[], options: ValidateOptions = {}): Promise<{ code: number; text: string }> => {
    const lines: string[] = [];
    const code = await validate(paths, options, (line) => lines.push(line));
    return { code, text: lines.join("\n") };
  };

  it("says what is valid in the four lines that programs know", async () => {
    assert.deepEqual(await run([good]), {
      code: 0,
      text: `validated_path=${good}\nartifact_kind=server\nversion=1.2.3\nplatform=windows-x64`,
    });
    assert.equal((await run([good, folder])).code, 0);
  });

  it("says everything that is wrong, with remedy and rule, and goes on with the next", async () => {
    const { code, text } = await run([bad, good]);
    assert.equal(code, 1);
    assert.deepEqual(text.split("\n").slice(0, 4), [
      `✗ ${bad}: 2 findings`,
      "  has 1 bytes after its end; pack it again with `greenlight`, and transfer it as binary data [trailing-bytes]",
      `  release-manifest.json says artifact_name ${base}, and the file is named other.zip; give the file its own name again [file-name]`,
      `validated_path=${good}`,
    ]);
  });

  it("groups findings by rule, with their number and the first few", async () => {
    const names = Array.from({ length: 20 }, (_, n) => `A/${n + 10}.txt`);
    const several = join(temporary.path, "several", `${base}.zip`);
    mkdirSync(join(temporary.path, "several"));
    writeFileSync(
      several,
      build(goodRelease(plain, "windows-x64"), {
        release: (r) => names.forEach((name) => r.files.set(name, { mode: 0o644, data: Buffer.from(name) })),
        zip: ({ entries }) => entries.forEach((entry) => (entry.comment = "x")),
      }).bytes,
    );
    const { code, text } = await run([several]);
    const count = JSON.parse((await run([several], { json: true })).text).archives[0].findings.length as number;
    assert.equal(code, 1);
    assert.deepEqual(text.split("\n"), [
      `✗ ${several}: ${count} findings`,
      `  ${count} × [entry-comment]; pack it again with \`greenlight\`:`,
      ...names.slice(0, 10).map((path) => `    ${path} has a comment of 1 bytes`),
      `    … and ${count - 10} more (--json lists all)`,
    ]);
  });

  it("holds compressed data against our own where that is asked for", async () => {
    const other = build(goodRelease(plain, "windows-x64"), {
      zip: ({ entries }) => entries.forEach((entry) => (entry.packed = deflateRawSync(entry.data, { level: 1 }))),
    });
    const file = join(temporary.path, "foreign", `${base}.zip`);
    mkdirSync(join(temporary.path, "foreign"));
    writeFileSync(file, other.bytes);
    const ours = join(temporary.path, "ours", `${base}.zip`);
    mkdirSync(join(temporary.path, "ours"));
    writeFileSync(
      ours,
      build(goodRelease(plain, "windows-x64"), {
        zip: ({ entries }) =>
          entries.forEach((entry) => (entry.packed = deflateRawSync(entry.data, { level: 6, memLevel: 8 }))),
      }).bytes,
    );
    assert.deepEqual([(await run([file])).code, (await run([ours], { canonical: true })).code], [0, 0]);
    const { code, text } = await run([file], { canonical: true });
    assert.deepEqual(
      [
        code,
        /RELEASE_NOTES\.txt is compressed otherwise than our writer does, from byte \d+ of \d+ on$/m.test(text) &&
          text.includes("[canonical-bytes]"),
      ],
      [1, true],
      text,
    );
    await assert.rejects(run([good], { canonical: true, compat: "upstream" }), EdgeError);
  });

  it("gives the same as JSON", async () => {
    const { code, text } = await run([bad, good], { json: true });
    const read = JSON.parse(text) as {
      valid: boolean;
      archives: {
        path: string;
        kind: string;
        valid: boolean;
        manifest: { version: string };
        findings: Record<string, string>[];
      }[];
    };
    assert.equal(code, 1);
    assert.equal(read.valid, false);
    assert.deepEqual(
      read.archives.map(({ path, kind, valid, manifest }) => [path, kind, valid, manifest.version]),
      [
        [bad, "archive", false, "1.2.3"],
        [good, "archive", true, "1.2.3"],
      ],
    );
    assert.deepEqual(read.archives[0]!.findings[0], {
      rule: "trailing-bytes",
      entry: "",
      found: "has 1 bytes after its end",
      remedy: "pack it again with `greenlight`, and transfer it as binary data",
    });
  });

  it("asks for a kind, and judges as the first validator did", async () => {
    assert.match((await run([good], { kind: "server" })).text, /^validated_path/);
    const { code, text } = await run([good], { kind: "headless" });
    assert.equal(code, 1);
    assert.match(text, /says artifact_kind server, and headless was expected; .* \[kind-expected\]/);
    assert.match((await run([good], { compat: "upstream" })).text, /palyra-workerd\.service is missing/);
  });

  it("ends with 2 when nothing is there, or an option is none", async () => {
    const none = join(temporary.path, "none.zip");
    assert.deepEqual(await run([none]), {
      code: 2,
      text: `✗ ${none}: 1 finding\n  does not exist; name an archive, an unpacked folder or an installed folder [path-exists]`,
    });
    assert.equal((await run([none, bad])).code, 1);
    for (const [paths, options, message] of [
      [[], {}, /nothing to validate/],
      [[good], { compat: "old" }, /--compat is "old"/],
      [[good], { kind: "box" }, /--kind is "box", which no product has; use one of .*server/],
    ] as const) {
      await assert.rejects(run([...paths], options), (e: Error) => e instanceof EdgeError && message.test(e.message));
    }
  });

  it("writes names so that they cannot steer a terminal", async () => {
    const evil = join(temporary.path, "evil");
    unpack(new Map([["a\u001b[2J\u202etxt", { mode: 0o644, data: Buffer.from("x") }]]), evil);
    assert.match((await run([evil])).text, /a\\u001b\[2J\\u202etxt has a/);
  });

  it("prints its rules", async () => {
    assert.equal(`${(await run([], { rules: true })).text}\n`, documentRules());
  });

  it("is a command that works outside of a workspace", async () => {
    const env = { ...process.env, GREENLIGHT_WORKSPACE: "" };
    const { stdout } = await promisify(execFile)(process.execPath, [main, "validate", good, "--kind", "server"], {
      cwd: temporary.path,
      env,
    });
    assert.match(stdout, /^validated_path=.*\nartifact_kind=server\n/);
    await assert.rejects(
      promisify(execFile)(process.execPath, [main, "validate", "--json", bad], { cwd: temporary.path, env }),
      (e: { code?: number }) => e.code === 1,
    );
  });
});
