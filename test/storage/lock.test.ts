import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isAlive, processIdentity, tryLock, withLock } from "../../src/storage/lock.ts";

describe("lock", () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "lock-"));
    file = join(folder, "lock");
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("is had by one at a time, and free again after release", () => {
    const release = tryLock(file);
    assert(release);
    assert.equal(tryLock(file), undefined);
    release();
    assert(!existsSync(file));
    tryLock(file)!();
  });

  it("is taken over from a dead process, even when its number is in use again", () => {
    writeFileSync(file, JSON.stringify({ pid: process.pid, startTime: "1" }));
    const release = tryLock(file);
    assert(release);
    release();
    assert.deepEqual(readdirSync(folder), []);
  });

  it("is not taken over from a living process, and names it", async () => {
    const child = spawn("sleep", ["30"]);
    try {
      writeFileSync(file, JSON.stringify(processIdentity(child.pid!)));
      assert.equal(tryLock(file), undefined);
      await assert.rejects(withLock(file, 0.2, () => 1), new RegExp(`is held by process ${child.pid} `));
    } finally {
      child.kill("SIGKILL");
    }
  });

  it("is taken over when what it holds cannot be read", () => {
    writeFileSync(file, "{half");
    tryLock(file)!();
  });

  it("is released when the work fails", async () => {
    await assert.rejects(withLock(file, 1, () => Promise.reject(new Error("no"))), /no/);
    assert(!existsSync(file));
  });

  it("serialises work", async () => {
    let inside = 0;
    let most = 0;
    const work = async () => {
      most = Math.max(most, ++inside);
      await new Promise((done) => setTimeout(done, 20));
      inside--;
    };
    await Promise.all([1, 2, 3].map(() => withLock(file, 10, work)));
    assert.equal(most, 1);
  });

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
