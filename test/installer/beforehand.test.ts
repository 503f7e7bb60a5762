/** What a machine lacks or does not let happen is found before anything changes, and told in a sentence. */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { renderInstaller } from "../../src/installer/index.ts";
import { Sandbox, type Run } from "./sandbox.ts";

describe("the installer, beforehand", function () {
  this.timeout(60_000);
  let box: Sandbox;
  let script: string;
  let args: string[];
  const at = (...path: string[]) => join(box.machine, ...path);
  const good = (run: Run) => assert.equal(run.code, 0, run.stderr);
  const untouched = () =>
    assert.deepEqual(
      box.log().filter((line) => /enable|stop|restart|reload|useradd/.test(line)),
      [],
    );
  /** The same run, in a namespace of mounts where one of the pretend machine's folders is mounted with these options. */
  const mounted = async (folder: string, options: string, extra: string[] = []): Promise<Run> => {
    const outer = box.script(
      `mount --bind "$FOLDER" "$FOLDER" && mount -o "remount,bind,$OPTIONS" "$FOLDER" && exec dash "$@"\n`,
      "mounted.sh",
    );
    return box.run(box.script(`exec unshare -m dash '${outer}' "$@"\n`, "unshared.sh"), [script, ...args, ...extra], {
      FOLDER: folder,
      OPTIONS: options,
    });
  };
  const canMount = () => spawnSync("unshare", ["-m", "true"]).status === 0;

  beforeEach(async () => {
    box = await new Sandbox().open();
    ({ script, args } = await box.installer());
  });
  afterEach(() => box.close());

  it("wants room for the release", async () => {
    box.set("free", "300\n");
    await box.refuses(
      box.run(script, args),
      /has 0 MiB free, and \d+ are needed: \d+ for the release, 0 for a backup[^]*nothing was changed/,
      3,
    );
    box.set("free", "100000\n");
    good(await box.run(script, args));
    // What is there already needs none.
    box.set("free", "0\n");
    good(await box.run(script, args));
  });

  it("wants room for the backup of an upgrade, and for putting that back, before anything stops", async () => {
    good(await box.run(script, args));
    writeFileSync(at("state/tool/data"), Buffer.alloc(20 << 20, 1));
    const archive = await box.archive("two.zip", { version: "1.1.0" });
    const two = box.script(renderInstaller(box.product(), "server", box.subject("1.1.0"), box.layout), "two.sh");
    const upgrade = () => box.run(two, ["install", "--archive", archive.file, "--sha256", archive.sha256]);
    box.log();
    box.set("free", String(30 << 10));
    await box.refuses(upgrade(), /are needed: \d+ for the release, 2\d for a backup .*, 2\d for putting that back/, 3);
    untouched();
    assert.ok(existsSync(join(box.books, "active.toold")));
    box.set("free", String(50 << 10));
    good(await upgrade());
  });

  it("wants programs to be let run where it puts them", async function () {
    if (!canMount()) return this.skip();
    await box.refuses(mounted(box.layout.roots, "noexec"), /no program may run from .*\/opt\/tool, .*noexec/, 3);
    untouched();
  });

  for (const [what, folder, sentence] of [
    ["its own folder", () => box.layout.roots, /opt cannot be written to, and the installation must be put there/],
    ["the commands", () => box.layout.commands, /bin cannot be written to, and the command tool/],
    ["the units", () => box.layout.units, /units cannot be written to, and the unit of toold/],
    ["the configuration", () => at("etc"), /etc cannot be written to, and the configuration of toold/],
    ["the state", () => at("state"), /state cannot be written to, and the state of toold/],
    ["the list of accounts", () => at("accounts"), /accounts cannot be written to, and the user tool/],
  ] as const) {
    it(`wants to write where ${what} go`, async function () {
      if (!canMount()) return this.skip();
      for (const name of ["etc", "state", "accounts"]) mkdirSync(at(name), { recursive: true });
      script = box.script(
        renderInstaller(box.product(), "server", box.subject(), { ...box.layout, accounts: at("accounts") }),
      );
      await box.refuses(mounted(folder(), "ro"), sentence, 3);
      untouched();
    });
  }

  it("wants a group of its own for the service's user", async () => {
    box.set("groups", "tool:x:990:\n");
    await box.refuses(box.run(script, args), /a group tool is there, and no user of that name.*groupdel tool/);
    untouched();
    // Both are one of the machine's own.
    box.set("users", "tool\n");
    good(await box.run(script, args));
  });

  it("wants folders that the hardened service can see, by whichever name", async () => {
    mkdirSync(at("hidden"));
    symlinkSync(at("hidden"), at("link"));
    for (const [option, value] of [
      ["--state-root", at("hidden/state")],
      ["--config", at("hidden/conf/c")],
      ["--install-root", at("hidden/tool")],
      ["--state-root", at("link/state")],
    ] as const) {
      await box.refuses(
        box.run(script, [...args, option, value]),
        /lies below .*\/hidden, which services are hardened not to see \(ProtectHome=yes in their units\)/,
        2,
      );
    }
    untouched();
    good(await box.run(script, [...args, "--no-service", "--state-root", at("hidden/state")]));
  });

  it("knows what its units hide", () => {
    const text = renderInstaller(box.product(), "server", box.subject());
    const rows = /^each_hidden\(\) \{\n([^]*?)\n\}/m.exec(text)![1];
    for (const folder of ["/home", "/root", "/run/user", "/tmp", "/var/tmp"]) assert.ok(rows!.includes(`'${folder}'`));
    assert.match(text, /^ProtectHome=yes$/m);
    assert.match(text, /^PrivateTmp=yes$/m);
  });

  it("says what an ordinary user can do instead of installing services", async () => {
    box.set("uid", "1000\n");
    await box.refuses(box.run(script, args), /needs root.*sudo, or .*--no-service; nothing was changed/, 3);
    good(await box.run(script, [...args, "--no-service"]));
    assert.ok(readFileSync(join(box.home, ".local/opt/tool/install-record"), "utf8").includes("with_services=no"));
  });

  it("leaves no probe, and finds what it needs in a program that is there", async () => {
    good(await box.run(script, args));
    assert.equal(execFileSync("find", [box.machine, "-name", ".greenlight-*"], { encoding: "utf8" }), "");
  });
});
