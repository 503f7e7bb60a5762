import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import fc from "fast-check";
import { shellQuoted } from "../../src/edges/shell-word.mjs";
import {
  backendOf,
  environment,
  environmentChanges,
  exportLines,
  keptFromEngine,
  ownEnvironment,
  passphraseFile,
  pulumiHome,
} from "../../src/setup/environment.mjs";
import { usersEngine } from "../../src/setup/found.mjs";
import { bareEnvironment } from "../../src/setup/passing.mjs";
import { cachePath, checkout } from "../../src/setup/places.mjs";
import * as folders from "../../src/storage/folders.ts";
import { scratch } from "./scratch.ts";

describe("the environment of commands, tests and plain pulumi", () => {
  const { path, program } = scratch();
  /** A PATH on which only the scripts of the test and the running Node are. */
  const only = (...names: string[]) =>
    (process.env["PATH"] = [...names.map((n) => path(n)), dirname(process.execPath)].join(delimiter));
  const pulumi = (version: string) => `#!/bin/sh\necho ${version}\n`;
  beforeEach(() => (process.env["XDG_CACHE_HOME"] = path("cache")));

  it("a shell reads quoted text back as it was", () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.string({ unit: "binary" }).map((s) => s.replaceAll("\0", "").replace(/\p{Surrogate}/gu, "")),
          { maxLength: 40 },
        ),
        (texts) => {
          const script = texts.map((text) => `printf '%s\\0' ${shellQuoted(text)}\n`).join("");
          const read = execFileSync("sh", { input: script, encoding: "utf8" });
          assert.deepEqual(read.split("\0").slice(0, -1), texts);
        },
      ),
      { numRuns: 60, examples: [[["'", "''", "a'b", "$HOME `x` \\", "\n\n", "-n", "é ☃ 🟢", ""]]] },
    );
  });

  it("export lines set and unset what they say in a shell that had other values", () => {
    const lines = exportLines({ ONE: "it's $HOME\nand more", TWO: undefined });
    const shown = execFileSync("sh", {
      input: `TWO=left; ${lines}printf '%s|%s' "$ONE" "\${TWO-none}"`,
      encoding: "utf8",
    });
    assert.equal(shown, "it's $HOME\nand more|none");
  });

  const steered = {
    PULUMI_OPTION_TARGET: "x",
    PULUMI_OPTION_EXPECT_NO_CHANGES: "true",
    PULUMI_DIY_BACKEND_GZIP: "true",
    PULUMI_CONFIG_PASSPHRASE: "x",
    PULUMI_BACKEND_URL: "file:///elsewhere",
    PULUMI_OF_TOMORROW: "x",
    NODE_OPTIONS: "--require x",
  };
  const passed = {
    PATH: "/usr/bin:/bin",
    HOME: "/home/me",
    TMPDIR: "/t",
    LC_ALL: "C",
    TERM: "dumb",
    AWS_PROFILE: "p",
    GREENLIGHT_X: "1",
    SSL_CERT_FILE: "/c",
  };

  it("makes the engine's environment of what is known, and nothing of what steers it", () => {
    const base = {
      ...passed,
      ...steered,
      SSH_AUTH_SOCK: "/tmp/agent",
      LD_PRELOAD: "/x.so",
      TF_LOG: "1",
      grpc_proxy: "p",
      Path: "/x",
    };
    const env = environment({ workspace: path("w"), base });
    const own = environmentChanges({ workspace: path("w"), base: {} });
    assert.deepEqual(
      Object.keys(env).filter((name) => !(name in passed) && own[name] === undefined),
      [],
    );
    const { PATH: _, ...same } = passed;
    assert.deepEqual(Object.fromEntries(Object.keys(same).map((name) => [name, env[name]])), same);
    assert.equal(env["PULUMI_BACKEND_URL"], `file://${path("w", ".greenlight", "state")}`);
    assert.equal(backendOf("/a b/50%/c#d?e"), "file:///a b/50%25/c%23d%3Fe");
    assert.equal(bareEnvironment({ ...steered, HOME: "/h" })["HOME"], "/h");
    assert.equal("PULUMI_OPTION_TARGET" in bareEnvironment(steered), false);
  });

  it("unsets in a person's shell what steers the engine, says so once, and leaves the rest alone", () => {
    const base = { ...steered, PATH: "/usr/bin", GOPROXY: "off" };
    const changes = environmentChanges({ workspace: path("w"), base });
    const { PULUMI_BACKEND_URL: __, ...unset } = steered;
    assert.deepEqual(
      Object.keys(unset).filter((name) => !(name in changes) || changes[name] !== undefined),
      [],
    );
    assert.equal(ownEnvironment({ workspace: path("w"), base })["GOPROXY"], "off");
    assert.match(
      keptFromEngine({ workspace: path("w"), base }) ?? "",
      /^Not passed on to the engine: NODE_OPTIONS, PULUMI_BACKEND_URL, PULUMI_CONFIG_PASSPHRASE, .*PULUMI_OPTION_TARGET; [^.]*\.$/,
    );
    // After that, and after `eval` of it, there is nothing left to say.
    assert.equal(
      keptFromEngine({ workspace: path("w"), base: ownEnvironment({ workspace: path("w"), base }) }),
      undefined,
    );
  });

  it("never sends what stays on this host through a proxy", () => {
    const proxied = (base: NodeJS.ProcessEnv) => environment({ workspace: path("w"), base: { PATH: "/bin", ...base } });
    const hosts = "localhost,127.0.0.1,::1";
    for (const name of ["https_proxy", "HTTP_PROXY", "ALL_PROXY"]) {
      const env = proxied({ [name]: "http://proxy:1" });
      assert.deepEqual([env[name], env["no_proxy"], env["NO_PROXY"]], ["http://proxy:1", hosts, hosts]);
    }
    const both = proxied({ https_proxy: "x", no_proxy: "a, b", NO_PROXY: "b,127.0.0.1" });
    assert.equal(both["no_proxy"], "a,b,127.0.0.1,localhost,::1");
    assert.equal("no_proxy" in proxied({}), false);
  });

  it("keeps the user's keys and passphrases out and its own in", () => {
    const base = {
      PATH: "/usr/bin:/bin",
      SSH_AUTH_SOCK: "/tmp/agent",
      PULUMI_CONFIG_PASSPHRASE: "x",
      HOME: "/home/me",
    };
    const env = environment({ workspace: path("w"), base });
    for (const name of ["SSH_AUTH_SOCK", "PULUMI_CONFIG_PASSPHRASE"]) assert.equal(name in env, false, name);
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
