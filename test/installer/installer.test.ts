import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { renderInstaller } from "../../src/installer/index.ts";
import { Sandbox, type Run } from "./sandbox.ts";

describe("the installer, executed", function () {
  this.timeout(20_000);
  let box: Sandbox;
  let script: string;
  let archive: { file: string; sha256: string };
  const install = (extra: string[] = []) =>
    box.run(script, ["install", "--archive", archive.file, "--sha256", archive.sha256, ...extra]);
  const refuses = (run: Run, code: number, sentence: RegExp) => {
    assert.equal(run.code, code, run.stderr);
    assert.match(run.stderr, sentence);
    assert.equal(run.stdout, "");
  };

  beforeEach(async () => {
    box = await new Sandbox().open();
    script = box.script(renderInstaller(box.product(), "server", box.subject(), box.layout));
    archive = await box.archive("tool.zip");
  });
  afterEach(() => box.close());

  it("installs, and says where everything is", async () => {
    const run = await install();
    assert.equal(run.code, 0, run.stderr);
    const release = join(box.layout.roots, "tool/versions", `1.0.0-${archive.sha256.slice(0, 8)}`);
    assert.deepEqual(run.keys, {
      install_root: join(box.layout.roots, "tool"),
      config_path: join(box.machine, "etc/tool/toold.conf"),
      state_root: join(box.machine, "state/tool"),
      cli_command_root: box.layout.commands,
      cli_command_path: join(box.layout.commands, "tool"),
      cli_persistence_strategy: "existing-path",
      product: "tool",
      kind: "server",
      version: "1.0.0",
      sha256: archive.sha256,
      release_folder: release,
      command: join(box.layout.commands, "toold"),
      service: "toold",
      changed: "yes",
    });
    assert.deepEqual(Object.keys(run.keys).slice(0, 6), [
      "install_root",
      "config_path",
      "state_root",
      "cli_command_root",
      "cli_command_path",
      "cli_persistence_strategy",
    ]);
    assert.equal(execFileSync(join(box.layout.commands, "tool"), { encoding: "utf8" }), "tool 1.0.0\n");
    assert.equal(readlinkSync(join(box.layout.roots, "tool/current")), `versions/${release.split("/").at(-1)}`);
    assert.equal(
      readFileSync(join(box.machine, "etc/tool/toold.conf"), "utf8"),
      `data = ${join(box.machine, "state/tool")}\n`,
    );
    assert.equal(statSync(join(box.machine, "state/tool")).mode & 0o777, 0o750);
    assert.equal(statSync(join(box.machine, "etc/tool/toold.conf")).mode & 0o777, 0o640);
    const log = box.log();
    assert.ok(
      log.some((line) => line.startsWith("useradd --system --user-group --no-create-home")),
      log.join("\n"),
    );
    assert.deepEqual(
      log.filter((line) => /daemon-reload|enable |restart/.test(line)),
      ["systemctl enable --quiet --no-reload toold", "systemctl daemon-reload", "systemctl restart toold"],
    );
  });

  it("changes nothing and restarts nothing the second time", async () => {
    await install();
    box.log();
    const before = box.picture(true);
    const root = statSync(join(box.layout.roots, "tool"), { bigint: true }).mtimeNs;
    const run = await install();
    assert.equal(run.code, 0, run.stderr);
    assert.equal(run.keys["changed"], "no");
    assert.equal(statSync(join(box.layout.roots, "tool"), { bigint: true }).mtimeNs, root);
    assert.match(run.stderr, /nothing was changed/);
    assert.deepEqual(box.picture(true), before);
    assert.deepEqual(
      box.log().filter((line) => !/ show /.test(line)),
      [],
    );
  });

  it("mends what was changed by hand: release, command, unit", async () => {
    await install();
    const good = box.picture();
    for (const spoil of [
      () => writeFileSync(join(box.layout.roots, "tool/current/toold"), "spoiled"),
      () => rmSync(join(box.layout.commands, "tool")),
      () => writeFileSync(join(box.layout.units, "toold.service"), "[Unit]\n"),
      () => rmSync(join(box.layout.roots, "tool/current")),
    ]) {
      spoil();
      const run = await install();
      assert.equal(run.code, 0, run.stderr);
      assert.equal(run.keys["changed"], "yes");
      assert.deepEqual(box.picture(), good);
    }
  });

  for (const [what, mode] of [
    ["a lost executable bit", 0o644],
    ["a set-user bit", 0o4755],
    ["a set-group bit", 0o2755],
    ["everybody's leave to write", 0o757],
  ] as const) {
    it(`sees and mends ${what} of a program`, async () => {
      await install();
      const file = join(box.layout.roots, "tool/current/toold");
      chmodSync(file, mode);
      const status = await box.run(script, ["status"]);
      assert.deepEqual([status.code, status.keys["intact"]], [6, "no"]);
      assert.equal((await install()).keys["changed"], "yes");
      assert.equal(statSync(file).mode & 0o7777, 0o755);
      assert.equal((await box.run(script, ["status"])).code, 0);
      assert.equal((await install()).keys["changed"], "no");
    });
  }

  it("started twice together knows of all that it made", async () => {
    const before = box.picture();
    // One waits for the lock with what it saw before the other had made anything.
    const lock = join(box.folder, "path/flock");
    writeFileSync(
      lock,
      `#!/bin/sh\nif mkdir "$BOOKS/first" 2>/dev/null; then while [ ! -e "$BOOKS/second" ]; do /bin/sleep 0.05; done; else : >"$BOOKS/second"; fi\nexec /usr/bin/flock "$@"\n`,
      { mode: 0o755 },
    );
    for (const run of await Promise.all([install(), install()])) assert.equal(run.code, 0, run.stderr);
    rmSync(lock);
    assert.equal((await box.run(script, ["uninstall", "--remove-state"])).code, 0);
    assert.deepEqual(box.picture(), before);
    assert.equal(readFileSync(join(box.books, "users"), "utf8"), "");
  });

  it("started while another is in the middle of it waits, and finds what that made to be its own", async () => {
    // The second one checks its archive, before the lock, until the first has made the unit.
    const unit = join(box.layout.units, "toold.service");
    writeFileSync(
      join(box.folder, "path/sha256sum"),
      `#!/bin/sh\nwhile [ -n "\$UNTIL" ] && [ ! -e "\$UNTIL" ]; do /bin/sleep 0.05; done\nexec /usr/bin/sha256sum "$@"\n`,
      { mode: 0o755 },
    );
    const [first, second] = await Promise.all([
      install(),
      box.run(script, ["install", "--archive", archive.file, "--sha256", archive.sha256], { UNTIL: unit }),
    ]);
    assert.deepEqual([first.code, first.keys["changed"]], [0, "yes"], first.stderr);
    assert.deepEqual([second.code, second.keys["changed"]], [0, "no"], second.stderr);
  });

  it("refused leaves neither the folder for it nor those above, and an empty one that was there stays", async () => {
    box.write("units/toold.service", "theirs\n");
    const before = box.picture();
    const deep = join(box.machine, "srv/more/tool");
    assert.equal((await install(["--install-root", deep])).code, 5);
    assert.deepEqual(box.picture(), before);
    mkdirSync(deep, { recursive: true });
    assert.equal((await install(["--install-root", deep])).code, 5);
    assert.ok(existsSync(deep));
  });

  it("a link that takes a file's place while its mode is being set is not followed", async () => {
    assert.equal((await install()).code, 0);
    const other = join(box.machine, "other");
    mkdirSync(other, { mode: 0o751 });
    const state = join(box.machine, "state/tool");
    chmodSync(state, 0o757);
    writeFileSync(
      join(box.folder, "path/stat"),
      `#!/bin/sh\nif [ "\$3" = '${state}' ] && [ "\$2" = '%U:%G %a' ]; then mv '${state}' '${state}.mine'; ln -s '${other}' '${state}'; echo 'tool:tool 757'; else exec /usr/bin/stat "$@"; fi\n`,
      { mode: 0o755 },
    );
    const run = await install();
    assert.equal(run.code, 5, run.stderr);
    assert.match(run.stderr, /replaced while its mode was being set/);
    assert.equal(statSync(other).mode & 0o777, 0o751);
  });

  it("never writes over configuration", async () => {
    box.write("etc/tool/toold.conf", "mine\n");
    await install();
    writeFileSync(join(box.machine, "etc/tool/toold.env"), "LEVEL=debug\n");
    assert.equal((await install()).keys["changed"], "no");
    assert.equal(readFileSync(join(box.machine, "etc/tool/toold.conf"), "utf8"), "mine\n");
    assert.equal(readFileSync(join(box.machine, "etc/tool/toold.env"), "utf8"), "LEVEL=debug\n");
  });

  it("switches to another version, keeps the earlier one, and restarts", async () => {
    await install();
    box.log();
    script = box.script(renderInstaller(box.product(), "server", box.subject("1.1.0"), box.layout), "next.sh");
    archive = await box.archive("next.zip", { version: "1.1.0" });
    const run = await install();
    assert.equal(run.code, 0, run.stderr);
    assert.equal(readFileSync(join(box.layout.roots, "tool/current/tool"), "utf8"), "#!/bin/sh\necho tool 1.1.0\n");
    assert.ok(box.log().includes("systemctl restart toold"));
    assert.equal(box.picture().filter((line) => /versions\/[^/]+\/ ?$/.test(line)).length, 2);
  });

  it("unpacks with python3 where there is no unzip, executable bits and all", async () => {
    const text = readFileSync(script, "utf8")
      .replace("has unzip || has python3 ||", "has python3 ||")
      .replace("if has unzip; then", "if false; then");
    const run = await box.run(box.script(text, "python.sh"), [
      "install",
      "--archive",
      archive.file,
      "--sha256",
      archive.sha256,
    ]);
    assert.equal(run.code, 0, run.stderr);
    assert.equal(statSync(join(box.layout.roots, "tool/current/tool")).mode & 0o777, 0o755);
  });

  it("asks for the service's health through bash where there is no curl", async () => {
    const text = readFileSync(script, "utf8").replace("if has curl; then", "if false; then");
    const args = ["install", "--archive", archive.file, "--sha256", archive.sha256, "--wait", "1"];
    assert.equal((await box.run(box.script(text, "bash.sh"), args)).code, 0);
    box.healthy = false;
    assert.equal((await box.run(box.script(text, "bash.sh"), args)).code, 6);
  });

  describe("refuses, and leaves the machine as it was,", () => {
    let before: string[];
    beforeEach(() => {
      before = box.picture();
    });
    afterEach(() => {
      assert.deepEqual(box.picture(), before);
      assert.deepEqual(box.log(), []);
    });

    it("another digest", async () =>
      refuses(
        await box.run(script, ["install", "--archive", archive.file, "--sha256", "0".repeat(64)]),
        4,
        /has SHA-256 [0-9a-f]{64}, not 0{64}; fetch it again/,
      ));
    it("no digest", async () =>
      refuses(await box.run(script, ["install", "--archive", archive.file]), 2, /say the archive's digest/));
    it("half a digest", async () =>
      refuses(await box.run(script, ["install", "--archive", archive.file, "--sha256", "abc"]), 2, /3 digits/));
    it("no archive", async () =>
      refuses(
        await box.run(script, ["install", "--archive", "nowhere.zip", "--sha256", archive.sha256]),
        4,
        /not a readable file/,
      ));
    it("an unknown option", async () => refuses(await install(["--force"]), 2, /'--force' is not understood/));
    it("no command", async () => refuses(await box.run(script, []), 2, /say what to do/));
    it("a user who is not root", async () => {
      writeFileSync(join(box.folder, "path/id"), "#!/bin/sh\necho 1000\n");
      refuses(await install(), 3, /needs root/);
    });
    it("another platform", async () => {
      const other = { ...box.subject(), platform: process.arch === "arm64" ? "linux-x64" : "linux-arm64" };
      script = box.script(renderInstaller(box.product(), "server", other, box.layout));
      refuses(await install(), 3, /take the archive for this machine/);
    });
    it("a truncated archive", async () => {
      writeFileSync(archive.file, readFileSync(archive.file).subarray(0, 200));
      refuses(await install(), 4, /fetch it again/);
    });
    it("what is no archive", async () => {
      writeFileSync(archive.file, "text");
      const { createHash } = await import("node:crypto");
      archive.sha256 = createHash("sha256").update("text").digest("hex");
      refuses(await install(), 4, /could not be unpacked/);
    });
    it("binaries without their executable bit", async () => {
      archive = await box.archive("bad.zip", { mode: 0o644 });
      refuses(await install(), 4, /toold in the archive is not executable/);
    });
    it("a missing binary", async () => {
      archive = await box.archive("bad.zip", { without: "tool" });
      refuses(await install(), 4, /holds no tool/);
    });
    it("content that its own checksums don't know", async () => {
      archive = await box.archive("bad.zip", { spoil: "tool" });
      refuses(await install(), 4, /own checksums/);
    });
  });

  it("refuses what is not ours: root, command, unit, state", async () => {
    for (const [path, sentence] of [
      ["opt/tool/something", /holds something that no installer of ours put there/],
      ["bin/tool", /bin\/tool is there and not ours/],
      ["units/toold.service", /toold.service is there and not ours/],
      ["state/tool", /should be the folder for the state/],
    ] as const) {
      box.write(path, "foreign");
      const before = box.picture();
      refuses(await install(), 5, sentence);
      assert.deepEqual(box.picture(), before);
      rmSync(join(box.machine, path));
      if (path.startsWith("opt")) rmSync(join(box.machine, "opt/tool"), { recursive: true });
    }
    box.write("state/tool/file", "theirs");
    box.set("owners", `other:other\t${join(box.machine, "state/tool")}\n`);
    refuses(await install(), 5, /belongs to other/);
  });

  it("says that a service did not become healthy, with its journal, and starts it again the next time", async () => {
    box.healthy = false;
    refuses(await install(["--wait", "1"]), 6, /a line of the journal[^]*did not become healthy within 1 s/);
    box.healthy = true;
    box.log();
    assert.equal((await install()).code, 0);
    assert.ok(box.log().includes("systemctl restart toold"));
  });

  it("does not wait for a service that has ended, and does not take a stranger's answer for its health", async () => {
    box.set("refuse-start");
    const started = Date.now();
    refuses(await install(), 6, /could not be started/);
    box.set("state", "failed");
    const systemctl = join(box.folder, "path/systemctl");
    writeFileSync(systemctl, readFileSync(systemctl, "utf8").replace(/^restart\).*$/m, "restart) ;;"));
    // The address answers, but the service does not run: somebody else's answer.
    refuses(await install(), 6, /ended instead of becoming healthy/);
    assert.ok(Date.now() - started < 15_000);
  });

  describe("uninstall", () => {
    it("leaves nothing when state is to go too", async () => {
      const before = box.picture();
      await install();
      box.write("state/tool/data", "precious");
      const run = await box.run(script, ["uninstall", "--remove-state"]);
      assert.equal(run.code, 0, run.stderr);
      assert.deepEqual(run.keys, { installed: "no", changed: "yes" });
      assert.deepEqual(box.picture(), before);
      assert.equal(readFileSync(join(box.books, "users"), "utf8"), "");
    });

    it("keeps state and changed configuration, gives them to root, and a later install takes them up again", async () => {
      await install();
      box.write("state/tool/data", "precious");
      writeFileSync(join(box.machine, "etc/tool/toold.conf"), "mine\n");
      const run = await box.run(script, ["uninstall"]);
      assert.equal(run.code, 0, run.stderr);
      assert.match(run.stdout, /kept=.*toold\.conf\n[^]*kept=.*state\/tool\n/);
      assert.ok(!existsSync(join(box.machine, "etc/tool/toold.env")));
      assert.match(
        readFileSync(join(box.books, "owners"), "utf8"),
        /root:root\t.*state\/tool\nroot:root\t.*etc\/tool\n$/,
      );
      assert.equal((await box.run(script, ["status"])).code, 7);
      assert.equal((await box.run(script, ["uninstall"])).keys["changed"], "no");
      assert.equal((await install()).code, 0);
      assert.match(readFileSync(join(box.books, "owners"), "utf8"), /tool:tool\t.*state\/tool\n/);
      assert.equal(readFileSync(join(box.machine, "state/tool/data"), "utf8"), "precious");
    });

    it("removes kept state when it is asked again", async () => {
      await install();
      box.write("state/tool/data", "precious");
      await box.run(script, ["uninstall"]);
      const run = await box.run(script, ["uninstall", "--remove-state"]);
      assert.equal(run.code, 0, run.stderr);
      assert.ok(!existsSync(join(box.machine, "state/tool")) && !existsSync(join(box.layout.roots, "tool")));
    });

    it("ends what runs from the root also where the root lies behind a link", async () => {
      mkdirSync(join(box.machine, "disk"));
      symlinkSync(join(box.machine, "disk"), join(box.machine, "linked"));
      const root = join(box.machine, "linked/tool");
      assert.equal((await install(["--install-root", root])).code, 0);
      copyFileSync("/bin/sleep", join(root, "sleep"));
      const left = spawn(join(root, "sleep"), ["60"]);
      const ended = new Promise((resolve) => left.on("exit", (_, signal) => resolve(signal)));
      await new Promise((resolve) => left.on("spawn", resolve));
      assert.equal((await box.run(script, ["uninstall", "--install-root", root, "--remove-state"])).code, 0);
      const late = setTimeout(() => left.kill("SIGKILL"), 2000);
      assert.equal(await ended, "SIGTERM");
      clearTimeout(late);
    });

    it("touches no link, user or file that is not ours", async () => {
      box.set("users", "tool\n");
      // A folder that was there before is its owner's; one that the installer made goes whole.
      box.write("etc/tool/more.conf", "operator's");
      await install();
      rmSync(join(box.layout.commands, "tool"));
      symlinkSync("/bin/true", join(box.layout.commands, "tool"));
      assert.equal((await box.run(script, ["uninstall", "--remove-state"])).code, 0);
      assert.equal(readlinkSync(join(box.layout.commands, "tool")), "/bin/true");
      assert.equal(readFileSync(join(box.books, "users"), "utf8"), "tool\n");
      assert.ok(existsSync(join(box.machine, "etc/tool/more.conf")));
    });

    it("refuses a root without our record, and has nothing to do where there is none", async () => {
      box.write("opt/tool/something", "foreign");
      refuses(await box.run(script, ["uninstall", "--remove-state"]), 5, /no record of an installer of ours/);
      assert.ok(existsSync(join(box.machine, "opt/tool/something")));
      rmSync(join(box.machine, "opt/tool"), { recursive: true });
      assert.equal((await box.run(script, ["uninstall"])).keys["changed"], "no");
    });
  });

  describe("status", () => {
    it("is 0 when whole and healthy, 7 when not installed", async () => {
      assert.equal((await box.run(script, ["status"])).code, 7);
      await install();
      const before = box.picture(true);
      const run = await box.run(script, ["status"]);
      assert.equal(run.code, 0, run.stderr);
      assert.equal(run.keys["healthy.toold"], "yes");
      assert.equal(run.keys["intact"], "yes");
      assert.deepEqual(box.picture(true), before);
    });

    it("is 6 when a service would not run after the next boot, until it is enabled again", async () => {
      await install();
      rmSync(join(box.layout.units, "multi-user.target.wants/toold.service"));
      const run = await box.run(script, ["status"]);
      assert.equal(run.code, 6);
      assert.match(run.stderr, /toold\.service is not enabled, so that it does not run after the next boot/);
      // Whoever disabled it enables it.
      assert.equal((await install()).keys["changed"], "no");
      assert.equal((await box.run(script, ["status"])).code, 6);
      symlinkSync("../toold.service", join(box.layout.units, "multi-user.target.wants/toold.service"));
      assert.equal((await box.run(script, ["status"])).code, 0);
    });

    it("is 6, as install is, when a service answers something else than its definition says of a healthy one", async () => {
      const product = box.product({
        health: {
          url: `http://127.0.0.1:${box.port}/healthz`,
          json: [
            { path: "status", equals: "ok" },
            { path: "ready", equals: true },
            { path: "deep.er", equals: 1 },
          ],
        },
      });
      script = box.script(renderInstaller(product, "server", box.subject(), box.layout));
      for (const [answer, code] of [
        ['{"status":"starting","ready":true}', 6],
        ['{"status":"okay","ready":true}', 6],
        ["{}", 6],
        ['{\n  "ready": true,\n  "status": "ok"\n}\n', 0],
      ] as const) {
        box.answer = answer;
        assert.equal((await install(["--wait", "0"])).code, code, answer);
        assert.equal((await box.run(script, ["status"])).code, code, answer);
      }
    });

    it("is 6 when something is wrong, and names it", async () => {
      await install();
      box.healthy = false;
      assert.equal((await box.run(script, ["status"])).keys["healthy.toold"], "no");
      box.healthy = true;
      writeFileSync(join(box.layout.roots, "tool/current/tool"), "spoiled");
      const run = await box.run(script, ["status"]);
      assert.equal(run.code, 6);
      assert.equal(run.keys["intact"], "no");
      await install();
      renameSync(join(box.layout.commands, "tool"), join(box.layout.commands, "elsewhere"));
      assert.match((await box.run(script, ["status"])).stderr, /bin\/tool does not lead to the installed release/);
    });
  });
});
