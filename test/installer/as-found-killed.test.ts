/** What an operator disabled or stopped is told from what a run did that was killed on its way. */
import assert from "node:assert/strict";
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { renderInstaller } from "../../src/installer/index.ts";
import { Killer } from "./killer.ts";
import { Sandbox, type Run } from "./sandbox.ts";

describe("a service that an operator left as it is, when runs are killed", function () {
  this.timeout(600_000);
  let box: Sandbox;
  let one: { script: string; args: string[] };
  let two: typeof one;
  const link = () => join(box.layout.units, "multi-user.target.wants/toold.service");
  const active = () => join(box.books, "active.toold");
  const release = async (version: string) => {
    const archive = await box.archive(`${version}.zip`, { version });
    const product = box.product({ description: `Tool ${version}` });
    const script = box.script(renderInstaller(product, "server", box.subject(version), box.layout), `${version}.sh`);
    return { script, args: ["install", "--archive", archive.file, "--sha256", archive.sha256, "--wait", "1"] };
  };
  const good = (run: Run): Run => (assert.equal(run.code, 0, run.stderr), run);
  const leave = { disabled: () => rmSync(link()), stopped: () => rmSync(active()) };

  beforeEach(async () => {
    box = await new Sandbox().open();
    [one, two] = [await release("1.0.0"), await release("1.1.0")];
    good(await box.run(one.script, one.args));
  });
  afterEach(() => box.close());

  it("stays what it was, and is told from one that the run stopped", async () => {
    const killer = new Killer(box);
    let upgrades = 0;
    for (const how of [undefined, "disabled", "stopped"] as const) {
      for (let step = 1; ; step += 11) {
        if (how !== undefined) leave[how]();
        const { killed } = await killer.run(two.script, two.args, `after ${step}`);
        good(await box.run(two.script, two.args));
        assert.deepEqual([!existsSync(link()), !existsSync(active())], [how === "disabled", how === "stopped"]);
        upgrades += 1;
        good(await box.run(two.script, ["uninstall", "--remove-state"]));
        good(await box.run(one.script, one.args));
        if (!killed) break;
      }
    }
    assert.ok(upgrades > 9, String(upgrades));
  });

  it("is told from one that the removal disabled", async () => {
    const killer = new Killer(box);
    for (let step = 1; ; step += 3) {
      const { killed } = await killer.run(one.script, ["uninstall"], `after ${step}`);
      if (!killed) break;
      good(await box.run(one.script, one.args));
      assert.ok(existsSync(link()) && existsSync(active()), String(step));
    }
  });
});
