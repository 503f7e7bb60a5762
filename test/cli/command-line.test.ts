/** How words of the command line are understood. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { temporaryFolder, tinyCandidate } from "../candidate/tiny-candidate.ts";

const root = join(import.meta.dirname, "../..");

function greenlight(...args: string[]): Promise<{ code: unknown; text: string }> {
  return greenlightIn({}, ...args);
}

function greenlightIn(variables: NodeJS.ProcessEnv, ...args: string[]): Promise<{ code: unknown; text: string }> {
  const env = { ...process.env, ...variables };
  const main = join(root, "src/cli/main.ts");
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ["--disable-warning=ExperimentalWarning", main, ...args],
      { env },
      (error, stdout, stderr) => resolve({ code: error ? error.code : 0, text: stdout + stderr }),
    );
  });
}

describe("the command line", () => {
  const temporary = temporaryFolder();

  it("says its version, and leaves `candidate create` its own --version", async () => {
    const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
    for (const option of ["--version", "-V"])
      assert.deepEqual(await greenlight(option), { code: 0, text: `${version}\n` });
    const { code, text } = await greenlight(
      "candidate",
      "create",
      "-p",
      "nats",
      "--version",
      "9.9.9",
      join(temporary.path, "nothing"),
    );
    assert.equal(code, 2);
    assert.match(text, /nothing does not exist/);
  });

  it("shows the exit codes in the help of every command", async () => {
    for (const command of [
      [],
      ["up"],
      ["preview"],
      ["destroy"],
      ["pack"],
      ["validate"],
      ["candidate", "create"],
      ["channel", "repair"],
    ]) {
      const { code, text } = await greenlight(...command, "--help");
      assert.equal(code, 0);
      assert.match(text, /^Exit codes: 0 green .* 3 inconclusive.* 130 interrupted$/m, command.join(" "));
    }
  });

  it("takes options before the folder or after it, and lists with commas or option by option", async () => {
    const folder = join(temporary.path, "candidate");
    await tinyCandidate(folder);
    const out = ["-o", join(temporary.path, "out")];
    for (const args of [
      ["-k", "server", folder],
      [folder, "-k", "server"],
      ["--platform", "linux-x64", "-k", "server,server", folder],
      ["--kind=server", folder],
    ]) {
      const { code, text } = await greenlight("pack", ...out, ...args);
      assert.equal(code, 0, text);
      assert.match(text, /^archive_path=.*linux-x64\.zip$/m);
    }
    for (const list of [
      ["--platform", "linux-x64,amiga"],
      ["--platform", "linux-x64", "--platform", "amiga"],
    ]) {
      const { code, text } = await greenlight("pack", ...out, ...list, folder);
      assert.equal(code, 2);
      assert.match(text, /amiga/);
    }
  });

  it("asks what was meant", async () => {
    assert.match((await greenlight("preveiw")).text, /did you mean "preview"\?/);
    assert.match((await greenlight("pack", "--plaform", "x")).text, /Did you mean --platform\?/);
    assert.match((await greenlight("up", "--stack", "dve")).text, /did you mean "dev"\?/);
    assert.match(
      (await greenlight("controls", "-p", "nast")).text,
      /use one of nats, palyra, or add src\/products\/nast\.ts; did you mean "nats"\?\n/,
    );
    assert.match((await greenlight("help", "pakc")).text, /^There is no command "pakc"; .* did you mean "pack"\?\n$/);
    const folder = join(temporary.path, "meant");
    await tinyCandidate(folder);
    assert.match(
      (await greenlight("pack", folder, "--platform", "linx-x64")).text,
      /use linux-x64.*; did you mean "linux-x64"\?\n/,
    );
    assert.match((await greenlight("pack", folder, "-k", "sever")).text, /use server; did you mean "server"\?\n/);
  });

  it("takes no empty word for a folder or a name: a variable that is not set is not the current folder", async () => {
    const variables = standIn("empty", "exit 1");
    for (const args of [
      ["up", "--candidate", ""],
      ["preview", "-c", ""],
      ["up", "--stack", ""],
      ["pack", "x", "-o", ""],
      ["pack", ""],
      ["candidate", "create", "-p", "nats", ""],
      ["candidate", "check", ""],
      ["validate", ""],
      ["rerun", ""],
      ["channel", "repair", ""],
    ]) {
      const { code, text } = await greenlightIn(variables, ...args);
      assert.equal(code, 2, text);
      assert.match(text, /It is empty; give a name, or leave it out\./, args.join(" "));
    }
  });

  it("shows no control character of a word that it refuses", async () => {
    for (const args of [
      ["\u001b[31mup"],
      ["up", "--\u001b[31m"],
      ["up", "-s", "\u001b[31m"],
      ["pack", "\u001b[31m"],
      ["up", "x\u001b[31m"],
    ]) {
      const { code, text } = await greenlight(...args);
      assert.equal(code, 2);
      assert.equal(text.includes("\u001b"), false, JSON.stringify(text));
    }
  });

  /** A workspace with an engine that does what the script says, as variables. */
  function standIn(name: string, script: string): NodeJS.ProcessEnv {
    const workspace = join(temporary.path, name);
    const bin = join(workspace, "bin");
    mkdirSync(bin, { recursive: true });
    for (const file of ["Pulumi.yaml", "Pulumi.dev.yaml"]) writeFileSync(join(workspace, file), "name: greenlight\n");
    const engine = `#!/bin/sh\n[ "$1" = version ] && exec echo v3.300.0\n${script}\n`;
    for (const file of ["pulumi", "pulumi-language-nodejs"]) writeFileSync(join(bin, file), engine, { mode: 0o755 });
    const PATH = [bin, process.env["PATH"]].join(delimiter);
    return {
      PULUMI_BACKEND_URL: "",
      PULUMI_CONFIG_PASSPHRASE_FILE: "",
      GREENLIGHT_WORKSPACE: workspace,
      PATH,
      XDG_CACHE_HOME: join(workspace, "cache"),
    };
  }

  it("shows no control character of what the engine says", async () => {
    const variables = standIn("bad", "printf 'bad \\033[31m name' >&2; exit 1");
    assert.deepEqual(await greenlightIn(variables, "preview"), { code: 2, text: "bad \\u001b[31m name\n" });
  });

  it("names TMPDIR when no temporary file can be made there", async () => {
    const variables = { ...standIn("temporary", "exit 1"), TMPDIR: "/nonexistent" };
    const sentence =
      "TMPDIR is /nonexistent, in which no file can be made (ENOENT); set it to a folder that can be written into, or unset it.\n";
    for (const command of ["up", "preview", "destroy"])
      assert.deepEqual(await greenlightIn(variables, command), { code: 2, text: sentence }, command);
  });

  it("says which settings an update keeps, and of an engine that was killed that nothing is known: exit code 3, no word of red cells", async () => {
    const folder = join(temporary.path, "released");
    await tinyCandidate(folder);
    const config = {
      "greenlight:channel": { value: "dev" },
      "greenlight:product": { value: "nats" },
      "greenlight:candidate": { value: "x" },
    };
    const variables = standIn(
      "killed",
      `case "$2" in config) [ "$3" = set ] || echo '${JSON.stringify(config)}';; up) kill -9 $$;; esac`,
    );
    const { code, text } = await greenlightIn(
      { ...variables, PULUMI_OPTION_TARGET: "x" },
      "up",
      "--candidate",
      folder,
      "--product",
      "nats",
    );
    assert.equal(code, 3, text);
    assert.match(text, /^Not passed on to the engine: PULUMI_OPTION_TARGET; .*$/m);
    assert.match(
      text,
      /^Stack dev has a new setting, which later updates keep: greenlight:candidate is .*released\.$/m,
    );
    assert.doesNotMatch(text, /greenlight:product|red|rerun/);
    assert.match(
      text,
      /^The engine was killed from outside \(SIGKILL, .*\), so nothing is known of what it was at; `npm start -- up --stack dev` goes on\.$/m,
    );
  });

  it("is interrupted wherever the engine is asked for something, and when its terminal goes", async () => {
    for (const [name, when, signal] of [
      ["early", "config", "INT"],
      ["late", "up", "INT"],
      ["gone", "up", "HUP"],
    ] as const) {
      const config = {
        "greenlight:channel": { value: "dev" },
        "greenlight:promoteFrom": { value: "" },
        "greenlight:product": { value: "nats" },
      };
      const variables = standIn(
        name,
        `case "$2" in ${when}) kill -${signal} $PPID; exec sleep 20;; config) echo '${JSON.stringify(config)}';; esac`,
      );
      const { code, text } = await greenlightIn(variables, "up");
      assert.equal(code, 130, `${name}: ${text}`);
      assert.match(text, /^Interrupted; /m);
      assert.doesNotMatch(text, /failed|killed/);
    }
  });

  it("changes no setting for an update whose candidate is none, or that takes none", async () => {
    const config = { "greenlight:product": { value: "nats" }, "greenlight:promoteFrom": { value: "dev" } };
    const engine = (more: object) =>
      `case "$2 $3" in "config set") touch was-set;; config*) echo '${JSON.stringify({ ...config, ...more })}';; esac`;
    const slip = standIn("slip", engine({ "greenlight:promoteFrom": { value: "" } }));
    const missing = await greenlightIn(slip, "up", "--candidate", "/nowhere", "--product", "palyra", "--keep-red");
    assert.deepEqual([missing.code, missing.text.split(";")[0]], [2, "/nowhere/candidate.json does not exist"]);
    const promoting = standIn("promoting", engine({}));
    writeFileSync(
      join(promoting["GREENLIGHT_WORKSPACE"]!, "Pulumi.dev.yaml"),
      "config:\n  greenlight:promoteFrom: dev\n",
    );
    for (const command of ["up", "preview"]) {
      const { code, text } = await greenlightIn(promoting, command, "--candidate", "/nowhere");
      assert.equal(code, 2, text);
      assert.match(
        text,
        /^Stack dev promotes what stack dev released and takes no candidate; leave out --candidate, or name another stack with --stack\.$/m,
      );
    }
    for (const { GREENLIGHT_WORKSPACE: workspace } of [slip, promoting])
      assert.equal(existsSync(join(workspace!, "was-set")), false);
  });
}).timeout(60_000);
