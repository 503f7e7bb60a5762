/** Whatever was killed, at whichever step: `uninstall --remove-state` that comes next takes all of it away. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { renderInstaller } from "../../src/installer/index.ts";
import { Killer } from "./killer.ts";
import { Sandbox, type Run } from "./sandbox.ts";

const full = process.env["GREENLIGHT_TEST_FULL"] !== undefined;
const moments = full ? ["before", "after"] : ["before"];

describe("the installer, uninstalled after a kill", function () {
  this.timeout(full ? 1_800_000 : 600_000);
  let box: Sandbox;
  let killer: Killer;
  let before: string[];
  const at = (...path: string[]) => join(box.machine, ...path);
  const good = (run: Run, what?: string) => assert.equal(run.code, 0, `${what ?? ""} ${run.stderr}`);
  const release = async (version: string, bad = false) => {
    const archive = await box.archive(`${version}.zip`, { version });
    const product = box.product({
      secrets: [{ name: "KEY", bytes: 32, encoding: "hex" }],
      ...(bad && { health: { url: `http://127.0.0.1:${box.port}/bad`, json: [] } }),
    });
    const script = box.script(renderInstaller(product, "server", box.subject(version), box.layout), `${version}.sh`);
    return {
      script,
      args: [
        "install",
        "--archive",
        archive.file,
        "--sha256",
        archive.sha256,
        "--command-root",
        join(box.home, "commands"),
        "--wait",
        bad ? "0" : "5",
      ],
    };
  };
  /** Kills at steps from the `first` on, `stride` apart (in the full run from the very first, closer), until a run ends before; `look` makes one from the beginning. */
  const each = async (first: number, stride: number, look: (kill: string) => Promise<boolean>) => {
    let count = 0;
    for (const moment of moments)
      for (let n = full ? 1 + (first % 4) : first; await look(`${moment} ${n}`); n += full ? 4 : stride) count += 1;
    console.log(`        killed ${count} times`);
    assert.ok(count > 2);
  };
  const nothingIsLeft = (kill: string) => {
    assert.deepEqual(box.picture(), before, kill);
    const users = join(box.books, "users");
    assert.equal(existsSync(users) ? readFileSync(users, "utf8") : "", "", kill);
  };

  beforeEach(async () => {
    box = await new Sandbox().open();
    killer = new Killer(box);
    before = box.picture();
  });
  afterEach(() => box.close());

  for (const there of [false, true]) {
    it(`of a first install${there ? ", beside a profile and configuration that were there" : ""}`, async () => {
      if (there) {
        box.write("home/.profile", "mine\n");
        box.write("etc/tool/theirs", "of another program");
        before = box.picture();
      }
      const { script, args } = await release("1.0.0");
      await each(1, 7, async (kill) => {
        const { killed } = await killer.run(script, args, kill);
        good(await box.run(script, ["uninstall", "--remove-state"]), kill);
        nothingIsLeft(kill);
        return killed;
      });
    });
  }

  it("of a rollback", async () => {
    const old = await release("1.0.0");
    const next = await release("1.1.0");
    await each(8, 5, async (kill) => {
      good(await box.run(old.script, old.args));
      good(await box.run(next.script, next.args));
      const { killed } = await killer.run(next.script, ["rollback"], kill);
      good(await box.run(next.script, ["uninstall", "--remove-state"]), kill);
      nothingIsLeft(kill);
      return killed;
    });
  });

  it("of an upgrade that is taken back", async () => {
    const old = await release("1.0.0");
    const bad = await release("1.1.0", true);
    await each(58, 7, async (kill) => {
      good(await box.run(old.script, old.args));
      const { killed } = await killer.run(bad.script, bad.args, kill);
      good(await box.run(old.script, ["uninstall", "--remove-state"]), kill);
      nothingIsLeft(kill);
      return killed;
    });
  });

  it("of a rollback: what it displaced is kept and named unless all is to go, and goes when it is", async () => {
    const old = await release("1.0.0");
    const next = await release("1.1.0");
    let named = 0;
    await each(16, 3, async (kill) => {
      good(await box.run(old.script, old.args));
      good(await box.run(next.script, next.args));
      box.write("state/tool/data", "written since");
      box.write("etc/tool/more/key", "made since");
      const { killed } = await killer.run(next.script, ["rollback"], kill);
      const run = await box.run(next.script, ["uninstall"]);
      good(run, kill);
      const left = box.picture().map((line) => line.split(" ")[0]!);
      assert.deepEqual(
        left.filter((path) => path.includes("greenlight-restored")),
        [],
        kill,
      );
      for (const path of left.filter((path) => path.endsWith(".greenlight-aside/"))) {
        named += 1;
        assert.match(run.stdout, new RegExp(`^kept=${at(path.slice(0, -1))}$`, "m"), kill);
      }
      // It is where it was, or in one of the folders that are named.
      assert.ok(
        left.some((path) => path.endsWith("more/key")),
        kill,
      );
      good(await box.run(next.script, ["uninstall", "--remove-state"]), kill);
      nothingIsLeft(kill);
      return killed && Number(kill.split(" ")[1]) < 30;
    });
    assert.ok(named > 0);
  });
});
