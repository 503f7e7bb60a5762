/** Commands on a server: what runs when, and what comes of it. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isSecret, isUnknown, open } from "../../../src/command-plugin/wire.ts";
import { asSecret, failureOf, remoteCommand, type Case } from "./case.ts";

export const remoteCommandCases: Case[] = [
  {
    name: "create runs the command; stdout and stderr are outputs, less one line end",
    async run({ plugin, connection }) {
      const made = await plugin.create(remoteCommand, {
        connection: connection(),
        create: "printf 'one\\n\\n'; echo two >&2",
      });
      assert.deepEqual([made.outputs["stdout"], made.outputs["stderr"]], ["one\n", "two"]);
      assert.match(made.id, /^it[0-9a-f]{8}$/);
    },
  },
  {
    name: "a preview runs nothing, and its outputs are unknown",
    async run({ plugin, connection, folder }) {
      const made = await plugin.create(
        remoteCommand,
        { connection: connection(), create: `touch ${folder}/ran` },
        { preview: true },
      );
      assert.ok(isUnknown(made.outputs["stdout"]) && isUnknown(made.outputs["stderr"]));
      assert.equal(existsSync(join(folder, "ran")), false);
    },
  },
  {
    name: "without a create command nothing runs and nothing is dialled",
    async run({ plugin, connection }) {
      const made = await plugin.create(remoteCommand, {
        connection: connection({ port: 1, dialErrorLimit: 0 }),
        update: "echo later",
      });
      assert.deepEqual([made.outputs["stdout"], made.outputs["stderr"]], ["", ""]);
    },
  },
  {
    name: "an exit code that is not 0 fails, with the code, the command and both outputs",
    async run({ plugin, connection }) {
      const text = await failureOf(
        plugin.create(remoteCommand, { connection: connection(), create: "echo said; echo complained >&2; exit 3" }),
      );
      assert.match(text, /Process exited with status 3: running "echo said; .*exit 3":\n/);
      assert.match(text, /said/);
      assert.match(text, /complained/);
    },
  },
  {
    name: "a command that a signal ended fails, with the signal",
    async run({ plugin, connection }) {
      assert.match(
        await failureOf(plugin.create(remoteCommand, { connection: connection(), create: "kill -KILL $$" })),
        /status 137 from signal KILL/,
      );
    },
  },
  {
    name: "the failure of a talkative command ends with its last words",
    real: "puts 3 MB into the status of its answer, which ends the connection (RST_STREAM): no word of the failure arrives",
    async run({ plugin, connection }) {
      const text = await failureOf(
        plugin.create(remoteCommand, {
          connection: connection(),
          create: "yes ünïcødé | head -c 3000000; echo; echo the end; exit 1",
          logging: "none",
        }),
      );
      assert.match(text, /status 1/);
      assert.match(text, /the end\s*$/);
    },
  },
  {
    name: "a command that is a secret is not repeated in its failure",
    real: "prints the whole command text",
    async run({ plugin, connection }) {
      const text = await failureOf(
        plugin.create(remoteCommand, { connection: connection(), create: asSecret("PASSWORD=hunter2 false") }),
      );
      assert.match(text, /status 1/);
      assert.doesNotMatch(text, /hunter2/);
    },
  },
  {
    name: "an update runs `update`, and `create` again where there is none",
    async run({ plugin, connection, folder }) {
      const inputs = {
        connection: connection(),
        create: `echo create >>${folder}/log`,
        update: `echo update >>${folder}/log`,
      };
      const made = await plugin.create(remoteCommand, inputs);
      const updated = await plugin.update(remoteCommand, made, { ...inputs, stdin: "x" });
      await plugin.update(remoteCommand, updated, { connection: inputs.connection, create: inputs.create });
      assert.equal(readFileSync(join(folder, "log"), "utf8"), "create\nupdate\ncreate\n");
    },
  },
  {
    name: "an update without a command keeps the outputs; a preview of one runs nothing",
    async run({ plugin, connection, folder }) {
      const made = await plugin.create(remoteCommand, { connection: connection(), create: "echo kept" });
      const updated = await plugin.update(remoteCommand, made, { connection: connection(), delete: "true" });
      assert.equal(updated.outputs["stdout"], "kept");
      await plugin.update(
        remoteCommand,
        made,
        { connection: connection(), create: `touch ${folder}/ran` },
        { preview: true },
      );
      assert.equal(existsSync(join(folder, "ran")), false);
    },
  },
  {
    name: "delete runs `delete` with the connection in state, and nothing where there is none",
    async run({ plugin, connection, folder }) {
      const made = await plugin.create(remoteCommand, { connection: connection(), delete: `touch ${folder}/deleted` });
      await plugin.delete(remoteCommand, made);
      assert.ok(existsSync(join(folder, "deleted")));
      const silent = await plugin.create(remoteCommand, { connection: connection({ port: 1, dialErrorLimit: 0 }) });
      await plugin.delete(remoteCommand, silent);
    },
  },
  {
    name: "a changed input is an update, also a trigger: that it replaces is the SDK's word; the same inputs are no change",
    async run({ plugin, connection }) {
      const inputs = { connection: connection(), create: "true", update: "true", triggers: ["a", 1] };
      const made = await plugin.create(remoteCommand, inputs);
      const same = await plugin.diff(remoteCommand, made, inputs);
      assert.deepEqual([same.changes, same.replaces], [false, []]);
      const triggered = await plugin.diff(remoteCommand, made, { ...inputs, triggers: ["a", 2] });
      assert.deepEqual([triggered.changes, triggered.replaces, triggered.detailed], [true, [], { "triggers[1]": 4 }]);
      const updated = await plugin.diff(remoteCommand, made, {
        ...inputs,
        connection: connection({ dialErrorLimit: 3 }),
      });
      assert.deepEqual([updated.changes, updated.replaces], [true, []]);
    },
  },
  {
    name: "the connection is a secret as a whole, with its defaults; what the command prints is not",
    async run({ plugin, connection, sshd }) {
      const { host, privateKey } = connection();
      const { inputs } = await plugin.check(remoteCommand, {
        connection: { host, privateKey, proxy: { host } },
        create: "echo plain",
      });
      assert.ok(isSecret(inputs["connection"]));
      const defaults = { port: 22, user: "root", dialErrorLimit: 10, perDialTimeout: 15 };
      assert.deepEqual(open(inputs["connection"]), { host, privateKey, ...defaults, proxy: { host, ...defaults } });
      const made = await plugin.create(remoteCommand, {
        connection: asSecret(connection()),
        create: `echo ${sshd.port}`,
      });
      assert.ok(isSecret(made.outputs["connection"]));
      assert.equal(made.outputs["stdout"], String(sshd.port));
    },
  },
  {
    name: "check names what is missing and what is of the wrong type, and admits what is unknown",
    async run({ plugin, connection }) {
      const property = async (inputs: Record<string, unknown>) =>
        (await plugin.check(remoteCommand, inputs)).failures.map((f) => f.property);
      assert.ok((await property({ create: "true" })).some((p) => p.startsWith("connection")));
      assert.ok((await property({ connection: connection(), create: 7 })).includes("create"));
      const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
      assert.deepEqual(
        await property({
          connection: { ...connection(), port: unknown, host: unknown },
          create: unknown,
          triggers: [unknown],
        }),
        [],
      );
      assert.deepEqual(await property({ connection: unknown, create: "true" }), []);
    },
  },
  {
    name: "environment variables and outputs of the run before, which no program of ours asks for, are refused",
    real: "sets them where the server takes them",
    async run({ plugin, connection }) {
      const { failures } = await plugin.check(remoteCommand, {
        connection: connection(),
        create: "true",
        environment: { A: "1" },
        addPreviousOutputInEnv: true,
      });
      assert.deepEqual(failures.map((f) => f.property).sort(), ["addPreviousOutputInEnv", "environment"]);
      assert.match(failures.map((f) => f.reason).join(), /write the variables before the command/);
    },
  },
  {
    name: "types that no program of ours asks for are refused, with those that there are",
    real: "has them",
    async run({ plugin }) {
      assert.match(
        await failureOf(plugin.check("command:local:Command", { create: "true" })),
        /no resource type command:local:Command; use one of command:remote:Command, command:remote:CopyToRemote/,
      );
    },
  },
  {
    name: "stdin reaches the command, a long one whole, and one that is not read does no harm",
    async run({ plugin, connection }) {
      const made = await plugin.create(remoteCommand, { connection: connection(), stdin: "hello", create: "cat; cat" });
      assert.equal(made.outputs["stdout"], "hello");
      const long = await plugin.create(remoteCommand, {
        connection: connection(),
        stdin: "0123456789abcdef".repeat(100_000),
        create: "sha256sum",
      });
      assert.match(long.outputs["stdout"] as string, /^[0-9a-f]{64}/);
      await plugin.create(remoteCommand, { connection: connection(), stdin: "x".repeat(1_000_000), create: "true" });
    },
  },
  {
    name: "read answers the state as it is",
    async run({ plugin, connection }) {
      const made = await plugin.create(remoteCommand, { connection: connection(), create: "echo once" });
      const read = await plugin.read(remoteCommand, made);
      assert.equal(read.id, made.id);
      assert.equal(read.outputs["stdout"], "once");
    },
  },
  {
    name: "twenty commands at once all run, each with its own output",
    async run({ plugin, connection }) {
      const made = await Promise.all(
        Array.from({ length: 20 }, (_, i) =>
          plugin.create(remoteCommand, { connection: connection(), create: `echo ${i}` }),
        ),
      );
      assert.deepEqual(
        made.map((m) => m.outputs["stdout"]),
        Array.from({ length: 20 }, (_, i) => String(i)),
      );
    },
  },
];
