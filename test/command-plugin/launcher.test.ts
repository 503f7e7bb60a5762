import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const launcher = join(import.meta.dirname, "../../src/command-plugin/pulumi-resource-command");

/** A PATH with what the launcher itself needs, and no node. */
function bareTools(folder: string): string {
  mkdirSync(join(folder, "tools"));
  for (const tool of ["dirname", "readlink"])
    symlinkSync(spawnSync("which", [tool]).stdout.toString().trim(), join(folder, "tools", tool));
  return join(folder, "tools");
}

/** The first line that the plugin prints when it is started so, or what it complains of. */
async function firstWords(program: string, env: Record<string, string>): Promise<string> {
  const child = spawn(program, [], { env, stdio: ["ignore", "pipe", "pipe"] });
  const ended = new Promise((resolve) => child.once("close", resolve));
  try {
    return await new Promise((resolve) => {
      child.stdout.once("data", (chunk: Buffer) => resolve(chunk.toString()));
      child.stderr.once("data", (chunk: Buffer) => resolve(chunk.toString()));
    });
  } finally {
    child.kill("SIGKILL");
    await ended;
  }
}

describe("command plugin: launcher", function () {
  this.timeout(10_000);
  let folder: string;
  let PATH: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "greenlight-launcher-"));
    PATH = bareTools(folder);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("starts by the node that setup chose, also through links, and prints its port first", async () => {
    symlinkSync(launcher, join(folder, "one"));
    symlinkSync("one", join(folder, "two"));
    assert.match(await firstWords(join(folder, "two"), { PATH, GREENLIGHT_NODE: process.execPath }), /^\d+\n$/);
  });
  it("finds a node on PATH, and otherwise in the cache", async () => {
    mkdirSync(join(folder, "greenlight/node/24/bin"), { recursive: true });
    symlinkSync(process.execPath, join(folder, "greenlight/node/24/bin/node"));
    assert.match(await firstWords(launcher, { PATH, XDG_CACHE_HOME: folder }), /^\d+\n$/);
    symlinkSync(process.execPath, join(PATH, "node"));
    assert.match(await firstWords(launcher, { PATH, HOME: folder }), /^\d+\n$/);
  });
  it("says what is missing where there is no node", async () => {
    assert.match(
      await firstWords(launcher, { PATH, HOME: folder }),
      /need Node 22\.18 or newer; run `npm start -- doctor`/,
    );
  });
});
