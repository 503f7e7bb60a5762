/** What the machine's systemd has a say in before anything changes: that it runs at all, and that it has no unit of the name already. */
import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Sandbox } from "./sandbox.ts";

describe("the installer, and the machine's systemd", function () {
  this.timeout(60_000);
  let box: Sandbox;
  let script: string;
  let args: string[];
  beforeEach(async () => {
    box = await new Sandbox().open();
    ({ script, args } = await box.installer());
  });
  afterEach(() => box.close());

  for (const state of ["offline", "unknown", ""]) {
    it(`refuses a machine that systemd does not run, before anything changes (${state || "no word"})`, async () => {
      box.set("system", state);
      await box.refuses(box.run(script, args), /systemd is not the first process here[^]*nothing was changed/, 3);
      assert.deepEqual(
        box.log().filter((line) => !/is-system-running/.test(line)),
        [],
      );
    });
  }

  it("installs without services where no systemd runs", async () => {
    box.set("system", "offline");
    assert.equal((await box.run(script, [...args, "--no-service"])).code, 0);
  });

  it("installs where systemd runs and something else has failed", async () => {
    box.set("system", "degraded");
    assert.equal((await box.run(script, args)).code, 0);
  });

  it("removes all of it where no systemd runs any more, and goes back nowhere", async () => {
    const before = box.picture();
    assert.equal((await box.run(script, args)).code, 0);
    box.set("system", "offline");
    // Each of its commands fails there.
    const systemctl = join(box.folder, "path/systemctl");
    const text = readFileSync(systemctl, "utf8");
    writeFileSync(systemctl, text.replace("#!/bin/sh\n", '#!/bin/sh\n[ "$1" = is-system-running ] || exit 1\n'));
    const back = await box.run(script, ["rollback"]);
    assert.deepEqual([back.code, back.stdout], [3, ""], back.stderr);
    const status = await box.run(script, ["status"]);
    assert.equal(status.code, 6, status.stderr);
    const run = await box.run(script, ["uninstall", "--remove-state"]);
    assert.equal(run.code, 0, run.stderr);
    assert.deepEqual(box.picture(), before);
  });

  for (const [what, fragment, load] of [
    ["of the distribution", "/usr/lib/systemd/system/toold.service", "loaded"],
    ["that is made of an init script", "/run/systemd/generator.late/toold.service", "loaded"],
    ["that is an alias of another", "/usr/lib/systemd/system/other.service", "loaded"],
    ["that is broken", "/usr/lib/systemd/system/toold.service", "bad-setting"],
    ["that is masked", "/run/systemd/system/toold.service", "masked"],
  ] as const) {
    it(`refuses a unit of the name ${what}`, async () => {
      box.set("fragment.toold", fragment);
      box.set("load.toold", load);
      await box.refuses(
        box.run(script, args),
        new RegExp(`${fragment.replaceAll(".", "\\.")} .*toold\\.service.*then try again`),
      );
      assert.ok(!box.log().some((line) => /enable|stop|restart|reload/.test(line)));
    });
  }

  it("asks about no unit of its own", async () => {
    assert.equal((await box.run(script, args)).code, 0);
    box.set("fragment.toold", "/usr/lib/systemd/system/toold.service");
    box.set("load.toold", "loaded");
    assert.equal((await box.run(script, args)).keys["changed"], "no");
    assert.ok(existsSync(join(box.layout.units, "toold.service")));
  });
});
