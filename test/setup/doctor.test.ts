import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { diagnose, doctor } from "../../src/setup/doctor.mjs";
import { onPath, checkout } from "../../src/setup/places.mjs";
import { needOf } from "../../src/setup/need.mjs";
import { scratch } from "./scratch.ts";

const start = join(checkout, "src", "setup", "start.mjs");

describe("greenlight doctor, env and help", () => {
  const { path, program } = scratch();
  beforeEach(() => {
    process.env["XDG_CACHE_HOME"] = path("cache");
    mkdirSync(path("bin"));
    process.env["PATH"] = path("bin");
  });

  it("names every part that is missing with its remedy, and is red", async () => {
    const lines: string[] = [];
    assert.equal(await doctor({ workspace: path("w"), out: { write: (text) => lines.push(text) } }), 4);
    const text = lines.join("");
    assert.match(text, /✗ npm +missing; it comes with Node/);
    assert.match(text, /✗ Pulumi engine +no pulumi on PATH; .*or install Pulumi 3\.259\.0/);
    assert.match(text, /✗ machine image/);
    assert.match(text, /✗ workspace/);
    assert.match(text, /– Go +missing/, "needed only to build the engine, so it does not count");
    assert.match(text, /\d of \d+ missing\.\n$/);
  });

  it("is red for one missing part and says version and place of those that are there", async () => {
    program("bin/pulumi", "#!/bin/sh\necho v3.259.4\n");
    program("bin/pulumi-language-nodejs", "#!/bin/sh\n");
    const find = async () => (await diagnose({ workspace: path("w") })).find((d) => d.part === "Pulumi engine");
    assert.equal((await find())?.found, `3.259.4, ${path("bin", "pulumi")}`);
    program("bin/pulumi", "#!/bin/sh\necho v3.100.0\n");
    assert.match((await find())?.missing ?? "", /is 3\.100\.0, older than 3\.259\.0/);
  });

  it("changes nothing but its own memory of versions", async () => {
    await diagnose({ workspace: path("w") });
    assert.deepEqual(
      readdirSync(path()).filter((name) => name !== "cache"),
      ["bin"],
    );
  });

  it("doctor and env work on an old Node, where nothing is set up", function () {
    this.timeout(30_000);
    const old = oldNode();
    if (!old) this.skip();
    symlinkSync(old, path("bin", "node"));
    const run = (...args: string[]) =>
      spawnSync(old, [start, ...args], {
        encoding: "utf8",
        env: { PATH: path("bin"), HOME: path(), XDG_CACHE_HOME: path("cache"), GREENLIGHT_WORKSPACE: path("w") },
      });
    const diagnosed = run("doctor");
    assert.equal(diagnosed.status, 4, diagnosed.stderr);
    assert.match(diagnosed.stdout, /✗ Node +v[\d.]+ does not run TypeScript/);
    const env = run("env");
    assert.equal(env.status, 0, env.stderr);
    assert.match(env.stdout, new RegExp(`^export PATH='${path("bin")}'$`, "m"));
    assert.match(env.stdout, /^unset GREENLIGHT_NODE$/m);
  });

  it("a command that needs the sources alone says what it has to say and no more, keeps compiled code, and ends with its own code", function () {
    this.timeout(30_000);
    const env = { PATH: path("bin"), HOME: path(), XDG_CACHE_HOME: path("cache"), GREENLIGHT_WORKSPACE: path("w") };
    const run = (...args: string[]) => spawnSync(process.execPath, [start, ...args], { encoding: "utf8", env });
    const absent = run("validate", path("absent.zip"));
    assert.equal(absent.status, 2, absent.stderr);
    assert.match(absent.stdout, /absent\.zip: 1 finding\n.*does not exist/);
    assert.equal(absent.stderr, "");
    assert.ok(readdirSync(path("cache", "greenlight", "compiled")).length > 0);
    assert.equal(run("validate", "--rules").status, 0);
    assert.match(run("nosuch").stderr, /^There is no command "nosuch"/);
  });

  it("knows how much each command needs", () => {
    assert.deepEqual(
      [["--help"], ["up", "--help"], ["help", "up"]].map((args) => needOf(args)),
      ["sources", "sources", "sources"],
    );
    assert.equal(needOf(["channel", "repair"]), "sources");
    assert.deepEqual(
      [["destroy"], ["--stack", "destroy"]].map((args) => needOf(args)),
      ["engine", "machines"],
    );
    assert.deepEqual(
      [[], ["up"], ["rerun", "x"]].map((args) => needOf(args)),
      ["machines", "machines", "machines"],
    );
    // What is not there, and what only reads files, needs neither an engine nor machines to be got first.
    for (const args of [["prevew"], ["toString"], ["record"], ["controls"], ["doctor", "--json"], ["setup", "--force"]])
      assert.equal(needOf(args), "sources", args[0]);
  });
});

/** A Node on the system that is too old for TypeScript, if there is one. */
function oldNode(): string | undefined {
  return ["/usr/bin", "/usr/local/bin"]
    .map((folder) => onPath("node", { path: folder }))
    .find((file) => file && /^v(18|20)\./.test(spawnSync(file, ["--version"], { encoding: "utf8" }).stdout));
}
