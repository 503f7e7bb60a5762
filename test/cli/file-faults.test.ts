/** What the file system refuses is said in one sentence with path and remedy, and leaves everything as it was. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { create } from "../../src/cli/candidate.ts";
import { pack } from "../../src/cli/pack.ts";
import { placeTogether } from "../../src/cli/place-files.ts";
import { EdgeError } from "../../src/edges/edges.ts";
import { program, put, temporaryFolder, tinyCandidate } from "../candidate/tiny-candidate.ts";

const main = join(import.meta.dirname, "../../src/cli/main.ts");
const nobody = 65534;
const base = "nats-server-2.11.4-linux-x64";

describe("what the file system refuses", () => {
  const temporary = temporaryFolder();
  let [folder, number] = ["", 0];
  const quiet = (): void => undefined;
  beforeEach(async () => {
    folder = join(temporary.path, `candidate-${number++}`);
    await tinyCandidate(folder);
  });

  /** Does it as a user who may not do everything. */
  const asNobody = async <T>(work: () => Promise<T>): Promise<T> => {
    if (process.geteuid?.() !== 0) return work();
    chmodSync(temporary.path, 0o755);
    process.seteuid!(nobody);
    try {
      return await work();
    } finally {
      process.seteuid!(0);
    }
  };
  const said =
    (message: RegExp) =>
    (e: Error): boolean =>
      e instanceof EdgeError && (assert.match(e.message, message), assert.match(e.message, /^[^\n]*; [^\n]*\.$/), true);
  const packed = (output: string): Promise<number> => pack(folder, { output }, quiet, quiet);
  const at = (name: string): string => join(temporary.path, `${number}-${name}`);

  const outputs: [string, () => string, RegExp][] = [
    ["a file", () => (writeFileSync(at("file"), ""), at("file")), /file is not a folder; name another with `--output`/],
    [
      "a folder below a file",
      () => (writeFileSync(at("above"), ""), join(at("above"), "below/deep")),
      /above is not a folder; name another/,
    ],
    [
      "a link that leads nowhere",
      () => (symlinkSync("/nonexistent/there", at("dangling")), at("dangling")),
      /dangling is a link that leads nowhere; name another/,
    ],
    [
      "a place where there are no folders",
      () => "/proc/greenlight/out",
      /\/proc\/greenlight cannot be made \([A-Z]+\); name another/,
    ],
    [
      "a folder that may not be written into",
      () => (mkdirSync(at("closed"), { mode: 0o555 }), at("closed")),
      /closed cannot be written into \(EACCES\); make it writable, or name another/,
    ],
  ];
  for (const [name, output, message] of outputs) {
    it(`packs into no ${name.replace(/^an? /, "")}`, async () => {
      const to = output();
      await assert.rejects(
        asNobody(() => packed(to)),
        said(message),
      );
    }).timeout(5000);
  }

  it("packs over no folder that is named like an archive, and changes nothing beside it", async () => {
    const out = at("out");
    assert.equal(await packed(out), 0);
    rmSync(join(out, `${base}.zip`));
    mkdirSync(join(out, `${base}.zip`));
    writeFileSync(join(out, `${base}.zip.sha256`), "earlier");
    const before = readdirSync(out).sort();
    await assert.rejects(packed(out), said(new RegExp(`${base}\\.zip is a folder; take it away, or name another`)));
    assert.deepEqual(
      [readdirSync(out).sort(), readFileSync(join(out, `${base}.zip.sha256`), "utf8")],
      [before, "earlier"],
    );
  });

  it("makes folders that are not there yet, and packs over earlier archives", async () => {
    const out = join(at("new"), "deep/out");
    assert.equal(await packed(out), 0);
    const first = readFileSync(join(out, `${base}.zip`));
    writeFileSync(join(out, `${base}.zip`), "earlier");
    assert.equal(await packed(out), 0);
    assert.ok(readFileSync(join(out, `${base}.zip`)).equals(first));
    assert.deepEqual(
      readdirSync(out).filter((entry) => !entry.startsWith(base)),
      [],
    );
    symlinkSync(out, at("link"));
    assert.equal(await packed(at("link")), 0);
  });

  it("puts files that belong together in place whole or not at all", () => {
    const [out, stage] = [at("together"), at("stage")];
    put(out, "a", "earlier a");
    put(out, "b", "earlier b");
    for (const name of ["a", "c"]) put(stage, name, `new ${name}`);
    assert.throws(() =>
      placeTogether(
        ["a", "c", "b"].map((name) => join(stage, name)),
        out,
        stage,
      ),
    );
    assert.deepEqual(
      readdirSync(out)
        .sort()
        .map((name) => readFileSync(join(out, name), "utf8")),
      ["earlier a", "earlier b"],
    );
  });

  it("seals no folder that it cannot read or write whole", async () => {
    const seal = (): Promise<number> => create(folder, { product: "nats", version: "2.11.4" }, quiet);
    put(folder, "web/index.html", "x");
    const open = [folder, join(folder, "web"), join(folder, "linux-x64")];
    for (const each of open) chmodSync(each, 0o777);
    chmodSync(join(folder, "web"), 0);
    await assert.rejects(asNobody(seal), said(/web cannot be read \(EACCES\); make all of .*web readable/));
    chmodSync(join(folder, "web"), 0o755);
    chmodSync(folder, 0o555);
    await assert.rejects(asNobody(seal), said(/candidate\.json cannot be written \(EACCES\); make .* writable/));
    chmodSync(folder, 0o755);
    rmSync(join(folder, "candidate.json"));
    mkdirSync(join(folder, "candidate.json"));
    await assert.rejects(seal(), said(/candidate\.json cannot be written \(EISDIR\)/));
  });

  it("has no stack trace, whatever it was", async () => {
    const wide = at("wide");
    mkdirSync(wide);
    put(wide, "linux-x64/nats", program("linux-x64"), 0o755);
    const long = join(wide, "x".repeat(300));
    for (const args of [
      ["pack", long],
      ["candidate", "check", long],
      ["candidate", "create", long, "-p", "nats", "--version", "1.0.0"],
      ["validate", long],
      ["pack", folder, "-o", long],
      ["candidate", "create", wide, "-p", "nats", "--version", "1.0.0", "--source", long],
    ]) {
      const { code, text } = await new Promise<{ code: unknown; text: string }>((resolve) => {
        execFile(process.execPath, ["--disable-warning=ExperimentalWarning", main, ...args], (error, stdout, stderr) =>
          resolve({ code: error ? error.code : 0, text: stdout + stderr }),
        );
      });
      assert.equal(code, 2, args.join(" "));
      assert.doesNotMatch(text, /^\s+at |node:internal/m, args.join(" "));
      assert.match(text, /ENAMETOOLONG|does not exist/, args.join(" "));
    }
    assert.ok(statSync(wide).isDirectory());
  }).timeout(30_000);
});
