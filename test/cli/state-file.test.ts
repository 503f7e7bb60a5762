/** What lies in the state's folder is looked at before the engine sees it. */
import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { ensureStack, recoverStack, requireStack } from "../../src/cli/stack.ts";
import { withStateCopy } from "../../src/cli/state-copy.ts";
import { readState } from "../../src/cli/state-file.ts";
import { EdgeError } from "../../src/edges/edges.ts";
import { temporaryFolder } from "../candidate/tiny-candidate.ts";

describe("a stack's state", () => {
  const temporary = temporaryFolder();
  let workspace = "";
  let number = 0;
  const secret = "ciphertext-of-a-secret";
  const urn = (stack: string, project = "greenlight") =>
    `urn:pulumi:${stack}::${project}::pulumi:pulumi:Stack::${project}-${stack}`;
  const state = (more: object = {}) =>
    JSON.stringify({
      version: 3,
      checkpoint: {
        stack: "organization/greenlight/dev",
        latest: { resources: [{ urn: urn("dev"), outputs: { secret } }] },
      },
      ...more,
    });
  const folder = (...parts: string[]) => join(workspace, ".greenlight/state/.pulumi", ...parts);
  const file = (name = "dev.json") => folder("stacks/greenlight", name);
  const all = () => readdirSync(join(workspace, ".greenlight"), { recursive: true, encoding: "utf8" }).sort();

  beforeEach(() => {
    workspace = join(temporary.path, `w${number++}`);
    mkdirSync(folder("stacks/greenlight"), { recursive: true });
    writeFileSync(folder("meta.yaml"), "version: 1\n");
    writeFileSync(join(workspace, "Pulumi.dev.yaml"), "config: {}\n");
  });

  /** Every way in says the same and changes nothing. */
  async function refused(message: RegExp): Promise<void> {
    const before = all();
    const ways = [
      () => requireStack(workspace, "dev"),
      () => ensureStack(workspace, "dev"),
      () => recoverStack(workspace, "dev", () => {}),
      () => withStateCopy(workspace, "dev", async () => {}),
    ];
    for (const way of ways) {
      await assert.rejects(
        async () => way(),
        (e: Error) => {
          assert.ok(e instanceof EdgeError, e.stack);
          assert.match(e.message, message);
          assert.doesNotMatch(e.message, new RegExp(`${secret}|\\n`));
          return true;
        },
      );
    }
    assert.deepEqual(all(), before);
  }

  it("is read, plain or compressed, the newer of both, and is not there before it was made", () => {
    assert.equal(readState(workspace, "dev"), undefined);
    writeFileSync(file("dev.json.gz"), gzipSync(state()));
    assert.equal(readState(workspace, "dev")!.checkpoint.latest!.resources![0]!.urn, urn("dev"));
    rmSync(file("dev.json.gz"));
    for (const form of [0, 3, 4]) {
      writeFileSync(file(), JSON.stringify({ version: form, checkpoint: { stack: "x", latest: null } }));
      assert.equal(readState(workspace, "dev")!.version, form);
    }
    rmSync(folder(), { recursive: true });
    assert.equal(readState(workspace, "dev"), undefined);
  });

  it("that is missing with a backup is not made anew over it", async () => {
    for (const name of ["dev.json.bak", "dev.json.gz.bak"]) {
      writeFileSync(file(name), name.includes(".gz") ? gzipSync(state()) : state());
      await refused(
        new RegExp(
          `dev\\.json, is missing; its backup .*${name} is usable: put it back with \`cp -p .*${name} .*${name.slice(0, -4)}\``,
        ),
      );
      rmSync(file(name));
    }
    writeFileSync(file("dev.json.bak"), "{");
    await refused(
      /is missing; its backup .*dev\.json\.bak is cut off or damaged too, so restore it from one of your own/,
    );
  });

  it("that is missing, backup and all, is not made anew over what its updates left", async () => {
    for (const parts of [
      ["history", "greenlight", "dev", "dev-1.checkpoint.json"],
      ["backups", "greenlight", "dev", "dev.1.json"],
    ]) {
      mkdirSync(folder(...parts.slice(0, -1)), { recursive: true });
      writeFileSync(folder(...parts), state());
      await refused(
        new RegExp(
          `dev\\.json, is missing; its backup .*${parts.at(-1)} is usable: put it back with \`cp -p .* .*dev\\.json\``,
        ),
      );
      writeFileSync(file("dev.json.bak"), "{");
      await refused(new RegExp(`its backup .*${parts.at(-1)} is usable`));
      rmSync(file("dev.json.bak"));
      rmSync(folder(parts[0]!), { recursive: true });
    }
    assert.equal(readState(workspace, "dev"), undefined);
    mkdirSync(folder("history/greenlight/dev.two"), { recursive: true });
    writeFileSync(folder("history/greenlight/dev.two/dev.two-1.checkpoint.json"), state());
    assert.equal(readState(workspace, "dev"), undefined);
  });

  it("whose notes beside it were cut off is said with the command that takes them away", async () => {
    writeFileSync(file(), state());
    for (const notes of [file("dev.json.attrs"), folder("meta.yaml.attrs")]) {
      writeFileSync(notes, "{}");
      assert.notEqual(readState(workspace, "dev"), undefined);
      for (const bytes of ["", "{", "\0\0"]) {
        writeFileSync(notes, bytes);
        await refused(
          /\.attrs (?:is empty|is cut off or damaged), .*; remove it with `rm .*\.attrs`, then try again\./,
        );
      }
      rmSync(notes);
    }
  });

  const damage: [string, string | Buffer, RegExp][] = [
    ["empty", "", /dev\.json, is empty/],
    ["of blanks", " \n", /dev\.json, is empty/],
    ["of zeros, as after a power cut", Buffer.alloc(300), /is cut off or damaged/],
    ["cut by a full disk", state().slice(0, 150), /is cut off or damaged/],
    [
      "of a newer engine",
      state({ version: 5 }),
      /was written by a newer engine \(its form is 5, this engine reads up to 4\); install that engine; or its backup/,
    ],
    [
      "of an engine that knows more",
      state({ version: 4, features: ["views", "later"] }),
      /was written by a newer engine \(it needs later\); install that engine; or its backup/,
    ],
    [
      "nested as no engine nests",
      `{"version":3,"checkpoint":{"latest":{"x":${"[".repeat(100_000)}${"]".repeat(100_000)}}}}`,
      /is cut off or damaged/,
    ],
    ["something else", "[]", /is not a state of the engine/],
    ["an exported deployment", JSON.stringify({ version: 3, deployment: {} }), /is not a state of the engine/],
    ["null", "null", /is not a state of the engine/],
    [
      "another stack's",
      state({ checkpoint: { latest: { resources: [{ urn: urn("prod") }] } } }),
      /holds resources of stack prod of project greenlight/,
    ],
    [
      "another project's",
      state({ checkpoint: { latest: { resources: [{ urn: urn("dev", "shop") }] } } }),
      /holds resources of stack dev of project shop/,
    ],
  ];
  for (const [name, bytes, message] of damage) {
    it(`that is ${name} is said in one sentence, with the backup that is there, under a dead lock too`, async () => {
      writeFileSync(file(), bytes);
      mkdirSync(folder("locks/organization/greenlight/dev"), { recursive: true });
      writeFileSync(
        folder("locks/organization/greenlight/dev/one.json"),
        JSON.stringify({ pid: 2 ** 22 + 1, hostname: "x", timestamp: "2026-01-01T00:00:00Z" }),
      );
      await refused(new RegExp(`${message.source}.*there is no backup beside it`.replace("its backup.*", "")));
      writeFileSync(file("dev.json.bak"), state());
      await refused(new RegExp(`${message.source}.*dev\\.json\\.bak is usable: put it back with \`cp -p `));
    });
  }

  it("that cannot be read is said with why", async () => {
    mkdirSync(file());
    await refused(/dev\.json, cannot be read \(EISDIR\)/);
  });

  it("needs the engine's note about the whole folder", async () => {
    writeFileSync(file(), state());
    for (const [text, message] of [
      ["", /meta\.yaml is empty/],
      ["version: x", /is not what the engine writes/],
      ["version: 2\n", /was written by a newer engine \(its form is 2/],
    ] as const) {
      writeFileSync(folder("meta.yaml"), text);
      await refused(message);
    }
    rmSync(folder("meta.yaml"));
    await refused(
      /meta\.yaml is missing, and without it the engine sees no stack; write it with `printf 'version: 1\\n' > /,
    );
  });

  it("is copied for a preview without what is under way, and the copy goes", async () => {
    writeFileSync(
      file(),
      JSON.stringify({
        version: 3,
        checkpoint: { latest: { resources: [{ urn: urn("dev") }], pending_operations: [{}] } },
      }),
    );
    writeFileSync(file("prod.json"), "of another stack");
    const before = all();
    const copy = await withStateCopy(workspace, "dev", async ({ backend, settings }) => {
      const stacks = join(backend, ".pulumi/stacks/greenlight");
      assert.deepEqual(readdirSync(stacks).sort(), ["dev.json", "prod.json"]);
      assert.deepEqual(JSON.parse(readFileSync(join(stacks, "dev.json"), "utf8")).checkpoint.latest, {
        resources: [{ urn: urn("dev") }],
      });
      assert.equal(readFileSync(settings, "utf8"), "config: {}\n");
      writeFileSync(settings, "changed");
      return backend;
    });
    assert.throws(() => readdirSync(copy));
    assert.deepEqual(all(), before);
    assert.equal(readFileSync(join(workspace, "Pulumi.dev.yaml"), "utf8"), "config: {}\n");
  });

  it("of a stack whose name has a dot is found", () => {
    writeFileSync(join(workspace, "Pulumi.eu.west-1.yaml"), "config: {}\n");
    assert.equal(requireStack(workspace, "eu.west-1"), false);
    assert.throws(
      () => requireStack(workspace, "dve"),
      /There is no stack "dve" here; use one of .*; did you mean "dev"\?/,
    );
    assert.throws(() => requireStack(workspace, "../dev"), /There is no stack "\.\.\/dev" here/);
  });
});
