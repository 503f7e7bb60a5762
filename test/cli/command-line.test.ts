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

  it("shows no control character of what the engine says", async () => {
    const workspace = join(temporary.path, "workspace");
    mkdirSync(workspace);
    for (const name of ["Pulumi.yaml", "Pulumi.dev.yaml"]) writeFileSync(join(workspace, name), "name: greenlight\n");
    const bin = join(temporary.path, "bin");
    mkdirSync(bin);
    const engine = "#!/bin/sh\n[ \"$1\" = version ] && exec echo v3.300.0\nprintf 'bad \\033[31m name' >&2\nexit 1\n";
    for (const name of ["pulumi", "pulumi-language-nodejs"]) writeFileSync(join(bin, name), engine, { mode: 0o755 });
    const variables = { PULUMI_BACKEND_URL: "", PULUMI_CONFIG_PASSPHRASE_FILE: "", GREENLIGHT_WORKSPACE: workspace, PATH: [bin, process.env["PATH"]].join(delimiter), XDG_CACHE_HOME: join(temporary.path, "cache") };
    assert.deepEqual(await greenlightIn(variables, "preview"), { code: 2, text: "bad \\u001b[31m name\n" });
  });
}).timeout(60_000);
