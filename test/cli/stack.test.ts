import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { isLocked, recoverStack } from "../../src/cli/stack.ts";

describe("a stack whose last update was killed", () => {
  let workspace: string;
  let lock: string;
  beforeEach(() => {
    workspace = mkdtempSync(join(tmpdir(), "stack-"));
    const folder = join(workspace, ".greenlight/state/.pulumi/locks/organization/greenlight/dev");
    mkdirSync(folder, { recursive: true });
    lock = join(folder, "one.json");
    const stacks = join(workspace, ".greenlight/state/.pulumi/stacks/greenlight");
    mkdirSync(stacks, { recursive: true });
    writeFileSync(join(workspace, ".greenlight/state/.pulumi/meta.yaml"), "version: 1\n");
    writeFileSync(join(stacks, "dev.json"), JSON.stringify({ version: 3, checkpoint: { latest: {} } }));
  });
  afterEach(() => rmSync(workspace, { recursive: true }));
  const lockedBy = (pid: number, host = hostname(), timestamp = new Date().toISOString()) =>
    writeFileSync(lock, JSON.stringify({ pid, username: "u", hostname: host, timestamp }));

  it("loses the lock of a dead process of this host, and says so", async () => {
    lockedBy(2 ** 22 + 1);
    const lines: string[] = [];
    await recoverStack(workspace, "dev", (line) => lines.push(line));
    assert.equal(existsSync(lock), false);
    assert.match(
      lines.join("\n"),
      /^The last update of dev was killed \(process \d+ is gone\); its lock is cleared\.$/,
    );
  });

  it("loses the lock of a process whose number another one has by now", async () => {
    lockedBy(process.pid, hostname(), "2026-01-01T00:00:00Z");
    await recoverStack(workspace, "dev", () => {});
    assert.equal(existsSync(lock), false);
  });

  it("keeps the lock of a living process, of another host, and one that cannot be read", async () => {
    lockedBy(process.pid);
    await assert.rejects(
      recoverStack(workspace, "dev", () => {}),
      new RegExp(`is being updated by process ${process.pid}; wait for it`),
    );
    lockedBy(2 ** 22 + 1, "elsewhere.invalid");
    await assert.rejects(
      recoverStack(workspace, "dev", () => {}),
      /is locked by process \d+ on elsewhere\.invalid; run `pulumi cancel/,
    );
    writeFileSync(lock, "{half");
    await assert.rejects(
      recoverStack(workspace, "dev", () => {}),
      /one\.json is not JSON/,
    );
    assert.equal(existsSync(lock), true);
  });

  it("is known to be locked while another update is at work, here or on another host", () => {
    assert.equal(isLocked(workspace, "dev"), false);
    lockedBy(2 ** 22 + 1);
    assert.equal(isLocked(workspace, "dev"), false);
    lockedBy(process.pid);
    assert.equal(isLocked(workspace, "dev"), true);
    lockedBy(2 ** 22 + 1, "elsewhere.invalid");
    assert.equal(isLocked(workspace, "dev"), true);
    assert.equal(isLocked(workspace, "never"), false);
  });

  it("needs nothing when there is no lock", async () => {
    await recoverStack(workspace, "dev", () => assert.fail("nothing to say"));
    await recoverStack(workspace, "never", () => assert.fail("nothing to say"));
  });
});
