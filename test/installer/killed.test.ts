/** Killed before and after each step: there is a working version, old or new, and running again mends everything. */
import assert from "node:assert/strict";
import { chmodSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { renderInstaller } from "../../src/installer/index.ts";
import { Killer, wholeVersion } from "./killer.ts";
import { Sandbox, type Run } from "./sandbox.ts";

/**
 * After a command is before the next one but for what the shell itself writes in between: the full run looks at both, and at each
 * command; others at every third.
 */
const full = process.env["GREENLIGHT_TEST_FULL"] !== undefined;
const stride = full ? 1 : 3;
const moments = full ? ["before", "after"] : ["before"];

/** A program that sets itself up, for an installation with every step that there is. */
const settingUp = (version: string) => `#!/bin/sh
case \${1-} in
  setup) [ ! -e "$2" ] && echo 'token = "made"' >"$2" && mkdir -p "$TOOL_STATE/cli" && echo "config = $2" >"$TOOL_STATE/cli/profiles"; exit ;;
  validate) grep -q token "$2"; exit ;;
esac
echo tool ${version}
`;
const setup = {
  binary: "tool",
  args: "setup {config}/tool.toml",
  creates: "{config}/tool.toml",
  validate: "validate {config}/tool.toml",
};

describe("the installer, killed", function () {
  this.timeout(full ? 1_800_000 : 600_000);
  let box: Sandbox;
  let killer: Killer;
  let root: string;
  let minor = 0;
  const at = (...path: string[]) => join(box.machine, ...path);
  const good = (run: Run) => assert.equal(run.code, 0, run.stderr);
  const data = () => readFileSync(at("state/tool/data"), "utf8");
  /** The next version, whose unit has changed too. */
  const release = async (how: "good" | "bad" | "sets itself up" = "good") => {
    const [version, bad, sets] = [`1.${(minor += 1)}.0`, how === "bad", how === "sets itself up"];
    const archive = await box.archive(`${version}.zip`, {
      version,
      ...(sets && { programs: { tool: settingUp(version) } }),
    });
    const service = {
      description: `Tool ${version}`,
      configFiles: {},
      secrets: [{ name: "KEY", bytes: 32, encoding: "hex" as const }],
      ...(bad && { health: { url: `http://127.0.0.1:${box.port}/bad`, json: [] } }),
    };
    const product = box.product(service, sets ? { setup, commandEnvironment: { TOOL_STATE: "{state}" } } : {});
    const script = box.script(renderInstaller(product, "server", box.subject(version), box.layout), `${version}.sh`);
    return {
      version,
      script,
      args: ["install", "--archive", archive.file, "--sha256", archive.sha256, "--wait", bad ? "0" : "5"],
    };
  };
  /** Nothing is left of any attempt, and systemd has read the unit as it is. */
  const settled = (what: string) => {
    const left = box
      .picture()
      .filter((line) => /greenlight-(?!install)|transition|restart-needed|\.partial|setup-unfinished/.test(line));
    assert.deepEqual(left, [], what);
    const read = join(box.books, "units/toold");
    if (existsSync(read))
      assert.equal(readFileSync(read, "utf8"), readFileSync(at("units/toold.service"), "utf8"), what);
  };
  /** Each moment of a run from the `first` step on, until it ends before it could be killed; the full run begins at the beginning. */
  const each = async (look: (kill: string) => Promise<boolean>, first = 1) => {
    let count = 0;
    for (const moment of moments) for (let n = full ? 1 : first; await look(`${moment} ${n}`); n += stride) count += 1;
    console.log(`        killed ${count} times`);
    assert.ok(count > 10 * moments.length);
  };

  beforeEach(async () => {
    box = await new Sandbox().open();
    killer = new Killer(box);
    root = join(box.layout.roots, "tool");
    minor = 0;
    // Every start of the service is seen in its data, by the version that started.
    box.set(
      "on-start",
      `#!/bin/sh\nsed -n 's/^echo tool /started /p' '${join(box.layout.roots, "tool/current/tool")}' >>'${at("state/tool/data")}'\n`,
    );
    chmodSync(join(box.books, "on-start"), 0o755);
  });
  afterEach(() => box.close());

  it("in a first install, and in an uninstall", async () => {
    const { script, args: usual, version } = await release("sets itself up");
    box.write("profile.d/tool.sh", "mine\n");
    const commands = join(box.home, "commands");
    const args = [...usual, "--command-root", commands];
    const before = box.picture();
    await each(async (kill) => {
      const { killed } = await killer.run(script, args, kill);
      if (existsSync(join(root, "current"))) assert.equal(wholeVersion(box, commands), version, kill);
      const run = await box.run(script, args);
      assert.equal(run.code, 0, `${kill}: ${run.stderr}`);
      settled(kill);
      assert.equal(wholeVersion(box, commands), version);
      const config = at("etc/tool/tool.toml");
      assert.deepEqual(
        [
          readFileSync(config, "utf8"),
          statSync(config).mode & 0o777,
          readFileSync(at("state/tool/cli/profiles"), "utf8"),
        ],
        ['token = "made"\n', 0o600, `config = ${config}\n`],
        kill,
      );
      assert.match(readFileSync(box.profile, "utf8"), /^mine\n[^]*commands/, kill);
      assert.equal((await box.run(script, args)).keys["changed"], "no", kill);
      const uninstall = ["uninstall", "--remove-state"];
      const end = await killer.run(script, uninstall, kill);
      const again = await box.run(script, uninstall);
      assert.equal(again.code, 0, `${kill}: ${again.stderr}`);
      assert.deepEqual(box.picture(), before, kill);
      return killed || end.killed;
    });
  });

  it("in an upgrade: the backup is of the old version's data, whoever started when", async () => {
    let installed = await release();
    good(await box.run(installed.script, installed.args));
    await each(async (kill) => {
      const next = await release();
      writeFileSync(at("state/tool/data"), `of ${installed.version}\n`);
      const { killed, stderr } = await killer.run(next.script, next.args, kill);
      assert.ok([installed.version, next.version].includes(wholeVersion(box)), `${kill}: ${stderr}`);
      assert.ok(data().startsWith(`of ${installed.version}\n`), kill);
      const run = await box.run(next.script, next.args);
      assert.equal(run.code, 0, `${kill}: ${run.stderr}`);
      assert.equal(wholeVersion(box), next.version, kill);
      settled(kill);
      assert.deepEqual(readdirSync(join(root, "backups")), [run.keys["backup"]!.split("/").at(-1)], kill);
      assert.equal(readFileSync(join(run.keys["backup"]!, "data/1/data"), "utf8"), `of ${installed.version}\n`, kill);
      assert.equal((await box.run(next.script, next.args)).keys["changed"], "no", kill);
      installed = next;
      return killed;
    });
  });

  it("in an upgrade that is taken back: the old version has its data again", async () => {
    const old = await release();
    good(await box.run(old.script, old.args));
    await each(async (kill) => {
      const bad = await release("bad");
      writeFileSync(at("state/tool/data"), "of old\n");
      const { killed } = await killer.run(bad.script, bad.args, kill);
      assert.ok([old.version, bad.version].includes(wholeVersion(box)), kill);
      const run = await box.run(bad.script, bad.args);
      assert.equal(run.code, 8, `${kill}: ${run.stderr}`);
      assert.equal(wholeVersion(box), old.version, kill);
      assert.match(data(), /^of old\n(started 1\.1\.0\n)*$/, kill);
      settled(kill);
      const status = await box.run(old.script, ["status"]);
      assert.equal(status.code, 0, `${kill}: ${status.stderr}`);
      return killed;
      // Until then it is as any upgrade.
    }, 42);
  });

  it("in a rollback", async () => {
    const old = await release();
    good(await box.run(old.script, old.args));
    const next = await release();
    await each(async (kill) => {
      writeFileSync(at("state/tool/data"), "of old\n");
      good(await box.run(next.script, next.args));
      const { killed } = await killer.run(next.script, ["rollback"], kill);
      assert.ok([old.version, next.version].includes(wholeVersion(box)), kill);
      const run = await box.run(next.script, ["rollback"]);
      // One that had all but ended leaves nothing to go back to.
      assert.ok(run.code === 0 || (run.code === 7 && /no previous version/.test(run.stderr)), `${kill}: ${run.stderr}`);
      assert.equal(wholeVersion(box), old.version, kill);
      assert.match(data(), /^of old\n(started 1\.1\.0\n)*$/, kill);
      assert.equal((await box.run(old.script, old.args)).code, 0);
      settled(kill);
      return killed;
    });
  });
});
