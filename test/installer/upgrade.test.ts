/** From one version to another and back: backups, the switch, automatic and asked-for rollback, and what is refused. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { renderInstaller } from "../../src/installer/index.ts";
import type { Product } from "../../src/products/index.ts";
import { Sandbox, type Run } from "./sandbox.ts";

interface Release {
  script: string;
  args: string[];
  folder: string;
}

describe("an upgrade", function () {
  this.timeout(60_000);
  let box: Sandbox;
  let root: string;
  const at = (...path: string[]) => join(box.machine, ...path);
  const good = (run: Run) => assert.equal(run.code, 0, run.stderr);
  const release = async (version: string, product: Product = box.product(), name = version): Promise<Release> => {
    const archive = await box.archive(`${name}.zip`, { version, manifest: { name } });
    const script = box.script(renderInstaller(product, "server", box.subject(version), box.layout), `${name}.sh`);
    return {
      script,
      args: ["install", "--archive", archive.file, "--sha256", archive.sha256],
      folder: `${version}-${archive.sha256.slice(0, 8)}`,
    };
  };
  const install = ({ script, args }: Release, ...more: string[]) => box.run(script, [...args, "--wait", "1", ...more]);
  /** From now on, whoever starts the service writes into its state, as a migration would. */
  const startsWrite = (text: string) => {
    box.set("on-start", `#!/bin/sh\necho ${text} >>'${at("state/tool/data")}'\n`);
    execFileSync("chmod", ["755", join(box.books, "on-start")]);
  };
  const data = () => readFileSync(at("state/tool/data"), "utf8");
  const version = () => execFileSync(join(box.layout.commands, "tool"), { encoding: "utf8" }).trim();
  const backups = () => (existsSync(join(root, "backups")) ? readdirSync(join(root, "backups")).sort() : []);
  const settled = () => {
    assert.ok(!existsSync(join(root, "transition")) && !existsSync(join(root, "restart-needed")));
    assert.deepEqual(
      box.picture().filter((line) => /greenlight-(?!record)/.test(line)),
      [],
    );
    // What the product's own commands read at the root is of the version in use.
    for (const name of ["release-manifest.json", "install-metadata.json"])
      assert.equal(readFileSync(join(root, name), "utf8"), readFileSync(join(root, "current", name), "utf8"), name);
  };
  let one: Release, two: Release;

  beforeEach(async () => {
    box = await new Sandbox().open();
    root = join(box.layout.roots, "tool");
    [one, two] = [await release("1.0.0"), await release("1.1.0")];
    good(await install(one));
    writeFileSync(at("state/tool/data"), "old\n");
    startsWrite("new");
    box.log();
  });
  afterEach(() => box.close());

  it("stops the old version, backs up, switches, waits, and keeps the way back", async () => {
    const run = await install(two);
    good(run);
    assert.equal(version(), "tool 1.1.0");
    assert.equal(data(), "old\nnew\n");
    assert.equal(readlinkSync(join(root, "previous")), `versions/${one.folder}`);
    const backup = run.keys["backup"]!;
    assert.equal(readFileSync(join(backup, "data/1/data"), "utf8"), "old\n");
    assert.equal(statSync(backup).mode & 0o077, 0);
    // The unit is the same, and systemd takes seconds to read all units again.
    const log = box.log().filter((line) => /stop|restart|reload/.test(line));
    assert.deepEqual(log, ["systemctl stop toold", "systemctl restart toold"]);
    settled();
    assert.equal((await install(two)).keys["changed"], "no");
    assert.equal(data(), "old\nnew\n");
  });

  it("has systemd read units again when one of them has changed, also when it is put back", async () => {
    const reloads = (): string[] => box.log().filter((line) => /reload|restart/.test(line));
    const unit = join(box.layout.units, "toold.service");
    const text = readFileSync(unit, "utf8");
    const before = text.replace("RestartSec=2", "RestartSec=3");
    writeFileSync(unit, before);
    good(await install(two));
    assert.equal(readFileSync(unit, "utf8"), text);
    assert.deepEqual(reloads(), ["systemctl daemon-reload", "systemctl restart toold"]);
    good(await box.run(two.script, ["rollback"]));
    assert.equal(readFileSync(unit, "utf8"), before);
    assert.deepEqual(reloads(), ["systemctl daemon-reload", "systemctl restart toold"]);
  });

  it("backs up what a release has, whose link is gone, before another one touches it", async () => {
    rmSync(join(root, "current"));
    const run = await install(two);
    good(run);
    assert.equal(readFileSync(join(run.keys["backup"]!, "data/1/data"), "utf8"), "old\n");
    assert.equal(data(), "old\nnew\n");
    assert.deepEqual(
      box.log().filter((line) => /stop|restart/.test(line)),
      ["systemctl stop toold", "systemctl restart toold"],
    );
    settled();
    assert.equal((await install(two)).keys["changed"], "no");
  });

  it("keeps one previous version and one backup, and prunes older ones", async () => {
    good(await install(two));
    const three = await release("1.2.0");
    good(await install(three));
    assert.deepEqual(readdirSync(join(root, "versions")).sort(), [two.folder, three.folder].sort());
    assert.equal(backups().length, 1);
    assert.equal(readFileSync(join(root, "backups", backups()[0]!, "data/1/data"), "utf8"), "old\nnew\n");
    settled();
  });

  it("that is not healthy is taken back with its data; what it left is kept aside and named", async () => {
    const before = box.picture();
    const unit = readFileSync(at("units/toold.service"), "utf8");
    const other = await release(
      "1.1.0",
      box.product({ args: "--new", health: { url: `http://127.0.0.1:${box.port}/bad`, json: [] } }),
      "bad",
    );
    const run = await install(other);
    assert.equal(run.code, 8, run.stderr);
    assert.match(run.stderr, /did not become healthy within 1 s[^]*1\.0\.0 and its data are back/);
    assert.equal(run.keys["version"], "1.0.0");
    assert.equal(version(), "tool 1.0.0");
    // The version that is back was started as well.
    assert.equal(data(), "old\nnew\n");
    assert.equal(readFileSync(join(run.keys["kept_aside"]!, "1/data"), "utf8"), "old\nnew\n");
    assert.equal(readFileSync(at("units/toold.service"), "utf8"), unit);
    const same = (lines: string[]) => lines.filter((line) => !/backups|install-record|state\/tool\/data/.test(line));
    assert.deepEqual(same(box.picture()), same(before));
    settled();
    assert.equal((await box.run(one.script, ["status"])).code, 0);
    assert.equal((await install(one)).keys["changed"], "no");
    good(await box.run(one.script, ["uninstall", "--remove-state"]));
    assert.ok(!existsSync(root) && !existsSync(at("state")));
  });

  for (const [what, spoil, sentence] of [
    ["cannot be started", () => box.set("refuse-start-once"), /could not be started/],
    ["dies and is started again", () => box.set("restarts.toold", "3\n"), /has died and was started again/],
  ] as const) {
    it(`that ${what} is taken back`, async () => {
      const systemctl = join(box.folder, "path/systemctl");
      // The fault is the new version's: it ends with the old one's return.
      const text = readFileSync(systemctl, "utf8").replace(
        "restart) ",
        `restart) if [ -e "$BOOKS/refuse-start-once" ]; then rm "$BOOKS/refuse-start-once"; exit 1; fi; case $(readlink '${join(root, "current")}') in *1.0.0*) rm -f "$BOOKS/restarts.toold" ;; esac; `,
      );
      writeFileSync(systemctl, text);
      spoil();
      const run = await install(two);
      assert.equal(run.code, 8, run.stderr);
      assert.match(run.stderr, sentence);
      assert.equal(version(), "tool 1.0.0");
      settled();
    });
  }

  it("removes a service that the new version has no more, and brings it back with the old one", async () => {
    const more = box.product();
    const [service] = more.kinds["server"]!.services;
    more.kinds["server"]!.services.push({ ...service!, name: "toolx", stateFolder: at("state/tool/x") });
    const both = await release("1.1.0", more, "both");
    good(await install(both));
    assert.ok(existsSync(at("units/toolx.service")));
    const less = await release("1.2.0");
    good(await install(less));
    assert.ok(!existsSync(at("units/toolx.service")) && !existsSync(at("units/multi-user.target.wants/toolx.service")));
    good(await box.run(less.script, ["rollback"]));
    assert.ok(
      existsSync(at("units/toolx.service")) &&
        existsSync(at("units/multi-user.target.wants/toolx.service")) &&
        existsSync(join(box.books, "active.toolx")),
    );
    good(await box.run(both.script, ["uninstall", "--remove-state"]));
    assert.ok(!existsSync(at("units/toolx.service")) && !existsSync(at("state")));
  });

  it("that cannot be backed up does not happen, and the old version runs on", async () => {
    writeFileSync(join(box.folder, "path/cp"), '#!/bin/sh\necho "cp: no space left" >&2; exit 1\n', { mode: 0o755 });
    const run = await install(two);
    assert.deepEqual([run.code, run.stdout], [1, ""]);
    assert.match(run.stderr, /tool 1\.0\.0 runs on/);
    assert.equal(version(), "tool 1.0.0");
    assert.ok(existsSync(join(box.books, "active.toold")));
    assert.deepEqual(backups(), []);
    settled();
  });

  it("that fails on its way leaves everything as it was, and the old version runs on", async () => {
    const other = await release("1.1.0", box.product({ args: "--new" }), "other");
    const unit = readFileSync(at("units/toold.service"), "utf8");
    writeFileSync(
      join(box.folder, "path/ln"),
      `#!/bin/sh\ncase "$*" in *versions/1.1.0*) exit 1 ;; esac\nexec /bin/ln "$@"\n`,
      { mode: 0o755 },
    );
    const run = await install(other);
    assert.deepEqual([run.code, run.stdout], [1, ""]);
    assert.match(run.stderr, /tool 1\.0\.0 runs on/);
    assert.equal(version(), "tool 1.0.0");
    assert.equal(readFileSync(at("units/toold.service"), "utf8"), unit);
    assert.equal(data(), "old\nnew\n");
    settled();
    assert.equal((await box.run(one.script, ["status"])).code, 0);
  });

  it("that is stopped by a signal is taken back as well", async () => {
    // The signal comes while the backup is made.
    writeFileSync(join(box.folder, "path/cp"), '#!/bin/sh\nkill -s TERM $PPID\nexec /bin/cp "$@"\n', { mode: 0o755 });
    const run = await install(two);
    assert.equal(run.code, 143, run.stderr);
    assert.equal(version(), "tool 1.0.0");
    assert.ok(existsSync(join(box.books, "active.toold")));
    settled();
  });

  it("is taken back by hand: the data of then is back, what was written since is kept and named", async () => {
    good(await install(two));
    writeFileSync(at("state/tool/data"), "old\nnew\nmore\n");
    const run = await box.run(two.script, ["rollback"]);
    good(run);
    assert.equal(run.keys["version"], "1.0.0");
    assert.equal(version(), "tool 1.0.0");
    assert.equal(data(), "old\nnew\n");
    assert.equal(readFileSync(join(run.keys["kept_aside"]!, "1/data"), "utf8"), "old\nnew\nmore\n");
    assert.ok(!existsSync(join(root, "previous")));
    settled();
    const again = await box.run(two.script, ["rollback"]);
    assert.equal(again.code, 7);
    assert.match(again.stderr, /no previous version/);
    // And forward again.
    good(await install(two));
    assert.equal(version(), "tool 1.1.0");
  });

  it("does not go back without the backup, nor where nothing is installed", async () => {
    good(await install(two));
    execFileSync("rm", ["-r", join(root, "backups")]);
    const run = await box.run(two.script, ["rollback"]);
    assert.equal(run.code, 7);
    assert.match(run.stderr, /the backup that .* would need is not in/);
    good(await box.run(two.script, ["uninstall", "--remove-state"]));
    assert.equal((await box.run(two.script, ["rollback"])).code, 7);
  });

  for (const [older, newer] of [
    ["1.0.0", "1.1.0"],
    ["1.9.0", "1.10.0"],
    ["1.1.0-rc.1", "1.1.0"],
    ["1.1.0-rc.2", "1.1.0-rc.10"],
  ] as const) {
    it(`to ${older} from ${newer} is refused with the way that there is`, async () => {
      good(await box.run(one.script, ["uninstall", "--remove-state"]));
      good(await install(await release(newer, box.product(), "newer")));
      const before = box.picture();
      const run = await install(await release(older, box.product(), "older"));
      assert.deepEqual([run.code, run.stdout], [9, ""], run.stderr);
      assert.match(
        run.stderr,
        /older than .*may have converted its data, in one direction only; '.* rollback' goes back/,
      );
      assert.deepEqual(box.picture(), before);
    });
  }

  it("to an older version over what a newer one left is refused, until that is removed", async () => {
    good(await install(two));
    for (let times = 0; times < 2; times++) good(await box.run(two.script, ["uninstall"]));
    const before = box.picture();
    const run = await install(one);
    assert.deepEqual([run.code, run.stdout], [9, ""], run.stderr);
    assert.match(run.stderr, /1\.0\.0 is older than 1\.1\.0, which may have converted what it left/);
    assert.deepEqual(box.picture(), before);
    good(await install(two));
    good(await box.run(two.script, ["uninstall"]));
    good(await box.run(two.script, ["uninstall", "--remove-state"]));
    good(await install(one));
  });

  it("to other bytes of the same version is one", async () => {
    const rebuilt = await release("1.0.0", box.product(), "rebuilt");
    good(await install(rebuilt));
    assert.equal(readlinkSync(join(root, "current")), `versions/${rebuilt.folder}`);
    assert.equal(backups().length, 1);
  });

  it("backs up state that an earlier installation kept, before a new version first runs", async () => {
    good(await box.run(one.script, ["uninstall"]));
    const run = await install(two);
    good(run);
    assert.equal(readFileSync(join(run.keys["backup"]!, "data/1/data"), "utf8"), "old\n");
    assert.equal((await install(two)).keys["changed"], "no");
  });

  it("takes configuration back too, but in a folder that is not ours only our files", async () => {
    good(await box.run(one.script, ["uninstall", "--remove-state"]));
    mkdirSync(at("etc/tool"), { recursive: true });
    writeFileSync(at("etc/tool/theirs"), "1");
    good(await install(one));
    good(await install(two));
    writeFileSync(at("etc/tool/toold.conf"), "format 2");
    writeFileSync(at("etc/tool/theirs"), "2");
    const run = await box.run(two.script, ["rollback"]);
    good(run);
    assert.equal(readFileSync(at("etc/tool/toold.conf"), "utf8"), `data = ${at("state/tool")}\n`);
    assert.equal(readFileSync(at("etc/tool/theirs"), "utf8"), "2");
    assert.ok(
      readdirSync(run.keys["kept_aside"]!).some(
        (name) => readFileSync(join(run.keys["kept_aside"]!, "paths"), "utf8").includes("toold.conf") && name === "2",
      ),
    );
  });

  it("keeps what was set aside when state is to stay, and takes it along when it is not", async () => {
    good(await install(two));
    const aside = (await box.run(two.script, ["rollback"])).keys["kept_aside"]!;
    const kept = await box.run(one.script, ["uninstall"]);
    good(kept);
    assert.match(kept.stdout, new RegExp(`^kept=${aside}$`, "m"));
    assert.ok(existsSync(join(aside, "1/data")));
    good(await box.run(one.script, ["uninstall", "--remove-state"]));
    assert.ok(!existsSync(root));
  });
});
