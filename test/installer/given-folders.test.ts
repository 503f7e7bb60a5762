/** Folders that are given to an installation and were there before it: whose they are, and that they stay so. */
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { renderInstaller } from "../../src/installer/index.ts";
import { Killer } from "./killer.ts";
import { Sandbox, type Run } from "./sandbox.ts";

describe("a folder that was there", function () {
  this.timeout(30_000);
  let box: Sandbox;
  let script: string;
  let archive: { file: string; sha256: string };
  const at = (...path: string[]) => join(box.machine, ...path);
  const install = (extra: string[] = []) =>
    box.run(script, ["install", "--archive", archive.file, "--sha256", archive.sha256, ...extra]);
  const good = (run: Run) => assert.equal(run.code, 0, run.stderr);
  const owners = () => (existsSync(join(box.books, "owners")) ? readFileSync(join(box.books, "owners"), "utf8") : "");

  beforeEach(async () => {
    box = await new Sandbox().open();
    script = box.script(renderInstaller(box.product(), "server", box.subject(), box.layout));
    archive = await box.archive("tool.zip");
  });
  afterEach(() => box.close());

  for (const services of [[], ["--no-service"]]) {
    it(`and holds something is nobody's state${services.length > 0 ? " without services either" : ""}: neither given away nor removed`, async () => {
      box.write("home/Documents/thesis", "mine");
      const before = box.picture();
      const run = await install(["--state-root", join(box.home, "Documents"), ...services]);
      assert.deepEqual([run.code, run.stdout], [5, ""], run.stderr);
      assert.match(
        run.stderr,
        /Documents holds something that no installer of ours put there; give Tool an empty folder, or one of its own/,
      );
      assert.deepEqual(box.picture(), before);
      assert.equal(owners(), "");
      assert.deepEqual(box.log(), []);
    });
  }

  it("is no state where it is a file", async () => {
    box.write("home/file", "mine");
    const run = await install(["--state-root", join(box.home, "file"), "--no-service"]);
    assert.deepEqual([run.code, run.stdout], [5, ""], run.stderr);
    assert.match(run.stderr, /home\/file is no folder/);
  });

  it("and is empty, is the usual one, or is named by a record of ours is taken, also of a record that was kept", async () => {
    mkdirSync(at("empty"));
    good(await install(["--state-root", at("empty")]));
    box.write("empty/data", "precious");
    assert.equal((await install(["--state-root", at("empty")])).keys["changed"], "no");
    good(await box.run(script, ["uninstall"]));
    good(await install(["--state-root", at("empty")]));
    assert.equal(readFileSync(at("empty/data"), "utf8"), "precious");
    good(await box.run(script, ["uninstall", "--remove-state"]));
    assert.ok(!existsSync(at("empty")));
    box.write("state/tool/data", "of another installer");
    good(await install(["--state-root", at("state/tool")]));
  });

  it("or was made by a run that was killed is taken by the next one", async () => {
    const killer = new Killer(box);
    const args = ["install", "--archive", archive.file, "--sha256", archive.sha256, "--state-root", at("own")];
    let kills = 0;
    for (let n = 2; ; n += 9, kills++) {
      const { killed } = await killer.run(script, args, `before ${n}`);
      if (existsSync(at("own"))) box.write("own/data", "written by what had started");
      good(await box.run(script, args));
      good(await box.run(script, ["uninstall", "--remove-state"]));
      assert.ok(!existsSync(at("own")));
      if (!killed) break;
    }
    assert.ok(kills > 3);
  });

  it("and holds the configuration that was chosen stays as it is, by whatever it is left", async () => {
    box.write("home/Documents/thesis", "mine", 0o640);
    mkdirSync(at("home/none"), { mode: 0o751 });
    const before = box.picture();
    for (const folder of ["Documents", "none"]) {
      const mode = statSync(join(box.home, folder)).mode;
      good(await install(["--config", join(box.home, folder, "tool.conf")]));
      assert.equal((await install()).keys["changed"], "no");
      assert.equal(statSync(join(box.home, folder)).mode, mode);
      good(await box.run(script, ["uninstall", "--remove-state"]));
      assert.deepEqual(box.picture(), before);
      assert.equal(statSync(join(box.home, folder)).mode, mode);
      assert.ok(
        !owners()
          .split("\n")
          .some((line) => line.endsWith(`\t${join(box.home, folder)}`) || line.includes("thesis")),
        owners(),
      );
    }
  });
});
