/** What an operator disabled or stopped stays so, through deploy, upgrade and rollback, and is said. */
import assert from "node:assert/strict";
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { renderInstaller } from "../../src/installer/index.ts";
import { Sandbox, type Run } from "./sandbox.ts";

describe("a service that an operator disabled or stopped", function () {
  this.timeout(60_000);
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
  const stays = { disabled: () => !existsSync(link()), stopped: () => !existsSync(active()) };
  const other = { disabled: active, stopped: link };

  beforeEach(async () => {
    box = await new Sandbox().open();
    [one, two] = [await release("1.0.0"), await release("1.1.0")];
    good(await box.run(one.script, one.args));
  });
  afterEach(() => box.close());

  for (const how of ["disabled", "stopped"] as const) {
    const said = new RegExp(`service toold was ${how} and stays so`);
    it(`stays ${how} when the same release is installed again, an upgrade and the way back, and each says so`, async () => {
      leave[how]();
      for (const [{ script, args }, changed] of [
        [one, "no"],
        [two, "yes"],
        [{ script: two.script, args: ["rollback"] }, "yes"],
        [two, "yes"],
        [two, "no"],
      ] as const) {
        const run = good(await box.run(script, [...args]));
        assert.equal(run.keys["changed"], changed, run.stderr);
        assert.match(run.stderr, said);
        assert.ok(stays[how]() && existsSync(other[how]()));
        for (const left of ["transition", "restart-needed", "services-as-found"])
          assert.ok(!existsSync(join(box.layout.roots, "tool", left)));
      }
    });
  }

  it("is not asked for its health while it is stopped, and runs again once it is started", async () => {
    leave.stopped();
    box.healthy = false;
    good(await box.run(two.script, two.args));
    const status = await box.run(two.script, ["status"]);
    assert.equal(status.code, 6);
    assert.match(status.stderr, /systemctl start toold/);
    box.healthy = true;
    box.set("active.toold");
    assert.equal((await box.run(two.script, ["status"])).code, 0);
    assert.doesNotMatch(good(await box.run(two.script, two.args)).stderr, /stays so/);
  });

  it("is told from one that failed: that is started", async () => {
    leave.stopped();
    box.set("state", "failed");
    good(await box.run(one.script, one.args));
    assert.ok(existsSync(active()));
  });
});
