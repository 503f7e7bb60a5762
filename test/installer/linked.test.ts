/** State and configuration behind symbolic links: what a link leads to is backed up and put back, and the link stays. */
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, readlinkSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { renderInstaller } from "../../src/installer/index.ts";
import type { Kind } from "../../src/products/index.ts";
import { Sandbox, type Run } from "./sandbox.ts";

describe("data behind a link", function () {
  this.timeout(60_000);
  let box: Sandbox;
  const at = (...path: string[]) => join(box.machine, ...path);
  const read = (path: string) => readFileSync(at(path), "utf8");
  const good = (run: Run) => assert.equal(run.code, 0, run.stderr);
  const ownKind: Partial<Kind> = { services: [], state: "{home}/state", config: "{home}/config" };
  const release = async (version: string, kind: Partial<Kind> = {}) => {
    const archive = await box.archive(`${version}.zip`, { version });
    const script = box.script(
      renderInstaller(box.product({}, kind), "server", box.subject(version), box.layout),
      `${version}.sh`,
    );
    return (...args: string[]) =>
      box.run(
        script,
        args.length > 0 ? args : ["install", "--archive", archive.file, "--sha256", archive.sha256, "--wait", "1"],
      );
  };
  /** Moves it elsewhere and leaves a link. */
  const link = (path: string, target: string) => {
    mkdirSync(join(at(target), ".."), { recursive: true });
    renameSync(at(path), at(target));
    symlinkSync(at(target), at(path));
  };

  beforeEach(async () => {
    box = await new Sandbox().open();
  });
  afterEach(() => box.close());

  it("that is the state folder is backed up, and goes back with the version before", async () => {
    const [one, two] = [await release("1.0.0", ownKind), await release("1.1.0", ownKind)];
    good(await one());
    box.write("home/state/data", "one");
    link("home/state", "disk/tool");
    const upgrade = await two();
    good(upgrade);
    const backup = upgrade.keys["backup"]!;
    assert.equal(readFileSync(join(backup, "paths"), "utf8"), `${at("disk/tool")}\n`);
    assert.equal(readFileSync(join(backup, "data/1/data"), "utf8"), "one");
    box.write("disk/tool/data", "two");
    const back = await two("rollback");
    good(back);
    assert.equal(read("home/state/data"), "one");
    assert.equal(readlinkSync(at("home/state")), at("disk/tool"));
    assert.equal(readFileSync(join(back.keys["kept_aside"]!, "1/data"), "utf8"), "two");
    assert.deepEqual(
      box.picture().filter((line) => /\.greenlight-/.test(line)),
      [],
    );
  });

  it("that is a service's configuration file is backed up beside the link, and goes back with the version before", async () => {
    const [one, two] = [await release("1.0.0"), await release("1.1.0")];
    good(await one());
    link("etc/tool/toold.conf", "srv/conf/toold.conf");
    writeFileSync(at("srv/conf/toold.conf"), "format 1");
    good(await two());
    writeFileSync(at("srv/conf/toold.conf"), "format 2");
    good(await two("rollback"));
    assert.equal(read("etc/tool/toold.conf"), "format 1");
    assert.equal(readlinkSync(at("etc/tool/toold.conf")), at("srv/conf/toold.conf"));
  });

  it("that could not be put back is refused before anything is touched", async () => {
    const [one, two] = [await release("1.0.0", ownKind), await release("1.1.0", ownKind)];
    good(await one());
    renameSync(at("home/state"), at("home/state.before"));
    symlinkSync("/dev/pts", at("home/state"));
    const before = box.picture();
    const run = await two();
    assert.deepEqual([run.code, run.stdout], [5, ""], run.stderr);
    assert.match(
      run.stderr,
      /home\/state is a symbolic link to \/dev\/pts, which is where a disk is mounted, so that it could not be put back/,
    );
    assert.deepEqual(box.picture(), before);
  });
});
