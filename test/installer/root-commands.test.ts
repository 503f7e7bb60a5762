/** Root's installation is the system's: where its commands go does not depend on the PATH and HOME of the moment, and no home is written to. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { renderInstaller } from "../../src/installer/index.ts";
import { Sandbox } from "./sandbox.ts";

describe("the commands of root's installation", function () {
  this.timeout(60_000);
  let box: Sandbox;
  let script: string;
  let args: string[];
  const at = (...path: string[]) => join(box.machine, ...path);
  const homes = () => box.picture().filter((line) => /^(home|caller)\//.test(line));
  beforeEach(async () => {
    box = await new Sandbox().open();
    ({ script, args } = await box.installer());
    mkdirSync(at("caller"));
  });
  afterEach(() => box.close());

  const callers: readonly (readonly [string, () => Record<string, string>])[] = [
    ["a PATH without the system's folder", () => ({ PATH: `${join(box.folder, "path")}:/usr/bin:/bin` })],
    ["a HOME that is the caller's", () => ({ HOME: at("caller") })],
    [
      "both",
      () => ({ HOME: at("caller"), PATH: `${join(box.folder, "path")}:${at("caller/.local/bin")}:/usr/bin:/bin` }),
    ],
  ];
  for (const [what, env] of callers) {
    it(`lie in the system's folder with ${what}, and no home is touched`, async () => {
      mkdirSync(at("caller/.local/bin"), { recursive: true });
      const [before, all] = [homes(), box.picture()];
      const run = await box.run(script, args, env());
      assert.equal(run.code, 0, run.stderr);
      assert.equal(run.keys["cli_command_root"], box.layout.commands);
      assert.equal(run.keys["cli_persistence_strategy"], "existing-path");
      assert.deepEqual(homes(), before);
      assert.equal((await box.run(script, args)).keys["changed"], "no");
      assert.equal((await box.run(script, ["uninstall", "--remove-state"], env())).code, 0);
      assert.deepEqual(box.picture(), all);
    });
  }

  it("has the state of a kind without services in root's own home, whoever's HOME was handed on", async () => {
    const product = box.product({}, { services: [], state: "{home}/.local/state/tool", config: "{home}/.config/tool" });
    const bare = box.script(renderInstaller(product, "server", box.subject(), box.layout), "bare.sh");
    const run = await box.run(bare, args, { HOME: at("caller") });
    assert.equal(run.code, 0, run.stderr);
    assert.equal(run.keys["state_root"], join(box.home, ".local/state/tool"));
    assert.deepEqual(
      homes().filter((line) => line.startsWith("caller/") && line !== "caller/"),
      [],
    );
  });

  it("in a folder that no PATH has are brought onto every login's by a file of the system, and it goes with them", async () => {
    const [before, all] = [homes(), box.picture()];
    const run = await box.run(script, [...args, "--command-root", at("cmd")]);
    assert.equal(run.code, 0, run.stderr);
    assert.equal(run.keys["cli_persistence_strategy"], "posix-profile");
    assert.deepEqual(homes(), before);
    const found = execFileSync("dash", ["-c", `. "$1"; command -v tool`, "sh", box.profile], { encoding: "utf8" });
    assert.equal(found, `${at("cmd/tool")}\n`);
    const metadata = JSON.parse(readFileSync(at("opt/tool/install-metadata.json"), "utf8"));
    assert.deepEqual(metadata.cli_exposure.profile_files, [box.profile]);
    assert.equal((await box.run(script, [...args, "--command-root", at("cmd")])).keys["changed"], "no");
    assert.equal((await box.run(script, ["uninstall", "--remove-state"])).code, 0);
    assert.deepEqual(box.picture(), all);
  });

  it("are for the session only where logins read no folder of files, and where nothing is to be persisted", async () => {
    for (const more of [[], ["--no-persist-path"]]) {
      if (more.length === 0) rmSync(at("profile.d"), { recursive: true });
      if (more.length > 0) mkdirSync(at("profile.d"), { recursive: true });
      const run = await box.run(script, [...args, "--command-root", at("cmd"), ...more]);
      assert.equal(run.keys["cli_persistence_strategy"], "session-only", run.stderr);
      assert.ok(!existsSync(box.profile));
      assert.equal((await box.run(script, ["uninstall", "--remove-state"])).code, 0);
    }
  });

  it("stay in root's profile where an earlier installer put a block there, and it goes with them", async () => {
    box.write("home/.profile", "mine\n");
    const before = box.picture();
    assert.equal((await box.run(script, [...args, "--command-root", at("cmd")])).code, 0);
    const record = at("opt/tool/install-record");
    const block = readFileSync(box.profile, "utf8");
    box.write("home/.profile", `mine\n\n${block}`);
    box.write("opt/tool/install-record", readFileSync(record, "utf8").replaceAll(box.profile, at("home/.profile")));
    rmSync(box.profile);
    assert.equal((await box.run(script, args)).code, 0);
    assert.equal(readFileSync(at("home/.profile"), "utf8"), `mine\n\n${block}`);
    assert.equal((await box.run(script, ["uninstall", "--remove-state"])).code, 0);
    assert.deepEqual(box.picture(), before);
  });
});
