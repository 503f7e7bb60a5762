import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { SetupFault } from "../../src/setup/fault.mjs";
import { tryLock } from "../../src/setup/lock.mjs";
import { checkout } from "../../src/setup/places.mjs";
import { runSteps } from "../../src/setup/steps.mjs";
import { scratch } from "./scratch.ts";

type Step = Parameters<typeof runSteps>[0][number];
type Shown = Pick<Step, "name" | "purpose">;

/** A display that keeps what it was told. */
function recorder() {
  const told: string[] = [];
  return {
    told,
    started: (step: Shown) => void told.push(`started ${step.name}`),
    progress: (step: Shown, text: string) => void told.push(`${step.name}: ${text}`),
    done: (step: Shown) => void told.push(`done ${step.name}`),
    noted: (step: Shown, text: string) => void told.push(`noted ${step.name}: ${text}`),
    failed: (step: Shown, fault: string) => void told.push(`failed ${step.name}: ${fault}`),
  };
}

describe("steps of setup", () => {
  const { path } = scratch();
  const order: string[] = [];
  beforeEach(() => void order.splice(0));
  /** A step whose result is a file. */
  const step = (name: string, needs: string[] = [], get?: () => Promise<void>): Step => ({
    name,
    purpose: "making a file",
    needs,
    lock: path(`${name}.lock`),
    check: () => (existsSync(path(name)) ? "there" : undefined),
    get: async () => {
      order.push(`+${name}`);
      await (get ? get() : sleep(50));
      writeFileSync(path(name), "");
      order.push(`-${name}`);
    },
  });

  it("skips what is there and leaves no lock behind", async () => {
    const first = await runSteps([step("a")], recorder());
    assert.deepEqual(first.got, ["a"]);
    const shown = recorder();
    const second = await runSteps([step("a")], shown);
    assert.deepEqual([second.got, shown.told, [...second.found]], [[], [], [["a", "there"]]]);
    assert.deepEqual(readdirSync(path()), ["a"]);
  });

  it("runs independent steps at the same time and dependent ones after", async () => {
    await runSteps([step("c", ["a", "b"]), step("a"), step("b")], recorder());
    assert.deepEqual(order.slice(0, 2).sort(), ["+a", "+b"]);
    assert.deepEqual(order.slice(4), ["+c", "-c"]);
  });

  it("a fault stops what needs the step, and only that; it reads as its sentence without a stack", async () => {
    const broken = step("a", [], () => Promise.reject(new SetupFault("a cannot be had; buy one.")));
    const { faults } = await runSteps([broken, step("b", ["a"]), step("c")], recorder());
    assert.deepEqual(
      [...faults],
      [
        ["a", "a cannot be had; buy one."],
        ["b", "b was not tried, because it needs a."],
      ],
    );
    assert.equal(existsSync(path("c")), true);
  });

  it("a step that says it succeeded but left nothing is a fault", async () => {
    const idle: Step = { ...step("a"), get: async () => {} };
    const { faults } = await runSteps([idle], recorder());
    assert.match(faults.get("a") ?? "", /still not there/);
  });

  it("a lock has one owner, whatever lies at its path, and leaves nothing there", async () => {
    const release = await tryLock(path("l"));
    assert.ok(release);
    for (const left of [JSON.stringify({ pid: process.pid, startTime: "1" }), "cut o"]) {
      writeFileSync(path("l"), left);
      assert.equal(await tryLock(path("l")), undefined);
    }
    rmSync(path("l"));
    assert.equal(await tryLock(path("l")), undefined);
    release();
    (await tryLock(path("l")))!();
    assert.deepEqual(readdirSync(path()), []);
  });

  it("says once for whom it waits, and goes on when that process is killed", async () => {
    const script = `
      import { tryLock } from "${checkout}/src/setup/lock.mjs";
      await tryLock("${path("a.lock")}", "step a");
      console.log("held");
      setInterval(() => {}, 1000);`;
    const owner = spawn(process.execPath, ["--input-type=module", "-e", script], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await new Promise((done) => owner.stdout.once("data", done));
    const shown = recorder();
    const heard = shown.progress;
    shown.progress = (of, text) => {
      heard(of, text);
      owner.kill("SIGKILL");
    };
    await runSteps([step("a")], shown);
    assert.deepEqual(shown.told, [
      "started a",
      `a: waiting for process ${owner.pid} (step a), which is at the same step`,
      "done a",
    ]);
  });

  /** Another process at a step that fills a folder, writing "half", waiting `milliseconds`, then "whole". */
  function filler(milliseconds: number): ChildProcess {
    const script = `
      import { appendFileSync, existsSync, writeFileSync } from "node:fs";
      import { runSteps } from "${checkout}/src/setup/steps.mjs";
      import { fillWhole } from "${checkout}/src/setup/whole-folder.mjs";
      const quiet = { started() {}, progress() {}, noted() {}, done() {}, failed(step, fault) { console.error(fault); } };
      const step = { name: "s", purpose: "", needs: [], lock: "${path("s.lock")}",
        check: () => existsSync("${path("result")}") ? "there" : undefined,
        get: () => fillWhole("${path("result")}", async (folder) => {
          appendFileSync("${path("log")}", "x");
          writeFileSync(folder + "/file", "half");
          await new Promise((done) => setTimeout(done, ${milliseconds}));
          writeFileSync(folder + "/file", "whole");
        }) };
      process.exitCode = (await runSteps([step], quiet)).faults.size;`;
    return spawn(process.execPath, ["--input-type=module", "-e", script], { stdio: ["ignore", "ignore", "inherit"] });
  }
  const ended = (child: ChildProcess) =>
    new Promise<unknown>((done) => child.on("close", (code, signal) => done(signal ?? code)));

  it("killed in the middle, the next run finishes and removes what the killed one left", async () => {
    const first = filler(60_000);
    const end = ended(first);
    while (!existsSync(path("log"))) await sleep(20);
    await sleep(50);
    first.kill("SIGKILL");
    assert.equal(await end, "SIGKILL");
    assert.equal(existsSync(path("result")), false);
    assert.equal(await ended(filler(0)), 0);
    assert.equal(readFileSync(path("result", "file"), "utf8"), "whole");
    assert.deepEqual(readdirSync(path()).sort(), ["log", "result"]);
  });

  it("of several runs at once one works, and all go on with its result", async () => {
    mkdirSync(path("x"));
    assert.deepEqual(await Promise.all([1, 2, 3].map(() => ended(filler(300)))), [0, 0, 0]);
    assert.equal(readFileSync(path("log"), "utf8"), "x");
  });
});
