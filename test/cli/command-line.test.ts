/** How words of the command line are understood. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
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
    execFile(process.execPath, ["--disable-warning=ExperimentalWarning", main, ...args], { env }, (error, stdout, stderr) => resolve({ code: error ? error.code : 0, text: stdout + stderr }));
  });
}

describe("the command line", () => {
  const temporary = temporaryFolder();

  it("says its version, and leaves `candidate create` its own --version", async () => {
    const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
    for (const option of ["--version", "-V"]) assert.deepEqual(await greenlight(option), { code: 0, text: `${version}\n` });
    const { code, text } = await greenlight("candidate", "create", "-p", "nats", "--version", "9.9.9", join(temporary.path, "nothing"));
    assert.equal(code, 2);
    assert.match(text, /nothing does not exist/);
  });

  it("shows the exit codes in the help of every command", async () => {
    for (const command of [[], ["up"], ["preview"], ["destroy"], ["pack"], ["validate"], ["candidate", "create"], ["channel", "repair"]]) {
      const { code, text } = await greenlight(...command, "--help");
      assert.equal(code, 0);
      assert.match(text, /^Exit codes: 0 green .* 3 inconclusive.* 130 interrupted$/m, command.join(" "));
    }
  });

  it("takes options before the folder or after it, and lists with commas or option by option", async () => {
    const folder = join(temporary.path, "candidate");
    await tinyCandidate(folder);
    const out = ["-o", join(temporary.path, "out")];
    for (const args of [["-k", "server", folder], [folder, "-k", "server"], ["--platform", "linux-x64", "-k", "server,server", folder], ["--kind=server", folder]]) {
      const { code, text } = await greenlight("pack", ...out, ...args);
      assert.equal(code, 0, text);
      assert.match(text, /^archive_path=.*linux-x64\.zip$/m);
    }
    for (const list of [["--platform", "linux-x64,amiga"], ["--platform", "linux-x64", "--platform", "amiga"]]) {
      const { code, text } = await greenlight("pack", ...out, ...list, folder);
      assert.equal(code, 2);
      assert.match(text, /amiga/);
    }
  });

  it("asks what was meant", async () => {
    assert.match((await greenlight("preveiw")).text, /did you mean "preview"\?/);
    assert.match((await greenlight("pack", "--plaform", "x")).text, /Did you mean --platform\?/);
    assert.match((await greenlight("up", "--stack", "dve")).text, /did you mean "dev"\?/);
  });

  it("shows no control character of a word that it refuses", async () => {
    for (const args of [["\u001b[31mup"], ["up", "--\u001b[31m"], ["up", "-s", "\u001b[31m"], ["pack", "\u001b[31m"], ["up", "x\u001b[31m"]]) {
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
    return { PULUMI_BACKEND_URL: "", PULUMI_CONFIG_PASSPHRASE_FILE: "", GREENLIGHT_WORKSPACE: workspace, PATH, XDG_CACHE_HOME: join(workspace, "cache") };
  }

  it("shows no control character of what the engine says", async () => {
    const variables = standIn("bad", "printf 'bad \\033[31m name' >&2; exit 1");
    assert.deepEqual(await greenlightIn(variables, "preview"), { code: 2, text: "bad \\u001b[31m name\n" });
  });

  it("names TMPDIR when no temporary file can be made there", async () => {
    const variables = { ...standIn("temporary", "exit 1"), TMPDIR: "/nonexistent" };
    const sentence = "TMPDIR is /nonexistent, in which no file can be made (ENOENT); set it to a folder that can be written into, or unset it.\n";
    for (const command of ["up", "preview", "destroy"]) assert.deepEqual(await greenlightIn(variables, command), { code: 2, text: sentence }, command);
  });

  it("says which settings an update keeps, and of an engine that was killed that nothing is known: exit code 3, no word of red cells", async () => {
    const config = { "greenlight:channel": { value: "dev" }, "greenlight:product": { value: "nats" }, "greenlight:candidate": { value: "x" } };
    const variables = standIn("killed", `case "$2" in config) [ "$3" = set ] || echo '${JSON.stringify(config)}';; up) kill -9 $$;; esac`);
    const { code, text } = await greenlightIn({ ...variables, PULUMI_OPTION_TARGET: "x" }, "up", "--candidate", "/c", "--product", "nats");
    assert.equal(code, 3, text);
    assert.match(text, /^Not passed on to the engine: PULUMI_OPTION_TARGET; .*$/m);
    assert.match(text, /^Stack dev has a new setting, which later updates keep: greenlight:candidate is \/c\.$/m);
    assert.doesNotMatch(text, /greenlight:product|red|rerun/);
    assert.match(text, /^The engine was killed from outside \(SIGKILL, .*\), so nothing is known of what it was at; `npm start -- up --stack dev` goes on\.$/m);
  });
}).timeout(60_000);
