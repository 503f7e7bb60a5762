/** Copies to a server. */
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, existsSync, writeFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { randomBytes } from "node:crypto";
import { sha256 } from "../../../src/storage/digest.ts";
import { archive, asset, copyToRemote, failureOf, type Case } from "./case.ts";

const file = (path: string, content: string | Buffer) => {
  writeFileSync(path, content);
  return asset({ path, hash: sha256(content) });
};
const text = (content: string) => asset({ text: content, hash: sha256(content) });
const read = (...path: string[]): string => readFileSync(join(...path), "utf8");

function sourceFolder(folder: string): string {
  mkdirSync(join(folder, "src/sub"), { recursive: true });
  writeFileSync(join(folder, "src/a"), "a");
  writeFileSync(join(folder, "src/sub/b"), "b");
  return join(folder, "src");
}

export const copyCases: Case[] = [
  {
    name: "a file goes to its path; missing folders are made; what was there is overwritten whole",
    async run({ plugin, connection, folder }) {
      const bytes = randomBytes(3_000_000);
      await plugin.create(copyToRemote, {
        connection: connection(),
        source: file(join(folder, "f"), bytes),
        remotePath: join(folder, "to/deep/g"),
      });
      assert.ok(readFileSync(join(folder, "to/deep/g")).equals(bytes));
      await plugin.create(copyToRemote, {
        connection: connection(),
        source: file(join(folder, "f"), "short"),
        remotePath: join(folder, "to/deep/g"),
      });
      assert.equal(read(folder, "to/deep/g"), "short");
      await plugin.create(copyToRemote, {
        connection: connection(),
        source: file(join(folder, "f"), ""),
        remotePath: join(folder, "to/deep/g"),
      });
      assert.equal(read(folder, "to/deep/g"), "");
    },
  },
  {
    name: "a file goes into a folder that is there",
    async run({ plugin, connection, folder }) {
      mkdirSync(join(folder, "to"));
      await plugin.create(copyToRemote, {
        connection: connection(),
        source: file(join(folder, "f"), "in"),
        remotePath: join(folder, "to"),
      });
      assert.equal(read(folder, "to/f"), "in");
    },
  },
  {
    name: "a text becomes a file, and cannot become a folder",
    async run({ plugin, connection, folder }) {
      await plugin.create(copyToRemote, {
        connection: connection(),
        source: text("tëxt\n"),
        remotePath: join(folder, "made/t"),
      });
      assert.equal(read(folder, "made/t"), "tëxt\n");
      assert.match(
        await failureOf(
          plugin.create(copyToRemote, { connection: connection(), source: text("x"), remotePath: folder }),
        ),
        /is a directory; when using a text asset, remotePath must be a file path/,
      );
    },
  },
  {
    name: "a folder goes below the path, one with a slash at its end into it, and neither onto a file",
    async run({ plugin, connection, folder }) {
      const source = sourceFolder(folder);
      mkdirSync(join(folder, "one"));
      await plugin.create(copyToRemote, {
        connection: connection(),
        source: archive({ path: source, hash: "1" }),
        remotePath: join(folder, "one"),
      });
      assert.equal(read(folder, "one/src/sub/b"), "b");
      mkdirSync(join(folder, "two"));
      await plugin.create(copyToRemote, {
        connection: connection(),
        source: archive({ path: `${source}/`, hash: "1" }),
        remotePath: join(folder, "two"),
      });
      assert.deepEqual([read(folder, "two/a"), read(folder, "two/sub/b")], ["a", "b"]);
      writeFileSync(join(folder, "three"), "");
      await failureOf(
        plugin.create(copyToRemote, {
          connection: connection(),
          source: archive({ path: source, hash: "1" }),
          remotePath: join(folder, "three"),
        }),
      );
    },
  },
  {
    name: "an archive that is a file is copied as the file",
    async run({ plugin, connection, folder }) {
      writeFileSync(join(folder, "x.tgz"), "not even a tar");
      await plugin.create(copyToRemote, {
        connection: connection(),
        source: archive({ path: join(folder, "x.tgz"), hash: "1" }),
        remotePath: join(folder, "y.tgz"),
      });
      assert.equal(read(folder, "y.tgz"), "not even a tar");
    },
  },
  {
    name: "an update copies again when content or path changed, and not when only the connection did",
    async run({ plugin, connection, folder }) {
      const inputs = {
        connection: connection(),
        source: file(join(folder, "f"), "first"),
        remotePath: join(folder, "g"),
      };
      const made = await plugin.create(copyToRemote, inputs);
      writeFileSync(join(folder, "g"), "touched there");
      const moved = await plugin.update(copyToRemote, made, {
        ...inputs,
        connection: connection({ dialErrorLimit: 3 }),
      });
      assert.equal(read(folder, "g"), "touched there");
      const changed = await plugin.update(copyToRemote, moved, {
        ...inputs,
        source: file(join(folder, "f"), "second"),
      });
      assert.equal(read(folder, "g"), "second");
      await plugin.update(copyToRemote, changed, {
        ...inputs,
        source: file(join(folder, "f"), "second"),
        remotePath: join(folder, "h"),
      });
      assert.equal(read(folder, "h"), "second");
    },
  },
  {
    name: "a changed trigger is an update, for the SDK to make a replacement; the same content at another path here is no change",
    async run({ plugin, connection, folder }) {
      const inputs = {
        connection: connection(),
        source: file(join(folder, "f"), "same"),
        remotePath: join(folder, "g"),
        triggers: ["vm-1"],
      };
      const made = await plugin.create(copyToRemote, inputs);
      const triggered = await plugin.diff(copyToRemote, made, { ...inputs, triggers: ["vm-2"] });
      assert.deepEqual([triggered.changes, triggered.replaces, triggered.detailed], [true, [], { "triggers[0]": 4 }]);
      assert.equal(
        (await plugin.diff(copyToRemote, made, { ...inputs, source: file(join(folder, "f2"), "same") })).changes,
        false,
      );
      assert.equal(
        (await plugin.diff(copyToRemote, made, { ...inputs, source: file(join(folder, "f2"), "other") })).changes,
        true,
      );
    },
  },
  {
    name: "a preview copies nothing, a delete leaves what was copied",
    async run({ plugin, connection, folder }) {
      const inputs = { connection: connection(), source: text("x"), remotePath: join(folder, "g") };
      await plugin.create(copyToRemote, inputs, { preview: true });
      assert.equal(existsSync(join(folder, "g")), false);
      await plugin.delete(copyToRemote, await plugin.create(copyToRemote, inputs));
      assert.ok(existsSync(join(folder, "g")));
    },
  },
  {
    name: "a source that is not there fails and leaves nothing there",
    async run({ plugin, connection, folder }) {
      const text = await failureOf(
        plugin.create(copyToRemote, {
          connection: connection(),
          source: asset({ path: join(folder, "absent"), hash: "1" }),
          remotePath: join(folder, "g"),
        }),
      );
      assert.match(text, /absent: no such file or directory/);
      assert.deepEqual(readdirSync(folder), []);
    },
  },
  {
    name: "an address and an archive of assets are refused by check",
    async run({ plugin, connection, folder }) {
      for (const source of [asset({ uri: "http://127.0.0.1/x", hash: "1" }), archive({ assets: {}, hash: "1" })]) {
        assert.ok(
          (await plugin.check(copyToRemote, { connection: connection(), source, remotePath: folder })).failures.length >
            0,
        );
      }
    },
  },
];
