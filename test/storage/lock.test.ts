import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { lockAddress, lockOwner, takeLock } from "../../src/storage/kernel-lock.mjs";
import { tryLock, withLock } from "../../src/storage/lock.ts";
import { isAlive, processIdentity } from "../../src/storage/process-identity.ts";

const source = new URL("../../src/storage/lock.ts", import.meta.url).href;

describe("lock", () => {
  let folder: string;
  let file: string;
  const children: ChildProcess[] = [];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "lock-"));
    file = join(folder, "lock");
  });
  afterEach(async () => {
    await Promise.all(children.splice(0).map(kill));
    rmSync(folder, { recursive: true, force: true });
  });

  /** Another process of ours; its program says something as soon as it is where it is wanted. */
  function process_(program: string): ChildProcess {
    const script = `import { tryLock, withLock } from "${source}";\nconst file = ${JSON.stringify(file)};\n${program}`;
    const options = { stdio: ["ignore", "pipe", "inherit"] as ["ignore", "pipe", "inherit"] };
    const child = spawn(process.execPath, ["--input-type=module-typescript", "-e", script], options);
    children.push(child);
    return child;
  }
  const said = (child: ChildProcess) =>
    new Promise<string>((done) => child.stdout!.once("data", (data) => done(String(data).trim())));
  async function kill(child: ChildProcess): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const closed = new Promise((done) => child.on("exit", done));
    child.kill("SIGKILL");
    await closed;
  }
  const holder = () => process_(`await tryLock(file, "holding it"); console.log("held"); setInterval(() => {}, 1000);`);

  it("is had by one at a time, and free again after release", async () => {
    const release = await tryLock(file);
    assert(release);
    assert.equal(await tryLock(file), undefined);
    release();
    release();
    (await tryLock(file))!();
    assert.deepEqual(readdirSync(folder), []);
  });

  it("goes with its process, and until then is named with what it is held for", async () => {
    const child = holder();
    await said(child);
    assert.equal(await tryLock(file), undefined);
    await assert.rejects(
      withLock(file, 0.2, () => 1),
      new RegExp(`is held by process ${child.pid} \\(holding it\\) since more than 0.2 s`),
    );
    await kill(child);
    (await tryLock(file))!();
  });

  it("names an owner that is stopped and cannot answer", async () => {
    const child = holder();
    await said(child);
    child.kill("SIGSTOP");
    assert.deepEqual(await lockOwner(lockAddress(file, "program"), 100), { pid: child.pid, doing: undefined });
    assert.equal(await tryLock(file), undefined);
  });

  // What an earlier version kept in a file at the path, and raced for, means nothing.
  const put: Record<string, () => void> = {
    "the file of a dead owner": () => writeFileSync(file, JSON.stringify({ pid: 999_999, startTime: "1" })),
    "the file of a living process": () => writeFileSync(file, JSON.stringify(processIdentity(process.pid))),
    "half a file": () => writeFileSync(file, "{half"),
    "nothing, because it was removed": () => rmSync(file, { force: true }),
    "nothing, because its folder was removed": () => rmSync(folder, { recursive: true }),
  };
  for (const [what, change] of Object.entries(put)) {
    it(`has one owner, whatever lies at its path: ${what}`, async () => {
      change();
      const release = await tryLock(file);
      assert(release);
      change();
      assert.deepEqual(await Promise.all([tryLock(file), tryLock(file)]), [undefined, undefined]);
      const other = process_(`console.log(await tryLock(file) ? "took it" : "refused");`);
      assert.equal(await said(other), "refused");
      release();
      (await tryLock(file))!();
    });
  }

  it("is the same one by every way to its folder, and another one for every path", async () => {
    symlinkSync(folder, `${folder}-link`);
    try {
      const release = await tryLock(file);
      assert.equal(await tryLock(join(`${folder}-link`, "lock")), undefined);
      (await tryLock(join(folder, "lock2")))!();
      release!();
    } finally {
      rmSync(`${folder}-link`);
    }
  });

  it("is not inherited by what its owner starts", async () => {
    const child = process_(`
      import { spawn } from "node:child_process";
      await tryLock(file);
      const kept = spawn("sleep", ["30"], { stdio: ["inherit", "inherit", "inherit"], detached: true });
      console.log(kept.pid);
      setInterval(() => {}, 1000);`);
    const kept = Number(await said(child));
    try {
      assert.equal(await tryLock(file), undefined);
      await kill(child);
      (await tryLock(file))!();
      assert(processIdentity(kept));
    } finally {
      process.kill(kept, "SIGKILL");
    }
  });

  it("is released when the work fails, and keeps no process alive", async () => {
    await assert.rejects(
      withLock(file, 1, () => Promise.reject(new Error("no"))),
      /no/,
    );
    (await tryLock(file))!();
    const child = process_(`await tryLock(file);`);
    assert.equal(await new Promise((done) => child.on("exit", done)), 0);
  });

  it("serialises parallel work of one process", async () => {
    let inside = 0;
    let most = 0;
    const work = async () => {
      most = Math.max(most, ++inside);
      await sleep(5);
      inside--;
    };
    await Promise.all(Array.from({ length: 8 }, () => withLock(file, 60, work)));
    assert.equal(most, 1);
  });

  it("has one owner among many processes that are killed at random and remove what they find", async function () {
    this.timeout(120_000);
    const log = join(folder, "log");
    appendFileSync(log, "");
    // Whoever is inside reads what was counted, gives others time to be inside too, and counts on: two at once count the same.
    const contender = () =>
      process_(`
        import { appendFileSync, readFileSync, rmSync } from "node:fs";
        for (;;) {
          await withLock(file, 60, async () => {
            const counted = readFileSync(${JSON.stringify(log)}, "utf8").split("\\n").length;
            await new Promise((done) => setTimeout(done, Math.random() * 4));
            appendFileSync(${JSON.stringify(log)}, counted + "\\n");
          });
          rmSync(file, { force: true });
          await new Promise((done) => setTimeout(done, Math.random() * 4));
        }`);
    const lines = () =>
      readFileSync(log, "utf8")
        .trim()
        .split("\n")
        .filter((line) => line !== "");
    const alive = Array.from({ length: 5 }, contender);
    let kills = 0;
    for (const until = Date.now() + 100_000; (lines().length < 200 || kills < 12) && Date.now() < until; kills++) {
      const before = lines().length;
      while (lines().length < before + 5 && Date.now() < until) await sleep(5);
      const at = Math.floor(Math.random() * alive.length);
      await kill(alive[at]!);
      alive[at] = contender();
    }
    await Promise.all(alive.map(kill));
    const counted = lines();
    assert.deepEqual(
      counted,
      counted.map((_, i) => String(i + 1)),
    );
    assert(counted.length >= 200 && kills >= 12, `${counted.length} counted, ${kills} killed`);
  });

  it("has an address on every platform, which never depends on the Node that runs", () => {
    const digest = /greenlight-lock-[0-9a-f]{64}$/;
    const at = (use: "program" | "setup", platform: string) =>
      lockAddress(file, use, platform) as { path?: string; host?: string; port?: number };
    assert.match(at("program", "linux").path!, /^\0/);
    assert.match(at("program", "linux").path!, digest);
    assert.match(at("setup", "linux").host!, /^127\.\d+\.\d+\.\d+$/);
    assert.match(at("program", "win32").path!, /^\\\\\.\\pipe\\greenlight-lock-/);
    const { host, port } = at("setup", "darwin");
    assert(host === "127.0.0.1" && port! >= 10_000 && port! < 30_000);
  });

  for (const [use, platform] of [
    ["setup", "linux"],
    ["program", "darwin"],
  ] as const) {
    it(`is as exclusive at an address of the loopback network (${use} on ${platform})`, async () => {
      const address = lockAddress(file, use, platform);
      const release = await takeLock(address, "this test");
      assert(release);
      assert.equal(await takeLock(address, ""), undefined);
      assert.deepEqual(await lockOwner(address), { pid: process.pid, doing: "this test" });
      release();
      assert.equal(await lockOwner(address), undefined);
      (await takeLock(address, ""))!();
      assert(!existsSync(file));
    });
  }
});

describe("identity of a process", () => {
  it("sees through the death of a process", async () => {
    const child = spawn("sleep", ["30"]);
    const identity = processIdentity(child.pid!)!;
    assert(isAlive(identity));
    const closed = new Promise((done) => child.on("close", done));
    child.kill("SIGKILL");
    await closed;
    assert(!isAlive(identity));
    assert.equal(processIdentity(-1), undefined);
  });
});
