/** What whoever installs may choose: places, the command folder, persistence, no service. And what is remembered of it. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { renderInstaller } from "../../src/installer/index.ts";
import { Sandbox, type Run } from "./sandbox.ts";

describe("choices of an installation", function () {
  this.timeout(30_000);
  let box: Sandbox;
  let script: string;
  let archive: { file: string; sha256: string };
  const at = (...path: string[]) => join(box.machine, ...path);
  const rootInstall = (extra: string[] = [], env: Record<string, string> = {}) =>
    box.run(script, ["install", "--archive", archive.file, "--sha256", archive.sha256, ...extra], env);
  let install = rootInstall;
  const good = (run: Run) => assert.equal(run.code, 0, run.stderr);
  const elsewhere = () => ({ PATH: `${join(box.folder, "path")}:/usr/bin:/bin` });
  const profile = (name = ".profile") => readFileSync(join(box.home, name), "utf8");

  beforeEach(async () => {
    box = await new Sandbox().open();
    script = box.script(renderInstaller(box.product(), "server", box.subject(), box.layout));
    archive = await box.archive("tool.zip");
  });
  afterEach(() => box.close());

  describe("places", () => {
    const chosen = () => [
      "--install-root",
      at("srv/it's"),
      "--state-root",
      at("data/a b"),
      "--config",
      at("conf/$x/other.conf"),
    ];

    it("are used in everything that is written, and remembered", async () => {
      const before = box.picture();
      const run = await install(chosen());
      good(run);
      assert.equal(run.keys["install_root"], at("srv/it's"));
      assert.equal(run.keys["config_path"], at("conf/$x/other.conf"));
      assert.equal(run.keys["state_root"], at("data/a b"));
      assert.equal(readFileSync(at("conf/$x/other.conf"), "utf8"), `data = ${at("data/a b")}\n`);
      const unit = readFileSync(at("units/toold.service"), "utf8");
      assert.ok(
        unit.includes(`WorkingDirectory=${at("data/a b")}\n`) &&
          unit.includes(`"${at("conf/$x/other.conf").replace("$", "$$$$")}"`),
        unit,
      );
      const again = await install(["--install-root", at("srv/it's")]);
      assert.equal(again.keys["changed"], "no", again.stderr);
      assert.equal(again.keys["state_root"], at("data/a b"));
      assert.equal((await box.run(script, ["status", "--install-root", at("srv/it's")])).code, 0);
      good(await box.run(script, ["uninstall", "--remove-state", "--install-root", at("srv/it's")]));
      assert.deepEqual(box.picture(), before);
    });

    it("may be relative, and start with a dash", async () => {
      mkdirSync(join(box.folder, "-w"));
      const run = await install([
        "--install-root",
        "-w/./x/../tool",
        "--state-root",
        "-w/state",
        "--config",
        "-w/conf/c",
      ]);
      good(run);
      assert.equal(run.keys["install_root"], join(box.folder, "-w/tool"));
      good(await box.run(script, ["uninstall", "--remove-state", "--install-root", "-w/tool"]));
    });

    it("cannot be changed by installing again", async () => {
      good(await install());
      for (const extra of [
        ["--state-root", at("other")],
        ["--config", at("other/c")],
        ["--command-root", at("other")],
        ["--no-service"],
      ]) {
        const run = await install(extra);
        assert.deepEqual([run.code, run.stdout], [5, ""], run.stderr);
        assert.match(run.stderr, /uninstall it first/);
      }
    });

    for (const [what, options, sentence] of [
      ["the root of the file system", ["--install-root", "/"], /folder of the system itself/],
      ["a folder of the system", ["--state-root", "/var"], /folder of the system itself/],
      ["configuration beside everybody's", ["--config", "/etc/tool.conf"], /folder of the system itself/],
      ["the home folder", ["--install-root", "HOME"], /is a home folder/],
      ["state in the home folder itself", ["--state-root", "HOME/"], /is a home folder/],
      [
        "state below the installation",
        ["--install-root", "HOME/a", "--state-root", "HOME/a/state"],
        /lie one in the other/,
      ],
      [
        "the installation below state",
        ["--install-root", "HOME/a/b", "--state-root", "HOME/a"],
        /lie one in the other/,
      ],
      [
        "commands below the installation",
        ["--install-root", "HOME/a", "--command-root", "HOME/a/bin"],
        /no folder for commands/,
      ],
      ["a command folder that no PATH can name", ["--command-root", "HOME/a:b"], /holds a ':'/],
      ["a new line", ["--state-root", "HOME/a\nb"], /control character/],
      ["a carriage return", ["--config", "HOME/a\rb/c"], /control character/],
      ["state that systemd would cut off", ["--state-root", "HOME/a "], /systemd would cut off/],
      ["nothing", ["--install-root", ""], /not empty/],
    ] as const) {
      it(`refuse ${what}`, async () => {
        const before = box.picture();
        const run = await install(options.map((word) => word.replace("HOME", box.home)));
        assert.deepEqual([run.code, run.stdout], [2, ""], run.stderr);
        assert.match(run.stderr, sentence);
        assert.deepEqual(box.picture(), before);
      });
    }
  });

  it("the home folder is refused by every name that it has", async () => {
    mkdirSync(at("real"));
    symlinkSync(at("real"), at("link"));
    for (const [home, root] of [
      ["link", "real"],
      ["real", "link"],
    ] as const) {
      for (const option of ["--install-root", "--state-root"]) {
        const run = await install([option, at(root)], { HOME: at(home) });
        assert.deepEqual([run.code, run.stdout], [2, ""], run.stderr);
        assert.match(run.stderr, /is a home folder/);
      }
    }
  });

  for (const [name, mark] of [
    ["LF", "\n"],
    ["CR", "\r"],
    ["DEL", "\x7f"],
  ] as const) {
    it(`refuses ${name} in the folder that one is in, as part of a path, and in the home folder`, async () => {
      const folder = at(`a${mark}b`);
      mkdirSync(folder);
      copyFileSync(archive.file, join(folder, "t.zip"));
      const before = box.picture();
      const inside = box.script(`cd "$FOLDER" && exec dash '${script}' "$@"`, "inside.sh");
      for (const run of [
        await box.run(inside, ["install", "--archive", "t.zip", "--sha256", archive.sha256], { FOLDER: folder }),
        await box.run(
          inside,
          ["install", "--archive", archive.file, "--sha256", archive.sha256, "--install-root", "root"],
          { FOLDER: folder },
        ),
        await install([], { HOME: folder }),
      ]) {
        assert.deepEqual([run.code, run.stdout], [2, ""], run.stderr);
        assert.match(run.stderr, /control character/);
      }
      assert.deepEqual(box.picture(), before);
    });
  }

  describe("the command folder of an ordinary user", () => {
    beforeEach(() => {
      box.set("uid", "1000\n");
      install = (extra = [], env = {}) => rootInstall(["--no-service", ...extra], env);
    });
    afterEach(() => (install = rootInstall));

    it("is the first that is on PATH and can be written to, else the home's own", async () => {
      chmodSync(box.layout.commands, 0o755);
      good(await install());
      assert.ok(existsSync(join(box.layout.commands, "tool")));
      good(await box.run(script, ["uninstall", "--remove-state"]));
      const run = await install([], elsewhere());
      good(run);
      assert.equal(run.keys["cli_command_path"], join(box.home, ".local/bin/tool"));
      assert.equal(run.keys["cli_persistence_strategy"], "posix-profile");
    });

    it("is probed by a file: a folder that only looks writable is not taken", async () => {
      // Root may write everywhere but into what is no folder.
      rmSync(box.layout.commands, { recursive: true });
      writeFileSync(box.layout.commands, "");
      const run = await install();
      good(run);
      assert.equal(run.keys["cli_command_root"], join(box.home, ".local/bin"));
      good(await box.run(script, ["uninstall", "--remove-state"]));
      // And nobody may make files in this one.
      script = box.script(
        renderInstaller(box.product(), "server", box.subject(), { ...box.layout, commands: "/proc" }),
      );
      assert.equal(
        (await install([], { PATH: `${join(box.folder, "path")}:/proc:/usr/bin:/bin` })).keys["cli_command_root"],
        join(box.home, ".local/bin"),
      );
    });

    it("is the one that was chosen; a block in the profile brings it onto PATH, and only once", async () => {
      const commands = at('it\'s $(touch pwned) `b` "é" %i & \\ * $HOME -x');
      writeFileSync(join(box.home, ".profile"), "export MINE=1\n\n\n# last line without an end");
      writeFileSync(join(box.home, ".bash_profile"), "");
      const before = box.picture();
      good(await install(["--command-root", commands]));
      for (const file of [".profile", ".bash_profile"]) {
        const found = execFileSync(
          "dash",
          ["-c", `. "$1"; . "$1"; printf '%s\\n' "$PATH"; command -v tool`, "sh", join(box.home, file)],
          { encoding: "utf8", env: { PATH: "/usr/bin:/bin" } },
        );
        assert.equal(found, `${commands}:/usr/bin:/bin\n${commands}/tool\n`);
      }
      assert.match(profile(), /^export MINE=1\n\n\n# last line without an end\n\n# >>> Tool CLI >>>\nTOOL_CLI_BIN='/);
      assert.ok(!existsSync(join(box.folder, "pwned")));
      const text = profile();
      assert.equal((await install()).keys["changed"], "no");
      assert.equal(profile(), text);
      writeFileSync(join(box.home, ".profile"), `${text}after\n`);
      good(await box.run(script, ["uninstall", "--remove-state"]));
      assert.equal(profile(), "export MINE=1\n\n\n# last line without an end\nafter\n");
      writeFileSync(join(box.home, ".profile"), "export MINE=1\n\n\n# last line without an end");
      assert.deepEqual(
        box.picture().filter((line) => !line.includes(".bash_profile")),
        before.filter((line) => !line.includes(".bash_profile")),
      );
    });

    it("a block of an earlier value is replaced in place; one without its end is refused", async () => {
      writeFileSync(join(box.home, ".profile"), "a\n# >>> Tool CLI >>>\nTOOL_CLI_BIN='/old'\n# <<< Tool CLI <<<\nb\n");
      good(await install([], elsewhere()));
      assert.match(
        profile(),
        new RegExp(`^a\n# >>> Tool CLI >>>\nTOOL_CLI_BIN='${box.home}/.local/bin'\n[^]*\n# <<< Tool CLI <<<\nb\n$`),
      );
      writeFileSync(join(box.home, ".profile"), "a\n# >>> Tool CLI >>>\nb\n");
      const run = await install([], elsewhere());
      assert.equal(run.code, 5);
      assert.match(run.stderr, /without '# <<< Tool CLI <<<'/);
      assert.equal(profile(), "a\n# >>> Tool CLI >>>\nb\n");
    });

    it("a profile that is a link stays one, with its mode", async () => {
      mkdirSync(join(box.home, "dotfiles"));
      writeFileSync(join(box.home, "dotfiles/profile"), "mine\n", { mode: 0o600 });
      symlinkSync("dotfiles/profile", join(box.home, ".profile"));
      good(await install([], elsewhere()));
      assert.ok(lstatSync(join(box.home, ".profile")).isSymbolicLink());
      assert.equal(statSync(join(box.home, "dotfiles/profile")).mode & 0o777, 0o600);
      assert.match(profile(), /^mine\n\n# >>> Tool CLI/);
    });

    it("session-only when nothing is to be persisted: no profile is touched", async () => {
      const run = await install(["--no-persist-path"], elsewhere());
      assert.equal(run.keys["cli_persistence_strategy"], "session-only");
      assert.ok(!existsSync(join(box.home, ".profile")));
    });

    it("a second installation over an existing block knows that it stands on it, and the last one takes it away", async () => {
      const before = box.picture();
      const two = [
        "--install-root",
        at("two"),
        "--state-root",
        at("two-state"),
        "--config",
        at("two-conf/c"),
        "--no-service",
      ];
      good(await install([], elsewhere()));
      // The block is in effect now.
      const effective = { PATH: `${join(box.home, ".local/bin")}:${elsewhere().PATH}` };
      const second = await install(two, effective);
      good(second);
      assert.equal(second.keys["cli_persistence_strategy"], "posix-profile");
      assert.deepEqual(JSON.parse(readFileSync(at("two/install-metadata.json"), "utf8")).cli_exposure.profile_files, [
        join(box.home, ".profile"),
      ]);
      const command = join(box.home, ".local/bin/tool");
      assert.ok(readFileSync(command, "utf8").includes(at("two/current/tool")));

      // The first goes: the command is the second's and stays. Then the second: nothing is left.
      good(await box.run(script, ["uninstall", "--remove-state"]));
      assert.equal(execFileSync(command, { encoding: "utf8" }), "tool 1.0.0\n");
      assert.match(profile(), /Tool CLI/);
      good(await box.run(script, ["uninstall", "--remove-state", "--install-root", at("two")]));
      // The home's own folder of folders was the first one's, which could not take it along.
      assert.deepEqual(box.picture(), [...before, "home/.local/"].sort());
    });

    it("gives a command back to the installation that had it before", async () => {
      good(await install());
      const text = readFileSync(join(box.layout.commands, "tool"), "utf8");
      good(
        await install([
          "--install-root",
          at("two"),
          "--state-root",
          at("two-state"),
          "--config",
          at("two-conf/c"),
          "--no-service",
        ]),
      );
      assert.notEqual(readFileSync(join(box.layout.commands, "tool"), "utf8"), text);
      good(await box.run(script, ["uninstall", "--remove-state", "--install-root", at("two")]));
      assert.equal(readFileSync(join(box.layout.commands, "tool"), "utf8"), text);
      assert.equal((await box.run(script, ["status"])).code, 0);
    });

    describe("of several installations", () => {
      const places = (name: string) => [
        "--install-root",
        at("opt", name),
        "--state-root",
        at("states", name),
        "--config",
        at("configs", name, "c"),
        "--no-service",
      ];
      const installAt = (name: string) => install(places(name));
      const uninstallAt = (name: string) =>
        box.run(script, ["uninstall", "--remove-state", "--install-root", at("opt", name)]);
      const command = () => join(box.layout.commands, "tool");
      const owner = () => /^# Calls (.*)\/current\/tool$/m.exec(readFileSync(command(), "utf8"))![1]!;

      it("is given back by the last one to the first when the one between is gone, wherever they lie", async () => {
        for (const name of ["it's x", "y", "z"]) good(await installAt(name));
        good(await uninstallAt("y"));
        assert.equal(owner(), at("opt/z"));
        good(await uninstallAt("z"));
        assert.equal(owner(), at("opt/it's x"));
        good(await uninstallAt("it's x"));
        assert.ok(!existsSync(command()));
      });

      it("is no fault of the one that has lost it, unless it leads nowhere", async () => {
        for (const name of ["x", "y"]) good(await installAt(name));
        const status = await box.run(script, ["status", "--install-root", at("opt/x")]);
        assert.equal(status.code, 0, status.stderr);
        rmSync(at("opt/y"), { recursive: true });
        assert.equal((await box.run(script, ["status", "--install-root", at("opt/x")])).code, 6);
      });

      it("is given back also by one that took it when it was rolled back", async () => {
        good(await installAt("x"));
        const newer = box.script(
          renderInstaller(box.product(), "server", box.subject("2.0.0"), box.layout),
          "newer.sh",
        );
        const packed = await box.archive("newer.zip", { version: "2.0.0" });
        good(
          await box.run(newer, [
            "install",
            "--archive",
            packed.file,
            "--sha256",
            packed.sha256,
            "--install-root",
            at("opt/x"),
          ]),
        );
        good(await installAt("y"));
        good(await box.run(newer, ["rollback", "--install-root", at("opt/x")]));
        good(await uninstallAt("x"));
        assert.equal(owner(), at("opt/y"));
        // They displaced each other, and neither is waited for.
        good(await uninstallAt("y"));
        assert.ok(!existsSync(command()));
      });
    });
  });

  it("a command passes on every argument and tells the program what the kind says, whatever the caller has set", async () => {
    const product = box.product(
      {},
      { commandEnvironment: { TOOL_STATE: "{state}", TOOL_CONFIG: "{config}/toold.conf" } },
    );
    script = box.script(renderInstaller(product, "server", box.subject(), box.layout));
    archive = await box.archive("tool.zip", {
      programs: { tool: '#!/bin/sh\nprintf "%s\\n" "$TOOL_STATE" "$TOOL_CONFIG" "$@"\n' },
    });
    good(await install(["--state-root", at(`s "$(x)" \`y\` 'z' é`)]));
    const words = ["-n", "a b", "$HOME", "'", "", "*"];
    assert.equal(
      execFileSync(join(box.layout.commands, "tool"), words, { encoding: "utf8", env: { TOOL_STATE: "mine" } }),
      [at(`s "$(x)" \`y\` 'z' é`), at("etc/tool/toold.conf"), ...words, ""].join("\n"),
    );
  });

  it("no service: no unit, no user, and all of it belongs to whoever installs", async () => {
    const before = box.picture();
    good(await install(["--no-service"]));
    assert.deepEqual(box.log(), []);
    assert.ok(!existsSync(at("units/toold.service")) && !existsSync(join(box.books, "users")));
    assert.equal((await install()).keys["changed"], "no");
    assert.equal((await box.run(script, ["status"])).code, 0);
    good(await box.run(script, ["uninstall", "--remove-state"]));
    assert.deepEqual(box.picture(), before);
  });

  it("without root, a kind without services goes to the user's own folders", async () => {
    const product = {
      ...box.product(),
      kinds: {
        server: {
          ...box.product().kinds["server"]!,
          services: [],
          state: "{home}/.local/state/tool",
          config: "{home}/.config/tool",
        },
      },
    };
    script = box.script(renderInstaller(product, "server", box.subject(), box.layout));
    writeFileSync(join(box.folder, "path/id"), "#!/bin/sh\necho 1000\n");
    writeFileSync(join(box.folder, "path/chown"), "#!/bin/sh\nexit 1\n");
    const before = box.picture();
    const run = await install();
    good(run);
    assert.equal(run.keys["install_root"], join(box.home, ".local/opt/tool"));
    assert.equal(run.keys["state_root"], join(box.home, ".local/state/tool"));
    assert.equal((await install()).keys["changed"], "no");
    assert.equal((await box.run(script, ["status"])).code, 0);
    good(await box.run(script, ["uninstall", "--remove-state"]));
    assert.deepEqual(box.picture(), before);
  });
});
