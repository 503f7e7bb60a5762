import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { processIdentity } from "../../src/storage/process-identity.ts";
import type { ProcessIdentity } from "../../src/storage/process-identity.ts";
import { EdgeError } from "../../src/edges/edges.ts";
import { machineFolder, makeFolders, readRecord, runFolderFor, writeRecord } from "../../src/machines/host/record.ts";
import type { MachineRecord } from "../../src/machines/host/record.ts";
import { claimSlot, freeSlot, passSlot, slotCount } from "../../src/machines/life/slots.ts";
import { enter, lookUp } from "../../src/machines/life/ledger.ts";
import {
  deleteMachine,
  listMachines,
  machineAccess,
  reap,
  stopOwnMachine,
  sweep,
} from "../../src/machines/life/sweep.ts";

const dead: ProcessIdentity = { pid: 2 ** 22 + 1, startTime: "1" };

describe("clearing away after dead machines", () => {
  const before = process.env["XDG_CACHE_HOME"];
  let cache: string;
  let child: ChildProcess;

  beforeEach(() => {
    cache = mkdtempSync(join(tmpdir(), "gl-sweep-"));
    process.env["XDG_CACHE_HOME"] = cache;
    child = spawn("sleep", ["60"], { stdio: "ignore" });
  });
  afterEach(() => {
    child.kill("SIGKILL");
    if (before === undefined) delete process.env["XDG_CACHE_HOME"];
    else process.env["XDG_CACHE_HOME"] = before;
    rmSync(cache, { recursive: true, force: true });
  });

  const living = () => processIdentity(child.pid!)!;
  const owner = (stack = "dev", urn = "urn:a") => ({ workspace: "/w", stack, urn });

  function machine(id: string, over: Partial<MachineRecord>): void {
    const runFolder = makeFolders(id);
    writeRecord({
      schema: 1,
      id,
      owner: owner(),
      cell: `cell-${id}`,
      creator: dead,
      ready: true,
      createdAt: "t",
      until: "t",
      runFolder,
      ...over,
    });
    for (const name of ["overlay.qcow2", "key", "qmp.sock"]) writeFileSync(join(machineFolder(id), name), "");
  }

  it("removes a machine whose guard is dead and leaves one whose guard lives", async () => {
    machine("aaaaaaaaaa", { guard: dead });
    machine("bbbbbbbbbb", { guard: living() });
    await sweep();
    assert.deepEqual(readdirSync(join(cache, "greenlight/machines")), ["bbbbbbbbbb"]);
    assert.deepEqual(
      (await listMachines()).map((m) => [m.id, m.alive]),
      [["bbbbbbbbbb", true]],
    );
  });

  it("leaves one that is being made, until its maker dies", async () => {
    machine("aaaaaaaaaa", { ready: false, creator: living() });
    machine("bbbbbbbbbb", { ready: false, creator: dead });
    await sweep();
    assert.ok(existsSync(machineFolder("aaaaaaaaaa")));
    assert.ok(!existsSync(machineFolder("bbbbbbbbbb")));
    assert.equal((await listMachines())[0]?.alive, false);
  });

  it("ends the guard of a machine that was half made when its maker died", async () => {
    const guard = living();
    machine("aaaaaaaaaa", { ready: false, creator: dead, guard });
    await sweep();
    assert.equal(processIdentity(guard.pid), undefined);
    assert.deepEqual(readdirSync(join(cache, "greenlight/machines")), []);
  });

  it("does not kill a process that was given a dead guard's number", async () => {
    machine("aaaaaaaaaa", { guard: { pid: child.pid!, startTime: "1" } });
    await sweep();
    assert.ok(processIdentity(child.pid!));
    assert.ok(!existsSync(machineFolder("aaaaaaaaaa")));
  });

  it("gives a folder without a record a minute", async () => {
    makeFolders("aaaaaaaaaa");
    await sweep();
    assert.ok(existsSync(machineFolder("aaaaaaaaaa")));
    const past = Date.now() / 1000 - 120;
    utimesSync(machineFolder("aaaaaaaaaa"), past, past);
    await sweep();
    assert.ok(!existsSync(machineFolder("aaaaaaaaaa")));
  });

  it("reaps a resource's machines, a stack's machines, and nobody else's", async () => {
    machine("aaaaaaaaaa", { guard: dead });
    machine("bbbbbbbbbb", { guard: dead, owner: owner("dev", "urn:b") });
    machine("cccccccccc", { guard: dead, owner: owner("prod") });
    machine("dddddddddd", { guard: dead, owner: { ...owner(), workspace: "/other" } });
    await reap(owner());
    assert.deepEqual(readdirSync(join(cache, "greenlight/machines")).sort(), [
      "bbbbbbbbbb",
      "cccccccccc",
      "dddddddddd",
    ]);
    await reap({ workspace: "/w", stack: "dev" });
    assert.deepEqual(readdirSync(join(cache, "greenlight/machines")).sort(), ["cccccccccc", "dddddddddd"]);
  });

  it("deletes a machine of its own workspace and stack, and no other that a state may name", async () => {
    const workspace = mkdtempSync(join(cache, "workspace-"));
    const others: [string, MachineRecord["owner"]][] = [
      ["aaaaaaaaaa", { ...owner("prod"), workspace }],
      ["bbbbbbbbbb", owner()],
    ];
    for (const [id, of] of others) machine(id, { guard: living(), owner: of });
    machine("cccccccccc", { guard: dead, owner: { ...owner(), workspace } });
    // Its workspace was moved since: the ledger, which moved along, knows it.
    machine("dddddddddd", { guard: dead, owner: { ...owner(), workspace: "/before" } });
    const entry = {
      schema: 1 as const,
      id: "dddddddddd",
      stack: "dev",
      urn: "u",
      incarnation: 1,
      cell: "c",
      subject: "s",
      image: "i",
      stage: "fresh" as const,
      createdAt: "t",
    };
    enter(workspace, entry);
    writeFileSync(join(workspace, "victim.json"), "{}");
    for (const id of ["aaaaaaaaaa", "bbbbbbbbbb"]) await stopOwnMachine(workspace, id, "dev");
    for (const id of ["aaaaaaaaaa", "bbbbbbbbbb", "cccccccccc", "dddddddddd", "../../victim", "/etc/passwd", ""])
      await deleteMachine(workspace, id, "dev");
    assert.deepEqual(readdirSync(join(cache, "greenlight/machines")).sort(), ["aaaaaaaaaa", "bbbbbbbbbb"]);
    assert.ok(processIdentity(child.pid!) && existsSync(join(workspace, "victim.json")));
    assert.equal(lookUp(workspace, "dddddddddd"), undefined);
  });

  it("puts sockets into a short folder when the cache's path is too long for them, and removes that too", async () => {
    const long = join(cache, "x".repeat(100));
    mkdirSync(long);
    process.env["XDG_CACHE_HOME"] = long;
    machine("aaaaaaaaaa", { guard: dead });
    const run = readRecord("aaaaaaaaaa")!.runFolder;
    assert.ok(Buffer.byteLength(`${run}/identity.sock`) <= 107 && existsSync(run));
    assert.equal(runFolderFor("/short/aaaaaaaaaa", "aaaaaaaaaa"), "/short/aaaaaaaaaa");
    await sweep();
    assert.ok(!existsSync(run));
  });

  it("gives connection data of live machines of the workspace only", async () => {
    machine("aaaaaaaaaa", { guard: living(), port: 4711, hostKey: "ssh-ed25519 AAAA" });
    machine("bbbbbbbbbb", { guard: dead, port: 4711, hostKey: "ssh-ed25519 AAAA" });
    assert.equal((await machineAccess("/w", "aaaaaaaaaa")).port, 4711);
    await assert.rejects(machineAccess("/w", "bbbbbbbbbb"), EdgeError);
    await assert.rejects(machineAccess("/other", "aaaaaaaaaa"), EdgeError);
  });

  it("lets as many machines run as there are slots; the next one waits, says for whom, and gets the first that is freed", async () => {
    for (let n = 0; n < slotCount(); n++)
      await claimSlot({ machine: `m${n}`, cell: `cell-${n}`, load: 0 }, () => undefined);
    const said: string[] = [];
    let got = false;
    const waiting = claimSlot({ machine: "late", cell: "late", load: 0 }, (line) => said.push(line)).then(
      () => (got = true),
    );
    await new Promise((resolve) => setTimeout(resolve, 500));
    assert.equal(got, false);
    assert.match(said[0]!, /waiting for a machine slot .* used by cell-0/);
    await freeSlot("m0");
    await waiting;
    // A slot whose machine has died is free without anybody freeing it.
    await passSlot("late", dead);
    await claimSlot({ machine: "next", cell: "next", load: 0 }, () => undefined);
    await freeSlot("next");
  });

  it("begins with the machine that has most to do, whoever asked first", async () => {
    for (let n = 0; n < slotCount() - 1; n++)
      await claimSlot({ machine: `m${n}`, cell: `cell-${n}`, load: 0 }, () => undefined);
    const order: number[] = [];
    const claims = [10, 30, 20].map((load) =>
      claimSlot({ machine: `load-${load}`, cell: "c", load }, () => undefined).then(() => order.push(load)),
    );
    for (const load of [30, 20, 10]) {
      while (!order.includes(load)) await new Promise((resolve) => setTimeout(resolve, 20));
      await freeSlot(`load-${load}`);
    }
    await Promise.all(claims);
    assert.deepEqual(order, [30, 20, 10]);
  });

  it("stops waiting for a slot when it is told to", async () => {
    for (let n = 0; n < slotCount(); n++)
      await claimSlot({ machine: `m${n}`, cell: `cell-${n}`, load: 0 }, () => undefined);
    const abort = new AbortController();
    setTimeout(() => abort.abort(), 100);
    await assert.rejects(
      claimSlot({ machine: "late", cell: "late", load: 0 }, () => undefined, abort.signal),
      { name: "AbortError" },
    );
  });
});
