/** Output of commands: captured whole, shown as asked. */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { remoteCommand, type Case } from "./case.ts";
import { urnOf } from "../plugin-client.ts";

export const outputCases: Case[] = [
  {
    name: "five megabytes of output come back whole",
    async run({ plugin, connection }) {
      const made = await plugin.create(remoteCommand, {
        connection: connection(),
        create: "seq 1 720000",
        logging: "none",
      });
      const lines = (made.outputs["stdout"] as string).split("\n");
      assert.deepEqual([lines.length, lines[0], lines.at(-1)], [720_000, "1", "720000"]);
    },
  },
  {
    name: "a line of a megabyte without an end is captured and shown",
    real: "hangs for ever: its log reader stops at 64 KiB",
    async run({ plugin, connection }) {
      const made = await plugin.create(remoteCommand, {
        connection: connection(),
        create: "head -c 1000000 /dev/zero | tr '\\0' x",
      });
      assert.equal((made.outputs["stdout"] as string).length, 1_000_000);
    },
  },
  ...(["stdout", "stderr", "stdoutAndStderr", "none"] as const).map((logging): Case => ({
    name: `logging ${logging} shows that much, and captures everything`,
    async run({ plugin, connection }) {
      const before = plugin.logged.length;
      const made = await plugin.create(remoteCommand, {
        connection: connection(),
        create: "echo to-out; echo to-err >&2",
        logging,
      });
      assert.deepEqual([made.outputs["stdout"], made.outputs["stderr"]], ["to-out", "to-err"]);
      await sleep(100);
      const shown = plugin.logged
        .slice(before)
        .map((line) => line.message)
        .join("\n");
      assert.equal(shown.includes("to-out"), logging === "stdout" || logging === "stdoutAndStderr");
      assert.equal(shown.includes("to-err"), logging === "stderr" || logging === "stdoutAndStderr");
    },
  })),
  {
    name: "what is shown belongs to the resource and passes",
    async run({ plugin, connection }) {
      const before = plugin.logged.length;
      await plugin.create(remoteCommand, { connection: connection(), create: "echo shown" });
      const line = plugin.logged.slice(before).find((l) => l.message.includes("shown"));
      assert.deepEqual([line?.urn, line?.ephemeral], [urnOf(remoteCommand), true]);
    },
  },
];
