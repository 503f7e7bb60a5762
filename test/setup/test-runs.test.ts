import assert from "node:assert/strict";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { spawnSync } from "node:child_process";
import { checkout } from "../../src/setup/places.mjs";
import { batches, inTier, judge, needsMachines, runBatch, testFiles, tierOf } from "../../src/setup/test-runs.mjs";
import { processIdentity } from "../../src/storage/process-identity.ts";
import { scratch } from "./scratch.ts";

describe("the test runner", () => {
  const { path } = scratch();
  const write = (file: string, text: string) => {
    mkdirSync(dirname(path(file)), { recursive: true });
    writeFileSync(path(file), text);
  };
  const run = (file: string, text: string, minutes = 1) => {
    write(file, text);
    write("package.json", '{"type":"module"}');
    symlinkSync(join(checkout, "node_modules"), path("node_modules"));
    return runBatch(
      { files: [file], minutes },
      { root: path(), node: process.execPath, env: process.env, output: "ignore" },
    );
  };

  it("counts what passes, fails and is skipped", async () => {
    const text = `describe("x", () => { it("a", () => {}); it("b", () => {}); it("c", () => { throw new Error("no"); }); it.skip("d", () => {}); });`;
    assert.deepEqual(await run("a.test.ts", text), { passed: 2, failed: 1, skipped: 1 });
  });

  it("tells of each file as it begins and ends, and keeps failures whole for the end", async () => {
    write("package.json", '{"type":"module"}');
    symlinkSync(join(checkout, "node_modules"), path("node_modules"));
    write("a.test.ts", `describe("x", () => { it("a", () => {}); }); describe("y", () => { it("b", () => {}); });`);
    write(
      "b.test.ts",
      `describe("z", () => { it("c", () => { throw new Error("the reason"); }); it.skip("d", () => {}); });`,
    );
    const told: unknown[] = [];
    const onFile = (event: object) => told.push("began" in event ? event : { ...event, milliseconds: 0 });
    const options = { root: path(), node: process.execPath, env: process.env, output: "hold", onFile } as const;
    const { output, ...counts } = await runBatch({ files: ["a.test.ts", "b.test.ts"], minutes: 1 }, options);
    assert.deepEqual(counts, { passed: 2, failed: 1, skipped: 1 });
    assert.deepEqual(told, [
      { began: "a.test.ts" },
      { ended: "a.test.ts", passed: 2, failed: 0, skipped: 0, milliseconds: 0 },
      { began: "b.test.ts" },
      { ended: "b.test.ts", passed: 0, failed: 1, skipped: 1, milliseconds: 0 },
    ]);
    assert.match(output ?? "", /1\) z\s+c:[^]*the reason/);
  });

  for (const [what, text, trouble] of [
    ["a file without tests", `describe("x", () => {});`, /no test ran/],
    ["only skipped tests", `it.skip("x", () => {});`, /no test ran/],
    ["a file that does not load", `import "./absent.ts"; it("x", () => {});`, /ended with 1 before it had counted/],
    ["a process that crashes", `it("x", () => process.kill(process.pid, "SIGKILL"));`, /ended with SIGKILL before/],
    ["a process that exits early with 0", `it("x", () => process.exit(0));`, /ended with 0 before/],
    ["a forgotten .only", `it.only("x", () => {}); it("y", () => {});`, /before it had counted/],
  ] as const) {
    it(`is red for ${what}`, async () => {
      const result = await run("a.test.ts", text);
      assert.equal(result.failed, 1);
      assert.match(result.trouble ?? "", trouble);
    });
  }

  it("stops what hangs, with everything it started, and is red", async () => {
    const pid = path("pid");
    const text = `import { spawn } from "node:child_process"; import { writeFileSync } from "node:fs";
      it("x", function () {
        this.timeout(0);
        writeFileSync(${JSON.stringify(pid)}, String(spawn("sleep", ["600"]).pid));
        return new Promise((done) => setTimeout(done, 600_000));
      });`;
    const result = await run("a.test.ts", text, 3 / 60);
    assert.equal(processIdentity(Number(readFileSync(pid, "utf8"))), undefined);
    assert.equal(result.failed, 1);
    assert.match(result.trouble ?? "", /was stopped after/);
  });

  it("believes a count only when the exit code agrees", () => {
    const counts = (passed: number, failed: number) => JSON.stringify({ passed, failed, skipped: 0 });
    assert.deepEqual(judge(counts(3, 0), 0), { passed: 3, failed: 0, skipped: 0 });
    assert.equal(judge(counts(3, 1), 1).failed, 1);
    assert.equal(judge(counts(3, 0), 7).failed, 1);
    assert.equal(judge(counts(3, 0), "SIGSEGV").failed, 1);
    assert.equal(judge(counts(0, 0), 0).failed, 1);
    assert.equal(judge(undefined, 0).failed, 1);
    assert.equal(judge("{", 0).failed, 1);
  });

  const tree = [
    "test/a/a.test.ts",
    "test/a/b.test.ts",
    "test/a/c.vm.test.ts",
    "test/a/f.full.test.ts",
    "test/e2e/d.test.ts",
    "test/e2e/release.test.ts",
    "test/infra/g.test.ts",
    "test/installer/killed-h.test.ts",
  ];

  it("finds test files by their name, and nothing else", () => {
    for (const file of [...tree, "test/a/helper.ts"]) write(file, "");
    assert.deepEqual(testFiles(path()), tree);
  });

  it("has three tiers, each with all of those before it", () => {
    const names = (files: string[]) => files.map((file) => file.split("/").at(-1)!.split(".")[0]).join();
    assert.equal(names(inTier(tree, "fast")), "a,b,release,g");
    assert.equal(names(inTier(tree, "machines")), "a,b,c,d,release,g,killed-h");
    assert.deepEqual(inTier(tree, "full"), tree);
    assert.equal(names(inTier(tree, "machines", { alone: true })), "c,d,killed-h");
  });

  it("shares processes among fast files only, and begins with a long one", () => {
    const all = batches(tree).map((batch) => batch.files);
    assert.deepEqual(all.slice(0, 4).map(String), [
      "test/e2e/release.test.ts",
      "test/a/a.test.ts",
      "test/a/b.test.ts",
      "test/infra/g.test.ts",
    ]);
    assert.deepEqual(all.flat().sort(), tree);
    assert(
      all
        .filter((files) => files.length > 1)
        .flat()
        .every((file) => tierOf(file) === "fast" && !needsMachines(file)),
    );
  });

  it("is red when no file matches", () => {
    const result = spawnSync(process.execPath, [join(checkout, "src/setup/test.mjs"), "test/none/*.test.ts"], {
      encoding: "utf8",
    });
    assert.equal(result.status, 1);
    assert.match(result.stdout, /\n0 passed, 1 failed\n$/);
  });
});
