/** Several installations of a product whose folders of commands differ: each has a block of its own in the profile. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { renderInstaller } from "../../src/installer/index.ts";
import { Sandbox, type Run } from "./sandbox.ts";

describe("the block in the profile, of installations with folders of their own", function () {
  this.timeout(30_000);
  let box: Sandbox;
  let script: string;
  let archive: { file: string; sha256: string };
  const at = (...path: string[]) => join(box.machine, ...path);
  const good = (run: Run) => assert.equal(run.code, 0, run.stderr);
  const file = () => join(box.home, ".profile");
  const profile = () => readFileSync(file(), "utf8");
  const root = (name: string) => ["--install-root", at("roots", name)];
  const install = (name: string) =>
    box.run(script, [
      "install",
      "--archive",
      archive.file,
      "--sha256",
      archive.sha256,
      ...root(name),
      "--state-root",
      at("states", name),
      "--config",
      at("configs", name, "c"),
      "--no-service",
      "--command-root",
      at("cmd", name),
    ]);
  const uninstall = (name: string) => box.run(script, ["uninstall", "--remove-state", ...root(name)]);
  /** What a login shell has on its PATH. */
  const path = () =>
    execFileSync("dash", ["-c", '. "$1"; . "$1"; printf "%s" "$PATH"', "sh", file()], {
      encoding: "utf8",
      env: { PATH: "/usr/bin:/bin" },
    });
  const names = ["it's one", "two"] as const;
  const [one, two] = names;

  beforeEach(async () => {
    box = await new Sandbox().open();
    box.set("uid", "1000\n");
    script = box.script(renderInstaller(box.product(), "server", box.subject(), box.layout));
    archive = await box.archive("tool.zip");
  });
  afterEach(() => box.close());

  it("brings both onto PATH, stays when either is installed again, and goes with its own", async () => {
    writeFileSync(file(), "export MINE=1\n\n\n");
    for (const name of names) good(await install(name));
    assert.equal(path(), `${at("cmd", two)}:${at("cmd", one)}:/usr/bin:/bin`);
    const text = profile();
    assert.equal(text.split("# >>> Tool CLI >>>").length, 3);
    for (const name of [...names, ...names]) {
      const run = await install(name);
      assert.deepEqual([run.code, run.keys["changed"]], [0, "no"], run.stderr);
    }
    assert.equal(profile(), text);
    good(await uninstall(one));
    assert.equal(path(), `${at("cmd", two)}:/usr/bin:/bin`);
    assert.equal((await install(two)).keys["changed"], "no");
    good(await install(one));
    assert.equal(path(), `${at("cmd", one)}:${at("cmd", two)}:/usr/bin:/bin`);
    good(await uninstall(two));
    assert.equal(path(), `${at("cmd", one)}:/usr/bin:/bin`);
    good(await uninstall(one));
    assert.equal(profile(), "export MINE=1\n\n\n");
  });

  it("goes although the profile is nothing but blocks", async () => {
    for (const name of names) good(await install(name));
    good(await uninstall(one));
    good(await uninstall(two));
    assert.ok(!existsSync(file()));
  });

  it("without its end takes no later block along", async () => {
    good(await install(one));
    const text = `# >>> Tool CLI >>>\nexport MINE=1\n${profile()}`;
    writeFileSync(file(), text);
    for (const run of [await install(two), await uninstall(one)]) {
      assert.equal(run.code, 5);
      assert.match(run.stderr, /without '# <<< Tool CLI <<<'/);
      assert.equal(profile(), text);
    }
  });

  it("takes the place of one whose commands lead nowhere any more", async () => {
    for (const name of names) good(await install(name));
    execFileSync("rm", ["-r", at("roots", one)]);
    good(await install(two));
    assert.equal(path(), `${at("cmd", two)}:/usr/bin:/bin`);
    assert.equal(profile().split("# >>> Tool CLI >>>").length, 2);
    assert.equal((await install(two)).keys["changed"], "no");
  });
});
