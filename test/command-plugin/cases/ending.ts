/** How commands end that do not end by themselves, and what is left behind. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { PluginClient } from "../plugin-client.ts";
import { failureOf, remoteCommand, took, type Case } from "./case.ts";

/** Whether a process lives whose command line holds the text. */
function runs(text: string): boolean {
  return spawnSync("pgrep", ["-f", text]).status === 0;
}

/** A sleep that can be told from every other by its length. */
const marked = (): string => `31${process.pid}.${Math.floor(Math.random() * 1e9)}`;

async function soon(holds: () => boolean, ms = 5_000): Promise<boolean> {
  for (const until = Date.now() + ms; Date.now() < until; await sleep(50)) if (holds()) return true;
  return holds();
}

export const endingCases: Case[] = [
  {
    name: "a command ends at its time limit, and what it started with it",
    real: "hangs: its session takes no notice of the limit",
    async run({ plugin, connection }) {
      const mark = marked();
      const call = plugin.create(
        remoteCommand,
        { connection: connection(), create: `echo begun; sleep ${mark} & wait` },
        { timeout: 1 },
      );
      const [text, ms] = await Promise.all([failureOf(call), took(call)]);
      assert.match(text, /the time limit of 1 s/);
      assert.match(text, /begun/);
      assert.ok(ms < 5_000, `${ms} ms`);
      assert.ok(await soon(() => !runs(`sleep ${mark}`)), "the command still runs");
    },
  },
  {
    name: "a time limit ends the tries to reach a server",
    async run({ plugin, connection }) {
      const call = plugin.create(
        remoteCommand,
        { connection: connection({ port: 1, dialErrorLimit: -1 }), create: "true" },
        { timeout: 1 },
      );
      assert.ok((await took(call)) < 4_000);
      await failureOf(call);
    },
  },
  {
    name: "Cancel ends what runs",
    real: "hangs until the command ends",
    async run({ connection }) {
      const plugin = await PluginClient.start();
      try {
        const mark = marked();
        const call = failureOf(
          plugin.create(remoteCommand, { connection: connection(), create: `sleep ${mark} & wait` }),
        );
        assert.ok(await soon(() => runs(`sleep ${mark}`)), "the command never ran");
        await plugin.cancel();
        assert.match(await call, /cancel/);
        assert.ok(await soon(() => !runs(`sleep ${mark}`)), "the command still runs");
      } finally {
        await plugin.stop();
      }
    },
  },
  {
    name: "a connection that is cut fails the command at once, and is named as the reason",
    real: "says only that the command exited without exit status",
    async run({ plugin, connection }) {
      // $PPID of the command is the server's process for this connection.
      const call = plugin.create(remoteCommand, {
        connection: connection(),
        create: "echo begun; kill -KILL $PPID; sleep 20",
      });
      const [text, ms] = await Promise.all([failureOf(call), took(call)]);
      assert.match(text, /connection to 127\.0\.0\.1:\d+ was lost.*without exit status or exit signal/);
      assert.match(text, /begun/);
      assert.ok(ms < 3_000, `${ms} ms`);
    },
  },
  {
    name: "a peer that falls silent is given up within 30 s",
    real: "waits for ever: it sends no keepalive",
    slow: true,
    async run({ plugin, connection, sshd }) {
      const sockets: Socket[] = [];
      let silent = false;
      const relay = createServer((near) => {
        const far = connect(sshd.port, sshd.host);
        sockets.push(near, far);
        near.on("data", (chunk) => silent || far.write(chunk)).on("error", () => {});
        far.on("data", (chunk) => silent || near.write(chunk)).on("error", () => {});
      });
      await new Promise<void>((resolve) => relay.listen(0, "127.0.0.1", resolve));
      try {
        const { port } = relay.address() as { port: number };
        const call = plugin.create(remoteCommand, { connection: connection({ port }), create: "echo begun; sleep 60" });
        assert.ok(await soon(() => plugin.log().includes("begun")));
        silent = true;
        const [text, ms] = await Promise.all([failureOf(call), took(call)]);
        assert.match(text, /connection to .* was lost/);
        assert.ok(ms < 30_000, `${ms} ms`);
      } finally {
        for (const socket of sockets) socket.destroy();
        relay.close();
      }
    },
  },
  {
    name: "connections are closed after each command",
    real: "leaves one open for each, until the plugin ends",
    async run({ plugin, connection, sshd }) {
      assert.ok(await soon(() => sshd.sessions() <= 1));
      const before = sshd.sessions();
      for (let i = 0; i < 3; i++) await plugin.create(remoteCommand, { connection: connection(), create: "true" });
      await failureOf(plugin.create(remoteCommand, { connection: connection(), create: "false" }));
      assert.ok(await soon(() => sshd.sessions() <= before), `${sshd.sessions()} open`);
    },
  },
  {
    name: "the plugin ends when its engine is gone, and ends what runs",
    real: "leaves what runs on servers",
    async run({ connection }) {
      const plugin = await PluginClient.start({}, "shell");
      const pid = Number(spawnSync("pgrep", ["-P", String(plugin.child.pid)]).stdout);
      const mark = marked();
      const call = failureOf(
        plugin.create(remoteCommand, { connection: connection(), create: `sleep ${mark} & wait` }),
      );
      assert.ok(await soon(() => runs(`sleep ${mark}`)), "the command never ran");
      // As when the engine is killed: its connection to the plugin ends, and the plugin has another parent.
      plugin.hangUp();
      plugin.child.kill("SIGKILL");
      const lives = (): boolean => {
        try {
          process.kill(pid, 0);
          return !readFileSync(`/proc/${pid}/stat`, "utf8").includes(") Z ");
        } catch {
          return false;
        }
      };
      assert.ok(await soon(() => !runs(`sleep ${mark}`), 10_000), "the command still runs");
      assert.ok(await soon(() => !lives(), 10_000), "the plugin still lives");
      await call;
      await plugin.stop();
    },
  },
];
