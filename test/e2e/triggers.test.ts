/**
 * A changed trigger replaces a command or a copy: neither the plugin nor the engine says so, but the SDK's
 * `replaceOnChanges`. So it is asked of the real engine and the real SDK, with the command plugin that is installed.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { environment } from "../../src/setup/environment.mjs";
import { startSshd, type Sshd } from "../command-plugin/sshd.ts";
import { checkout } from "./workspace.ts";

const program = `
import { readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import { remote } from "@pulumi/command";
const { triggers, stdin, connection, log } = JSON.parse(readFileSync("given.json", "utf8"));
const commands = { create: "echo create >>" + log, update: "echo update >>" + log };
new remote.Command("remote", { ...commands, triggers, stdin, connection });
new remote.CopyToRemote("copy", { connection, triggers, source: new pulumi.asset.StringAsset("same"), remotePath: log + ".copy" });
`;

interface Step {
  op: string;
  urn: string;
}

describe("triggers, through the engine and the SDK", function () {
  this.timeout(5 * 60_000);
  const folder = mkdtempSync(join(tmpdir(), "greenlight-triggers-"));
  const log = join(folder, "log");
  let sshd: Sshd;

  function given(values: { triggers?: unknown[]; stdin?: string }): void {
    const { host, port, user, privateKey, hostKey } = sshd;
    const connection = { host, port, user, privateKey, hostKey };
    writeFileSync(join(folder, "given.json"), JSON.stringify({ ...values, connection, log }));
  }

  function pulumi(...args: string[]): string {
    const env = environment({ workspace: folder });
    const ran = spawnSync("pulumi", ["--non-interactive", ...args], {
      cwd: folder,
      env,
      encoding: "utf8",
      maxBuffer: 64e6,
    });
    assert.equal(ran.status, 0, ran.stdout + ran.stderr);
    return ran.stdout;
  }

  /** What a preview would do with each resource that does not stay as it is, by its name. */
  function planned(): Record<string, string> {
    const { steps } = JSON.parse(pulumi("preview", "--json", "--stack", "dev")) as { steps: Step[] };
    const own = steps.filter(({ op, urn }) => /::command:/.test(urn) && !/^(create|delete)-repl/.test(op));
    return Object.fromEntries(own.map(({ urn, op }) => [urn.split("::").at(-1)!, op]));
  }

  before(async () => {
    sshd = await startSshd();
    for (const [name, text] of Object.entries({
      "Pulumi.yaml":
        "name: triggers\nruntime:\n  name: nodejs\n  options:\n    typescript: false\nbackend:\n  url: file://.greenlight/state\n",
      "package.json": '{ "type": "module", "main": "index.js" }',
      "index.js": program,
    })) {
      writeFileSync(join(folder, name), text);
    }
    symlinkSync(join(checkout, "node_modules"), join(folder, "node_modules"));
    mkdirSync(join(folder, ".greenlight", "state"), { recursive: true });
    writeFileSync(join(folder, ".greenlight", "passphrase"), "test", { mode: 0o600 });
    pulumi("stack", "init", "dev");
  });
  after(async () => {
    await sshd?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it("a changed trigger replaces, another changed input updates, and what is equal stays", () => {
    given({ triggers: ["a", 1], stdin: "x" });
    pulumi("up", "--yes", "--skip-preview", "--stack", "dev");
    assert.deepEqual(planned(), {});
    given({ triggers: ["a", 1], stdin: "y" });
    assert.deepEqual(planned(), { remote: "update" });
    for (const triggers of [["a", 2], ["a"], ["a", 1, "b"], [{ deep: [1] }, 1]]) {
      given({ triggers, stdin: "x" });
      assert.deepEqual(planned(), { remote: "replace", copy: "replace" }, JSON.stringify(triggers));
    }
    given({ triggers: ["a", 2], stdin: "x" });
    writeFileSync(log, "");
    pulumi("up", "--yes", "--skip-preview", "--stack", "dev");
    // A replacement runs `create`, although there is an `update`.
    assert.deepEqual(readFileSync(log, "utf8").trim().split("\n"), ["create"]);
  });
});
