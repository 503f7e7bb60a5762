import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import fc from "fast-check";
import { environment, environmentChanges, exportLines, passphraseFile, pulumiHome, shellQuote } from "../../src/setup/environment.mjs";
import { usersEngine } from "../../src/setup/found.mjs";
import { cachePath, checkout } from "../../src/setup/places.mjs";
import * as folders from "../../src/storage/folders.ts";
import { scratch } from "./scratch.ts";

describe("the environment of commands, tests and plain pulumi", () => {
  const { path, program } = scratch();
  /** A PATH on which only the scripts of the test and the running Node are. */
  const only = (...names: string[]) => (process.env["PATH"] = [...names.map((n) => path(n)), dirname(process.execPath)].join(delimiter));
  const pulumi = (version: string) => `#!/bin/sh\necho ${version}\n`;
  beforeEach(() => (process.env["XDG_CACHE_HOME"] = path("cache")));

  it("a shell reads quoted text back as it was", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: "binary" }).map((s) => s.replaceAll("\0", "").replace(/\p{Surrogate}/gu, "")), { maxLength: 40 }), (texts) => {
        const script = texts.map((text) => `printf '%s\\0' ${shellQuote(text)}\n`).join("");
        const read = execFileSync("sh", { input: script, encoding: "utf8" });
        assert.deepEqual(read.split("\0").slice(0, -1), texts);
      }),
      { numRuns: 60, examples: [[["'", "''", "a'b", "$HOME `x` \\", "\n\n", "-n", "é ☃ 🟢", ""]]] },
    );
  });

  it("export lines set and unset what they say in a shell that had other values", () => {
    const lines = exportLines({ ONE: "it's $HOME\nand more", TWO: undefined });
    const shown = execFileSync("sh", { input: `TWO=left; ${lines}printf '%s|%s' "$ONE" "\${TWO-none}"`, encoding: "utf8" });
    assert.equal(shown, "it's $HOME\nand more|none");
  });

  it("keeps the user's keys, passphrases and backend out and its own in", () => {
    const base = { PATH: "/usr/bin:/bin", SSH_AUTH_SOCK: "/tmp/agent", PULUMI_CONFIG_PASSPHRASE: "x", PULUMI_BACKEND_URL: "file:///elsewhere", HOME: "/home/me" };
    const env = environment({ workspace: path("w"), base });
    for (const name of ["SSH_AUTH_SOCK", "PULUMI_CONFIG_PASSPHRASE", "PULUMI_BACKEND_URL"]) assert.equal(name in env, false, name);
    assert.equal(env["PULUMI_CONFIG_PASSPHRASE_FILE"], passphraseFile(path("w")));
    assert.equal(env["PULUMI_HOME"], pulumiHome());
    assert.equal(env["PULUMI_CONTINUE_ON_ERROR"], "true");
    assert.equal(env["HOME"], "/home/me");
  });

  it("puts the engine of the cache before one that is too old, and says so twice without piling up", () => {
    program("old/pulumi", pulumi("v3.100.0"));
    const own = program("cache/greenlight/engine/3.259.0/bin/pulumi", pulumi("v3.259.0"));
    only("old");
    const first = environmentChanges({ workspace: path() });
    assert.equal(first["PATH"]?.split(delimiter)[0], dirname(own));
    const second = environmentChanges({ workspace: path(), base: { PATH: first["PATH"] } });
    assert.equal(second["PATH"], first["PATH"]);
  });

  it("takes the user's engine when it is new enough and has its language host", () => {
    program("new/pulumi", pulumi("v3.300.2"));
    program("new/pulumi-language-nodejs", "#!/bin/sh\n");
    only("new");
    assert.deepEqual(usersEngine(), { tool: { file: path("new/pulumi"), version: "3.300.2", own: false }, why: "" });
    assert.equal(environmentChanges({ workspace: path() })["PATH"], process.env["PATH"]);
  });

  it("says why the user's engine is not taken", () => {
    mkdirSync(path("empty"));
    only("empty");
    assert.match(usersEngine().why, /no pulumi on PATH/);
    program("old/pulumi", pulumi("v3.258.9"));
    only("old");
    assert.match(usersEngine().why, /is 3\.258\.9, older than 3\.259\.0/);
    program("mute/pulumi", "#!/bin/sh\n");
    only("mute");
    assert.match(usersEngine().why, /does not say its version/);
    program("lonely/pulumi", pulumi("v3.259.0"));
    only("lonely");
    assert.match(usersEngine().why, /has no pulumi-language-nodejs/);
  });

  it("asks a tool again when its file has changed", () => {
    program("p/pulumi", pulumi("v3.258.0"));
    only("p");
    assert.match(usersEngine().why, /3\.258\.0/);
    assert.match(usersEngine().why, /3\.258\.0/);
    program("p/pulumi", `${pulumi("v3.257.0")}# another size\n`);
    assert.match(usersEngine().why, /3\.257\.0/);
  });

  it("agrees with the TypeScript sources about the cache and the workspace", () => {
    assert.equal(cachePath("a", "b"), folders.cachePath("a", "b"));
    delete process.env["XDG_CACHE_HOME"];
    assert.equal(cachePath("a"), folders.cachePath("a"));
    process.env["XDG_CACHE_HOME"] = "relative";
    assert.equal(cachePath("a"), folders.cachePath("a"));
    assert.equal(checkout, folders.workspaceFolder(join(checkout, "src")));
  });
});
