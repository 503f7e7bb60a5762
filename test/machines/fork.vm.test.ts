import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { existsSync, readFileSync, readdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import {
  createMachine,
  deleteMachine,
  listMachines,
  machineAccess,
  machineState,
  markSpent,
  markStarted,
  observePackets,
  stopMachine,
} from "../../src/machines/index.ts";
import type { Machine } from "../../src/machines/index.ts";
import { cachePath } from "../../src/storage/folders.ts";
import { runOnMachine } from "../../src/machines/life/verify.ts";
import { ownCache } from "./own-cache.ts";
import type { OwnCache } from "./own-cache.ts";

describe("two forks of one parent", function () {
  this.timeout(300_000);
  let cache: OwnCache;
  let a: Machine;
  let b: Machine;

  before(async () => {
    cache = await ownCache();
    [a, b] = await Promise.all([
      createMachine(cache.request("a", { lifeSeconds: 280 })),
      createMachine(cache.request("b", { lifeSeconds: 280 })),
    ]);
  });
  after(async () => {
    if (a) await deleteMachine(cache.workspace, a.id);
    if (b) await deleteMachine(cache.workspace, b.id);
    cache?.close();
  });

  const run = async (machine: Machine, text: string, seconds = 60) => {
    const { code, stdout, stderr } = await runOnMachine({ ...machine, seconds }, text);
    assert.equal(code, 0, `${text}: ${stderr}`);
    return stdout.trim();
  };
  const both = (text: string) => Promise.all([run(a, text), run(b, text)]);

  it("are what they say they are", async () => {
    assert.equal(await run(a, "cat /run/greenlight/boot-id"), a.bootId);
    assert.equal(await run(a, "uname -r"), a.kernel);
    assert.equal(await run(a, "cut -d' ' -f1-2 /etc/ssh/ssh_host_ed25519_key.pub"), a.hostKey);
    assert.match(a.id, /^[0-9a-f]{10}$/);
    assert.equal(a.attempts.length, 1);
    assert.equal(a.imageDigest, cache.image.digest);
  });

  it("name the disks behind theirs by paths that survive a move of the cache", () => {
    const behind = (file: string): string => {
      const { "backing-filename": backing } = JSON.parse(
        execFileSync("qemu-img", ["info", "-U", "--output=json", file], { encoding: "utf8" }),
      ) as Record<string, string>;
      return backing!;
    };
    const overlay = cachePath("machines", a.id, "overlay.qcow2");
    assert.match(behind(overlay), /^\.\.\/\.\.\/parents\//);
    assert.match(behind(join(dirname(overlay), behind(overlay))), /^\.\.\/\.\.\/images\//);
  });

  it("share no identity and no randomness", async () => {
    assert.notEqual(a.hostKey, b.hostKey);
    assert.notEqual(a.bootId, b.bootId);
    assert.notEqual(a.port, b.port);
    assert.notEqual(a.privateKey, b.privateKey);
    for (const text of [
      "cat /etc/machine-id",
      "hostname",
      "head -c 16 /dev/urandom | od -An -tx1",
      "cat /proc/sys/kernel/random/uuid",
      "cat /root/.ssh/authorized_keys",
    ]) {
      const [x, y] = await both(text);
      assert.ok(x.length > 5);
      assert.notEqual(x, y, text);
    }
  });

  it("refuse each other's keys", async () => {
    await assert.rejects(runOnMachine({ ...a, privateKey: b.privateKey, seconds: 20 }, "true"), /authentication/);
    await assert.rejects(runOnMachine({ ...a, hostKey: b.hostKey, seconds: 20 }, "true"), /[Hh]ost/);
  });

  it("have the host's clock, to two seconds", async () => {
    const asked = Date.now();
    const [x, y] = await both("date +%s%3N");
    for (const clock of [x, y]) {
      assert.ok(Number(clock) > asked - 2000, `${asked - Number(clock)} ms behind`);
      assert.ok(Number(clock) < Date.now() + 2000, `${Number(clock) - Date.now()} ms ahead`);
    }
  });

  it("are whole and quiet systems, with nothing left of what made them", async () => {
    assert.equal(await run(a, "systemctl is-system-running"), "running");
    assert.equal(
      await run(
        a,
        "ls -A /usr/lib/greenlight /etc/systemd/system/greenlight* /root/.ssh 2>/dev/null | grep -v :$ | xargs",
      ),
      "authorized_keys",
    );
    // What is left out at boot is something by that name, and left out it is.
    assert.equal(
      await run(
        a,
        "for name in /etc/systemd/system-generators/*; do [ -e /usr/lib/systemd/system-generators/${name##*/} ] || echo $name; done",
      ),
      "",
    );
    assert.match(await run(a, "systemctl show -p ExecStart systemd-udev-trigger"), /--subsystem-nomatch=tty /);
    await run(a, "systemd-run -q --wait --unit probe-unit echo written-to-the-journal");
    assert.match(await run(a, "journalctl --sync; journalctl -u probe-unit -o cat"), /written-to-the-journal/);
  });

  it("are silent, but for the answers to whoever came in", async () => {
    for (const machine of [a, b]) assert.equal(await observePackets(machine.id), "nothing");
    assert.equal(await run(a, "getent ahosts $(hostname) | grep -c STREAM"), "2");
    assert.equal(await observePackets(a.id), "nothing");
  });

  it("have no way out: not to the host, not to a name server, not to the world; each attempt is seen", async () => {
    const server = createServer((socket) => socket.end("reached")).listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    try {
      const { port } = server.address() as AddressInfo;
      for (const place of [`10.0.2.2/${port}`, "10.0.2.3/53", "1.1.1.1/443"]) {
        const { code, stdout } = await runOnMachine(
          { ...a, seconds: 30 },
          `timeout 4 bash -c 'exec 3<>/dev/tcp/${place}; cat <&3'`,
        );
        assert.notEqual(code, 0, place);
        assert.equal(stdout, "", place);
      }
      await runOnMachine({ ...a, seconds: 30 }, "getent hosts telemetry.example.org");
      const seen = await observePackets(a.id);
      for (const attempt of [
        `tcp 10.0.2.2:${port}`,
        "tcp 10.0.2.3:53",
        "tcp 1.1.1.1:443",
        "udp 10.0.2.3:53 asks for telemetry.example.org",
      ])
        assert.ok(
          seen!.split("\n").some((line) => line.startsWith(attempt)),
          `${attempt} in ${seen}`,
        );
      assert.equal(await observePackets(b.id), "nothing");
    } finally {
      server.close();
    }
  });

  it("can be reached from this host alone", () => {
    const hex = a.port.toString(16).toUpperCase().padStart(4, "0");
    const listening = readFileSync("/proc/net/tcp", "utf8")
      .split("\n")
      .filter((line) => line.includes(`:${hex} 00000000:0000 0A`));
    assert.equal(listening.length, 1);
    assert.match(listening[0]!, /: 0100007F:/);
  });

  it("keep what crashed, also of a service that may write nowhere, and the journal tells of it after a reboot", async () => {
    await run(
      b,
      "systemd-run -q --wait -p DynamicUser=yes -p ProtectSystem=strict -p LimitCORE=0 sh -c 'kill -SEGV $$$$' || true",
    );
    assert.match(
      await run(
        b,
        "for try in 1 2 3 4 5 6 7 8 9 10; do [ -s /var/crash/list ] && break; sleep 0.3; done; cat /var/crash/list",
      ),
      /dash was ended by signal 11/,
    );
    assert.match(await run(b, "stat -c '%a %U' /var/crash; ls /var/crash"), /^700 root\ncore\.\d+\nlist$/);
    await run(b, "logger -t before-the-reboot kept");
  });

  it("let one prover begin", async () => {
    const begin = async () =>
      (await runOnMachine({ ...b, seconds: 30 }, "mkdir /var/lib/greenlight/started 2>/dev/null")).code;
    assert.deepEqual((await Promise.all([begin(), begin(), begin()])).sort(), [0, 1, 1]);
  });

  it("stand in the ledger and in the list, and leave the key to whom it belongs", async () => {
    assert.deepEqual((await listMachines({ workspace: cache.workspace })).map((m) => m.cell).sort(), ["a", "b"]);
    const access = await machineAccess(cache.workspace, a.id);
    assert.equal(access.privateKey, a.privateKey);
    assert.equal(statSync(access.keyFile).mode & 0o777, 0o600);
    for (const name of readdirSync(join(cache.workspace, ".greenlight/machines"))) {
      assert.doesNotMatch(readFileSync(join(cache.workspace, ".greenlight/machines", name), "utf8"), /PRIVATE/);
    }
    assert.deepEqual(
      [await machineState(cache.workspace, a.id)].map((s) => [s.stage, s.alive]),
      [["fresh", true]],
    );
    await markStarted(cache.workspace, a.id);
    assert.equal((await machineState(cache.workspace, a.id)).stage, "started");
  });

  it("stay themselves over a reboot", async () => {
    const facts = "cat /etc/machine-id; hostname; systemctl is-enabled ssh; ls /var/lib/greenlight";
    const earlier = await run(b, facts);
    const boot = await run(b, "cat /proc/sys/kernel/random/boot_id");
    await runOnMachine({ ...b, seconds: 30 }, "systemctl reboot").catch(() => undefined);
    let now = boot;
    for (
      const end = Date.now() + 150_000;
      now === boot && Date.now() < end;
      await new Promise((resolve) => setTimeout(resolve, 500))
    ) {
      now = await runOnMachine({ ...b, seconds: 30 }, "cat /proc/sys/kernel/random/boot_id").then(
        (r) => r.stdout.trim() || boot,
        () => boot,
      );
    }
    assert.notEqual(now, boot);
    assert.equal(await run(b, facts), earlier);
    assert.equal(await run(b, "test ! -e /run/greenlight && echo gone"), "gone");
    assert.equal(await run(b, "journalctl -q -o cat -t before-the-reboot"), "kept");
    assert.match(await run(b, "systemctl is-system-running --wait"), /running/);
    const clock = Number(await run(b, "date +%s"));
    assert.ok(Math.abs(clock - Date.now() / 1000) < 5);
  });

  it("are spent once, and remembered when they are gone", async () => {
    await markSpent(cache.workspace, a.id, "e".repeat(64));
    await markSpent(cache.workspace, a.id, "e".repeat(64));
    await assert.rejects(markSpent(cache.workspace, a.id, "f".repeat(64)), /already left evidence/);
    await stopMachine(a.id);
    const state = await machineState(cache.workspace, a.id);
    assert.deepEqual([state.stage, state.alive, state.evidence], ["spent", false, "e".repeat(64)]);
    assert.ok(!existsSync(join(cache.folder, "greenlight/machines", a.id)));
    await deleteMachine(cache.workspace, a.id);
    assert.equal((await machineState(cache.workspace, a.id)).stage, "unknown");
  });
});
