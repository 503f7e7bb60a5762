/** What takes long says so with its time; what an operator added to a unit is named, or taken. */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { renderInstaller } from "../../src/installer/index.ts";
import { Sandbox, type Run } from "./sandbox.ts";

describe("the installer, while it takes long", function () {
  this.timeout(120_000);
  let box: Sandbox;
  let script: string;
  let args: string[];
  const good = (run: Run): Run => (assert.equal(run.code, 0, run.stderr), run);
  /** A program that takes some seconds when its words fit. */
  const slow = (program: string, when: string, seconds: number, usual = `exec /usr/bin/${program} "$@"\n`) =>
    writeFileSync(
      join(box.folder, "path", program),
      `#!/bin/sh\ncase "$*" in ${when}) /bin/sleep ${seconds} ;; esac\n${usual}`,
      { mode: 0o755 },
    );
  const systemctl = () => readFileSync(join(box.folder, "path/systemctl"), "utf8").replace("#!/bin/sh\n", "");

  beforeEach(async () => {
    box = await new Sandbox().open();
    ({ script, args } = await box.installer());
  });
  afterEach(() => box.close());

  it("says what it is at, for how long, and is quiet otherwise", async () => {
    assert.doesNotMatch(good(await box.run(script, args)).stderr, /, for \d+ s/);
    good(await box.run(script, ["uninstall", "--remove-state"]));
    slow("unzip", "*-d*", 7);
    const began = Date.now();
    const run = good(await box.run(script, args));
    assert.match(run.stderr, /unpacked, for 2 s…[^]*unpacked, for 6 s…/);
    assert.ok(!run.stdout.includes("…"));
    // Nothing of it is waited for.
    assert.ok(Date.now() - began < 20_000);
  });

  for (const shell of ["dash", "bash"])
    it(`leaves nothing running when it is done, in ${shell}`, () => {
      const file = join(import.meta.dirname, "../../src/installer/sh/progress.sh");
      // Most of what is asked to say how long it takes takes no time at all: then it is told to end before it has begun.
      const often = "n=0; while [ $n -lt 300 ]; do during x true; n=$((n + 1)); done";
      const traps = "trap 'exit 143' TERM; trap '' HUP";
      const text = `. ${file}; ${traps}; say() { :; }; ${often}; for n in 0.5 2.2; do during x sleep $n; done; ps -o args= -s $$`;
      const { stdout, stderr } = spawnSync("setsid", ["-w", shell, "-c", text], { encoding: "utf8", timeout: 60_000 });
      assert.doesNotMatch(stdout, /sleep [0-9]/m, stdout);
      assert.match(stdout, /ps -o args=/);
      assert.equal(stderr, "");
    });

  it("says so while services stop and start, while data is backed up, and when a step fails after all", async () => {
    good(await box.run(script, args));
    writeFileSync(join(box.machine, "state/tool/data"), "x");
    const archive = await box.archive("two.zip", { version: "1.1.0" });
    const two = box.script(renderInstaller(box.product(), "server", box.subject("1.1.0"), box.layout), "two.sh");
    slow("systemctl", "stop*|restart*", 3, systemctl());
    slow("cp", "*partial/data*", 3);
    const run = good(await box.run(two, ["install", "--archive", archive.file, "--sha256", archive.sha256]));
    for (const what of ["services are being stopped", "backed up", "services are being started"])
      assert.ok(run.stderr.includes(`${what}, for 2 s…`), `${what}: ${run.stderr}`);
    slow("unzip", "*-d*", 3, "exit 9\n");
    const three = await box.archive("three.zip", { version: "1.2.0" });
    const failed = await box.run(
      box.script(renderInstaller(box.product(), "server", box.subject("1.2.0"), box.layout), "three.sh"),
      ["install", "--archive", three.file, "--sha256", three.sha256],
    );
    assert.deepEqual([failed.code, failed.stdout], [4, ""], failed.stderr);
    assert.doesNotMatch(failed.stderr, /Killed|Terminated/);
  });

  it("says after two seconds, and now and then, what a service that it waits for answers", async () => {
    box.healthy = false;
    const run = await box.run(script, [...args, "--wait", "6"]);
    assert.equal(run.code, 6);
    const said = run.stderr.match(/service toold is not healthy yet, after \d+ s of at most 6: .*answered with 503/g);
    assert.ok(said !== null && said.length >= 2, run.stderr);
  });

  it("says that it waits for another installer", async () => {
    const root = join(box.layout.roots, "tool");
    mkdirSync(root);
    const other = spawn("flock", [root, "sleep", "3"], { stdio: "ignore" });
    await new Promise((resolve) => setTimeout(resolve, 500));
    const run = good(await box.run(script, args));
    assert.match(run.stderr, /another installer is busy in .*\/opt\/tool; this one waits for it/);
    other.kill();
  });

  it("names the folder of drop-ins that a removal keeps, and takes it along with state", async () => {
    const before = box.picture();
    const dropins = join(box.layout.units, "toold.service.d");
    for (const twice of [false, true]) {
      good(await box.run(script, args));
      mkdirSync(dropins);
      writeFileSync(join(dropins, "local.conf"), "[Service]\nMemoryMax=4G\n");
      if (twice) assert.ok(good(await box.run(script, ["uninstall"])).stdout.includes(`kept=${dropins}\n`));
      box.log();
      good(await box.run(script, ["uninstall", "--remove-state"]));
      assert.deepEqual(box.picture(), before);
      if (!twice) assert.ok(box.log().includes("systemctl daemon-reload"));
    }
  });
});
