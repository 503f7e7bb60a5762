/** Commands on this host, and the function that runs one. */
import assert from "node:assert/strict";
import { mkdirSync, realpathSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isArchive, isAsset, type Archive, type Properties } from "../../../src/command-plugin/wire.ts";
import { failureOf, localCommand, type Case } from "./case.ts";

export const localCases: Case[] = [
  {
    name: "folder, interpreter, environment and stdin are the command's",
    async run({ plugin, folder }) {
      const made = await plugin.create(localCommand, {
        create: 'pwd; echo "$GREETING"; cat',
        dir: folder,
        environment: { GREETING: "hello there" },
        stdin: "from stdin",
      });
      assert.equal(made.outputs["stdout"], `${realpathSync(folder)}\nhello there\nfrom stdin`);
      const other = await plugin.create(localCommand, {
        create: "process.stdout.write(String(6*7))",
        interpreter: [process.execPath, "-e"],
      });
      assert.equal(other.outputs["stdout"], "42");
    },
  },
  {
    name: "an exit code that is not 0 fails, with the code, the command and both outputs",
    async run({ plugin }) {
      const text = await failureOf(plugin.create(localCommand, { create: "echo said; echo complained >&2; exit 4" }));
      assert.match(text, /^exit status 4: running "echo said; .*":\n/);
      assert.match(text, /said/);
      assert.match(text, /complained/);
    },
  },
  {
    name: "a folder or an interpreter that is not there is named",
    async run({ plugin, folder }) {
      assert.match(
        await failureOf(plugin.create(localCommand, { create: "true", dir: join(folder, "absent") })),
        /chdir .*absent: no such file or directory/,
      );
      assert.match(
        await failureOf(plugin.create(localCommand, { create: "true", interpreter: ["no-such-program"] })),
        /"no-such-program": executable file not found/,
      );
    },
  },
  {
    name: "the outputs of the run before are in the environment of update and delete",
    async run({ plugin, folder }) {
      const inputs = {
        create: "echo first",
        update: 'echo "<$PULUMI_COMMAND_STDOUT>"',
        delete: `test "$PULUMI_COMMAND_STDOUT" = "<first>"`,
        dir: folder,
      };
      const updated = await plugin.update(localCommand, await plugin.create(localCommand, inputs), inputs);
      assert.equal(updated.outputs["stdout"], "<first>");
      await plugin.delete(localCommand, updated);
      const without = await plugin.update(localCommand, updated, { ...inputs, addPreviousOutputInEnv: false });
      assert.equal(without.outputs["stdout"], "<>");
    },
  },
  {
    name: "an output too long for an environment variable does not fail the next run",
    real: "fails: argument list too long",
    async run({ plugin }) {
      const inputs = { create: "head -c 200000 /dev/zero | tr '\\0' x; echo", logging: "none" };
      const made = await plugin.create(localCommand, inputs);
      assert.equal(
        (await plugin.update(localCommand, made, { ...inputs, create: "echo next" })).outputs["stdout"],
        "next",
      );
    },
  },
  {
    name: "files that the patterns choose come back as assets and as an archive",
    async run({ plugin, folder }) {
      mkdirSync(join(folder, "src/deep"), { recursive: true });
      for (const name of ["src/index.js", "src/secret.js", "src/deep/more.js", "src/readme.md"])
        writeFileSync(join(folder, name), name);
      const rules = ["src/**.js", "!**secret.*", "made"];
      const made = await plugin.create(localCommand, {
        create: "echo new >made",
        dir: folder,
        assetPaths: rules,
        archivePaths: rules,
      });
      const assets = made.outputs["assets"] as Properties;
      assert.deepEqual(Object.keys(assets).sort(), ["made", "src/deep/more.js", "src/index.js"]);
      assert.ok(Object.values(assets).every(isAsset));
      assert.ok(isArchive(made.outputs["archive"]));
      assert.deepEqual(Object.keys((made.outputs["archive"] as Archive).assets!).sort(), Object.keys(assets).sort());
    },
  },
  {
    name: "the function local.run runs a command and answers its outputs",
    async run({ plugin, folder }) {
      const outputs = await plugin.invoke("command:local:run", {
        command: "echo ran; echo $X >&2",
        environment: { X: "y" },
        dir: folder,
      });
      assert.deepEqual([outputs["stdout"], outputs["stderr"]], ["ran", "y"]);
      assert.match(await failureOf(plugin.invoke("command:local:run", { command: "exit 5" })), /exit status 5/);
    },
  },
  {
    name: "the schema has the three resources with a secret connection and triggers that replace",
    async run({ plugin }) {
      const { resources } = await plugin.schema();
      for (const token of ["command:remote:Command", "command:remote:CopyToRemote"])
        assert.equal(resources[token].inputProperties.connection.secret, true);
      for (const token of ["command:local:Command", "command:remote:Command", "command:remote:CopyToRemote"])
        assert.equal(resources[token].inputProperties.triggers.replaceOnChanges, true);
    },
  },
];
