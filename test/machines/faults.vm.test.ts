import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  createMachine,
  latestMachine,
  listMachines,
  MachineError,
  stopMachine,
  sweep,
} from "../../src/machines/index.ts";
import { readRecord } from "../../src/machines/host/record.ts";
import { runOnMachine } from "../../src/machines/life/verify.ts";
import { isAlive } from "../../src/storage/process-identity.ts";
import { ownCache, until } from "./own-cache.ts";
import type { OwnCache } from "./own-cache.ts";

describe("machines that go wrong", function () {
  this.timeout(180_000);
  let cache: OwnCache;
  const nothing = { processes: [], sockets: [], files: [] };

  before(async () => (cache = await ownCache()));
  beforeEach(async () => assert.deepEqual(await cache.left(), nothing));
  after(() => cache?.close());

  it("end at their limit, and a sweep leaves nothing", async () => {
    const machine = await createMachine(cache.request("limit", { lifeSeconds: 12 }));
    assert.equal(cache.inventory().processes.length, 2);
    await until("the guard ends the machine", 15, () => cache.inventory().processes.length === 0);
    await assert.rejects(runOnMachine({ ...machine, seconds: 5 }, "true"));
    assert.deepEqual((await cache.left()).sockets, []);
    await sweep();
    assert.deepEqual(await cache.left(), nothing);
  });

  for (const victim of ["guard", "qemu"] as const) {
    it(`end when their ${victim} is killed, and a sweep leaves nothing`, async () => {
      const machine = await createMachine(cache.request("killed"));
      const record = readRecord(machine.id)!;
      process.kill(record[victim]!.pid, "SIGKILL");
      await until("both are gone", 5, () => !isAlive(record.guard!) && !isAlive(record.qemu!));
      await sweep();
      assert.deepEqual(await cache.left(), nothing);
    });
  }

  // At once, when QEMU starts, before and after the fork has its identity, when it is ready.
  for (const delay of [0, 60, 250, 700, 2500]) {
    it(`whose maker is killed ${delay} ms after it began are swept, unless they were ready`, async () => {
      const maker = spawn(
        process.execPath,
        [join(import.meta.dirname, "make-machine.ts"), JSON.stringify(cache.image), cache.workspace],
        { stdio: ["ignore", "pipe", "inherit"], detached: true },
      );
      const exited = new Promise((resolve) => maker.once("exit", resolve));
      let said = "";
      maker.stdout.setEncoding("utf8").on("data", (text: string) => (said += text));
      await until("the maker begins", 30, () => said.includes("begun"));
      await new Promise((resolve) => setTimeout(resolve, delay));
      process.kill(maker.pid!, "SIGKILL");
      await exited;
      await sweep();
      const ready = await listMachines();
      if (said.includes("ready"))
        assert.deepEqual(
          ready.map((m) => m.alive),
          [true],
          "a ready machine outlives its maker",
        );
      for (const machine of ready) {
        assert.ok(readRecord(machine.id)?.ready, "only a ready machine is left");
        await stopMachine(machine.id);
      }
      assert.deepEqual(await cache.left(), nothing);
    });
  }

  it("are replaced by a second fork, and both attempts are told", async () => {
    const machine = await createMachine(
      cache.request("once", { onAttempt: (n, guard) => void (n === 1 && process.kill(guard.pid, "SIGKILL")) }),
    );
    assert.deepEqual(
      machine.attempts.map((a) => a.outcome),
      ["failed", "ready"],
    );
    assert.match(machine.attempts[0]!.reason!, /ended|closed/);
    const entry = await latestMachine({ workspace: cache.workspace, stack: "test", urn: "urn:once" });
    assert.equal(entry?.id, machine.id, "the ledger knows only the machine that came up");
    await stopMachine(machine.id);
  });

  it("make the cell inconclusive when the second fork fails too, and leave nothing", async () => {
    const said: string[] = [];
    await assert.rejects(
      createMachine(
        cache.request("twice", {
          report: (line) => said.push(line),
          onAttempt: (_n, guard) => process.kill(guard.pid, "SIGKILL"),
        }),
      ),
      (e: unknown) => {
        assert.ok(e instanceof MachineError);
        assert.match(
          e.message,
          /^twice is inconclusive: no machine came up in 2 attempts \(attempt 1: .*; attempt 2: .*\)\.$/,
        );
        assert.deepEqual(
          e.attempts.map((a) => a.outcome),
          ["failed", "failed"],
        );
        return true;
      },
    );
    assert.match(said.join("\n"), /trying another/);
    assert.deepEqual(await cache.left(), nothing);
    assert.equal(await latestMachine({ workspace: cache.workspace, stack: "test", urn: "urn:twice" }), undefined);
  });

  it("are given up at once when their maker is told to stop", async () => {
    const abort = new AbortController();
    const request = cache.request("stopped", {
      signal: abort.signal,
      onAttempt: () => void setTimeout(() => abort.abort(), 100),
    });
    const asked = Date.now();
    await assert.rejects(createMachine(request), { name: "AbortError" });
    assert.ok(Date.now() - asked < 5000);
    assert.deepEqual(await cache.left(), nothing);
  });

  it("can be booted cold where forking is not possible", async () => {
    const machine = await createMachine(cache.request("cold", { boot: "cold" }));
    const { stdout } = await runOnMachine(
      { ...machine, seconds: 30 },
      "cat /run/greenlight/boot-id /etc/machine-id; date +%s",
    );
    const [nonce, , clock] = stdout.trim().split("\n");
    assert.equal(nonce, machine.bootId);
    assert.ok(Math.abs(Number(clock) - Date.now() / 1000) < 3);
    const record = readRecord(machine.id)!;
    const args = readFileSync(`/proc/${record.qemu!.pid}/cmdline`, "utf8");
    assert.doesNotMatch(args, /ram\.img|incoming/);
    await stopMachine(machine.id);
  });
});
