import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { packEntries } from "../../src/archive/index.ts";
import { EdgeError } from "../../src/edges/edges.ts";
import { renderInstaller } from "../../src/installer/index.ts";
import type { Product, Subject } from "../../src/products/index.ts";
import { nats } from "../../src/products/nats.ts";
import { recipeName, renderRecipe, type RecipeFile } from "../../src/recipes/index.ts";
import { sha256 } from "../../src/storage/digest.ts";
import { Killer } from "../installer/killer.ts";
import { Sandbox } from "../installer/sandbox.ts";
import { operatorCommands } from "./operator-commands.ts";

const subject: Subject = {
  product: "nats",
  kind: "server",
  version: "2.11.4",
  binaryVersions: {},
  platform: "linux-x64",
  sha256: "a".repeat(64),
  base: "nats-server-2.11.4-linux-x64",
};
const textOf = (files: RecipeFile[], path: string) => files.find((file) => file.path === path)!.text;

describe("the recipe's files", () => {
  const files = renderRecipe(nats, "server", subject);

  it("are these, in order, commands executable", () => {
    assert.deepEqual(
      files.map(({ path, mode }) => `${mode.toString(8)} ${path}`),
      [
        ...[
          "644 README.md",
          "644 checksums.txt",
          "644 config/nats-server/nats-server.conf",
          "755 deploy",
          "644 env/nats-server.env",
          "755 install.sh",
          "644 recipe.json",
        ],
        ...[
          "644 release/rollback-plan.json",
          "755 remove",
          "755 rollback",
          "755 status",
          "644 systemd/nats-server.service",
          "755 upgrade",
        ],
      ],
    );
    assert.equal(recipeName(subject.base), "nats-server-2.11.4-linux-x64.recipe-single-vm.zip");
  });

  it("hold the installer itself, and pin the archive's digest", () => {
    assert.equal(textOf(files, "install.sh"), renderInstaller(nats, "server", subject));
    for (const path of ["deploy", "upgrade", "status", "README.md", "recipe.json"])
      assert.ok(textOf(files, path).includes(subject.sha256), path);
    assert.deepEqual(JSON.parse(textOf(files, "recipe.json")).archive, {
      name: "nats-server-2.11.4-linux-x64.zip",
      sha256: subject.sha256,
    });
    assert.doesNotMatch(textOf(files, "install.sh"), /a{64}/);
  });

  it("are all in checksums.txt", () => {
    const listed = textOf(files, "checksums.txt");
    assert.equal(
      listed,
      files
        .filter((f) => f.path !== "checksums.txt")
        .map((f) => `${sha256(f.text)}  ${f.path}\n`)
        .join(""),
    );
  });

  it("change with the archive's digest, and not otherwise", () => {
    assert.deepEqual(renderRecipe(nats, "server", { ...subject }), files);
    const other = renderRecipe(nats, "server", { ...subject, sha256: "b".repeat(64) });
    assert.deepEqual(
      other.filter((f, i) => f.text !== files[i]!.text).map((f) => f.path),
      ["README.md", "checksums.txt", "deploy", "recipe.json", "remove", "rollback", "status", "upgrade"],
    );
  });

  it("are refused where nothing could be deployed", () => {
    const bare: Product = { ...nats, kinds: { server: { ...nats.kinds["server"]!, services: [] } } };
    for (const [render, sentence] of [
      [() => renderRecipe(nats, "server", { ...subject, platform: "windows-x64" }), /needs Linux with systemd/],
      [() => renderRecipe(bare, "server", subject), /has no service to deploy/],
      [() => renderRecipe(nats, "server", { ...subject, sha256: "" }), /pack the archive first/],
    ] as const) {
      assert.throws(render, (e: unknown) => e instanceof EdgeError && sentence.test(e.message));
    }
  });
});

describe("the operator's page", () => {
  const page = textOf(renderRecipe(nats, "server", subject), "README.md");

  it("has its commands in blocks, which a test executes, and nowhere else", () => {
    assert.deepEqual(
      operatorCommands(page).filter((line) => line.startsWith("./")),
      [
        "./deploy",
        "./status",
        "./status",
        "./deploy",
        "./upgrade",
        "./rollback",
        "./remove",
        "./remove --remove-state",
      ],
    );
    assert.doesNotMatch(
      page.replaceAll(/^```sh\n[^]*?^```$/gm, ""),
      /`(\.\/|sh |systemctl|journalctl|unzip|sha256sum)/,
    );
  });
  it("says how the recipe gets a folder of its own", () => {
    assert.ok(
      page.includes(
        "    unzip nats-server-2.11.4-linux-x64.recipe-single-vm.zip -d nats-server-2.11.4-linux-x64.recipe\n",
      ),
    );
  });
  it("names every place and every address", () => {
    for (const word of [
      "/opt/nats",
      "/usr/local/bin/nats",
      "/etc/systemd/system/nats-server.service",
      "/etc/nats/nats-server.conf",
      "/etc/nats/nats-server.env",
      "/var/lib/nats",
      "127.0.0.1:4222",
      "127.0.0.1:8222",
    ])
      assert.ok(page.includes(word), word);
  });
});

describe("the recipe, executed", function () {
  this.timeout(90_000);
  let box: Sandbox;
  let archive: { file: string; sha256: string };
  let folder: string;
  let files: RecipeFile[];
  const run = (command: string, ...args: string[]) => box.run(join(folder, command), args);

  /** A release before this one is on the machine, and has written something. */
  const earlier = async (): Promise<void> => {
    const { file, sha256 } = await box.archive("older.zip", { version: "0.9.0" });
    const installed = await box.run(
      box.script(renderInstaller(box.product(), "server", box.subject("0.9.0"), box.layout)),
      ["install", "--archive", file, "--sha256", sha256],
    );
    assert.equal(installed.code, 0, installed.stderr);
    writeFileSync(join(box.machine, "state/tool/data"), "of the older release\n");
  };

  beforeEach(async () => {
    box = await new Sandbox("it's a $(machine)").open();
    archive = await box.archive("tool-server-1.0.0-linux-x64.zip");
    files = renderRecipe(
      box.product(),
      "server",
      { ...box.subject(), sha256: archive.sha256, platform: box.subject().platform },
      { layout: box.layout },
    );
    const zip = join(box.folder, "recipe.zip");
    await packEntries(
      files.map(({ path, mode, text }) => ({ path, mode, data: Buffer.from(text) })),
      zip,
    );
    folder = join(box.folder, "-a recipe's $(folder)");
    execFileSync("unzip", ["-q", zip, "-d", folder]);
  });
  afterEach(() => box.close());

  it("deploys the archive beside it, says so, and changes nothing the second time", async () => {
    const first = await run("deploy");
    assert.equal(first.code, 0, first.stderr);
    assert.equal(first.keys["changed"], "yes");
    assert.equal(first.keys["sha256"], archive.sha256);
    const before = box.picture(true);
    const second = await run("deploy");
    assert.equal(second.keys["changed"], "no");
    assert.match(second.stderr, /nothing was changed/);
    assert.deepEqual(box.picture(true), before);
    assert.equal((await run("status")).code, 0);
  });

  it("installs the very units and configuration that it shows", async () => {
    await run("deploy");
    const compare = (shown: string, installed: string) =>
      execFileSync("cmp", [join(folder, shown), join(box.machine, installed)]);
    compare("systemd/toold.service", "units/toold.service");
    compare("config/toold/toold.conf", "etc/tool/toold.conf");
    compare("env/toold.env", "etc/tool/toold.env");
  });

  it("takes the archive from where it is told, from inside the folder, or from the working folder", async () => {
    const elsewhere = join(box.folder, "elsewhere.zip");
    copyFileSync(archive.file, elsewhere);
    rmSync(archive.file);
    const missing = await run("deploy");
    assert.equal(missing.code, 4);
    assert.match(missing.stderr, /tool-server-1\.0\.0-linux-x64\.zip is neither in/);
    assert.equal((await run("deploy", elsewhere)).code, 0);
    copyFileSync(elsewhere, join(folder, "tool-server-1.0.0-linux-x64.zip"));
    assert.equal((await run("deploy")).keys["changed"], "no");
    for (const [command, args] of [
      ["deploy", ["a", "b"]],
      ["status", ["a"]],
      ["remove", ["a"]],
      ["rollback", ["a"]],
    ] as const)
      assert.equal((await run(command, ...args)).code, 2, command);
  });

  it("has a help of its own for each command, and changes nothing for it", async () => {
    const before = box.picture();
    for (const command of ["deploy", "upgrade", "rollback", "status", "remove"]) {
      for (const option of ["--help", "-h"]) {
        const { code, stdout, stderr } = await run(command, option);
        assert.deepEqual([code, stderr], [0, ""]);
        assert.ok(stdout.startsWith(`usage: ${command} [`), stdout);
        assert.doesNotMatch(stdout, /--archive|uninstall/);
      }
    }
    assert.deepEqual(box.picture(), before);
  });

  it("passes on where things are to go, and finds them there again", async () => {
    const [root, state] = [join(box.machine, "my root"), join(box.machine, "my $state")];
    const places = ["--install-root", root, "--state-root", state, "--command-root", join(box.machine, "cmd")];
    const deployed = await run("deploy", ...places, archive.file, "--wait", "5");
    assert.equal(deployed.code, 0, deployed.stderr);
    assert.deepEqual(
      [deployed.keys["install_root"], deployed.keys["state_root"], deployed.keys["cli_command_root"]],
      [root, state, join(box.machine, "cmd")],
    );
    assert.equal((await run("status", "--install-root", root)).code, 0);
    assert.equal((await run("status")).code, 7);
    assert.equal((await run("upgrade", "--install-root", root)).keys["changed"], "no");
    assert.equal((await run("upgrade")).code, 7);
    assert.equal((await run("remove", "--remove-state", "--install-root", root)).code, 0);
    for (const wrong of [["--no-service"], ["--install-root"], ["-x"], ["--sha256", "a"]]) {
      const { code, stderr } = await run("deploy", ...wrong);
      assert.equal(code, 2, wrong.join(" "));
      assert.match(stderr, /^usage: deploy/m);
    }
  });

  it("refuses any other archive and leaves the machine alone", async () => {
    const other = await box.archive("other.zip", { version: "1.0.1" });
    const before = box.picture();
    const answer = await run("deploy", other.file);
    assert.equal(answer.code, 4);
    assert.match(answer.stderr, new RegExp(`not ${archive.sha256}`));
    assert.deepEqual(box.picture(), before);
  });

  it("refuses to run when it is not as it was published", async () => {
    for (const path of ["systemd/toold.service", "install.sh", "release/rollback-plan.json"]) {
      const good = textOf(files, path);
      // One character is enough.
      writeFileSync(join(folder, path), `${good.slice(0, -2)}#${good.slice(-1)}`);
      for (const command of ["deploy", "upgrade", "rollback", "status", "remove"]) {
        const answer = await run(command);
        assert.equal(answer.code, 4);
        assert.match(answer.stderr, new RegExp(`${path}: FAILED[^]*is not as it was published`));
      }
      writeFileSync(join(folder, path), good);
    }
    assert.equal((await run("deploy")).code, 0);
  });

  it("refuses to run with a file that is not listed, or no longer, but for its archive and what is named after that", async () => {
    const checksums = textOf(files, "checksums.txt");
    const commands = ["deploy", "upgrade", "rollback", "status", "remove"];
    writeFileSync(join(folder, "install.sh"), "echo replaced\n");
    writeFileSync(join(folder, "checksums.txt"), checksums.replace(/^.*  install\.sh\n/m, ""));
    for (const command of commands) {
      const answer = await run(command);
      assert.deepEqual([answer.code, answer.stdout], [4, ""]);
      assert.match(answer.stderr, /^install\.sh is not listed in checksums\.txt$[^]*is not as it was published/m);
    }
    writeFileSync(join(folder, "install.sh"), textOf(files, "install.sh"));
    writeFileSync(join(folder, "checksums.txt"), checksums);
    for (const name of ["-x it's", "env/more.env"]) {
      writeFileSync(join(folder, name), "x");
      const answer = await run("deploy");
      assert.equal(answer.code, 4);
      assert.ok(answer.stderr.startsWith(`${name} is not listed`), answer.stderr);
      rmSync(join(folder, name));
    }
    for (const name of [
      "tool-server-1.0.0-linux-x64.more/env",
      "env/tool-server-1.0.0-linux-x64.zip",
      "tool-server-1.0.0-linux-x64",
      "tool-server-1.0.1-linux-x64.zip",
    ]) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), "x");
      const answer = await run("deploy");
      assert.equal(answer.code, 4);
      assert.ok(answer.stderr.startsWith(`${name} is not listed`), answer.stderr);
      rmSync(join(folder, name));
    }
    for (const suffix of ["", ".sha256"])
      writeFileSync(join(folder, `tool-server-1.0.0-linux-x64.zip${suffix}`), readFileSync(archive.file));
    const deployed = await run("deploy");
    assert.equal(deployed.code, 0, deployed.stderr);
    // Without its list there is nothing to go by.
    rmSync(join(folder, "checksums.txt"));
    assert.equal((await run("status")).code, 4);
  });

  it("runs where it was unpacked among everything that was published with it", async () => {
    const downloads = join(box.folder, "down loads");
    mkdirSync(downloads);
    const published = [
      "zip.sha256",
      "release-manifest.json",
      "checksums.txt",
      "binaries.json",
      "install.sh",
      "provenance.json",
    ];
    for (const suffix of published) writeFileSync(join(downloads, `tool-server-1.0.0-linux-x64.${suffix}`), "x");
    copyFileSync(archive.file, join(downloads, "tool-server-1.0.0-linux-x64.zip"));
    copyFileSync(join(box.folder, "recipe.zip"), join(downloads, recipeName("tool-server-1.0.0-linux-x64")));
    execFileSync("unzip", ["-q", recipeName("tool-server-1.0.0-linux-x64")], { cwd: downloads });
    rmSync(archive.file);
    for (const [command, code] of [
      ["status", 7],
      ["deploy", 0],
      ["status", 0],
      ["remove", 0],
    ] as const) {
      const answer = await box.run(join(downloads, command), []);
      assert.equal(answer.code, code, answer.stderr);
    }
  });

  it("upgrades an earlier release, and refuses where there is none", async () => {
    const clean = box.picture();
    const refused = await run("upgrade");
    assert.equal(refused.code, 7);
    assert.match(refused.stderr, /^upgrade: nothing is installed here to be upgraded; run deploy\.$/m);
    assert.deepEqual(box.picture(), clean);
    await earlier();
    const upgraded = await run("upgrade");
    assert.equal(upgraded.code, 0, upgraded.stderr);
    assert.deepEqual([upgraded.keys["changed"], upgraded.keys["version"]], ["yes", "1.0.0"]);
    assert.equal((await run("upgrade")).keys["changed"], "no");
    assert.equal((await run("upgrade", "a", "b")).code, 2);
    // What is left when state is kept is no release.
    assert.equal((await run("remove")).code, 0);
    assert.equal((await run("upgrade")).code, 7);
    assert.ok(box.picture().some((line) => line.startsWith("state/tool/data ")));
  });

  it("rolls back to the earlier release and its data, once, and upgrades again", async () => {
    await earlier();
    const data = join(box.machine, "state/tool/data");
    assert.equal((await run("upgrade")).code, 0);
    writeFileSync(data, "of the newer release\n");
    const back = await run("rollback");
    assert.equal(back.code, 0, back.stderr);
    assert.deepEqual([back.keys["changed"], back.keys["version"]], ["yes", "0.9.0"]);
    assert.equal(readFileSync(data, "utf8"), "of the older release\n");
    assert.ok(back.keys["kept_aside"]?.startsWith(join(box.layout.roots, "tool/backups/aside-")), back.stdout);
    const status = await run("status");
    assert.deepEqual([status.code, status.keys["version"]], [7, "0.9.0"]);
    assert.match(
      status.stderr,
      /another release \(above\), not tool-server-1\.0\.0-linux-x64; ask the recipe of that one/,
    );
    assert.equal((await run("rollback")).code, 7);
    assert.equal((await run("upgrade")).keys["version"], "1.0.0");
    assert.equal((await run("status")).code, 0);
  });

  describe("when a newer release is deployed", () => {
    let newer: string;
    const older = "tool-server-1.0.0-linux-x64";
    const other = new RegExp(
      `what is deployed here is tool-server-1\\.1\\.0-linux-(x64|arm64) with SHA-256 [0-9a-f]{64}, not ${older}; nothing was changed, and the recipe to use is that of the other one, tool-server-1\\.1\\.0-linux-(x64|arm64)\\.recipe-single-vm\\.zip\\.$`,
      "m",
    );
    const newerRecipe = async (): Promise<void> => {
      const { file, sha256 } = await box.archive("tool-server-1.1.0-linux-x64.zip", { version: "1.1.0" });
      newer = join(box.folder, "newer recipe");
      for (const { path, mode, text } of renderRecipe(
        box.product(),
        "server",
        { ...box.subject("1.1.0"), sha256 },
        { layout: box.layout },
      )) {
        mkdirSync(dirname(join(newer, path)), { recursive: true });
        writeFileSync(join(newer, path), text, { mode });
      }
      assert.equal(file, join(newer, "..", "tool-server-1.1.0-linux-x64.zip"));
    };
    const ofNewer = (command: string, ...args: string[]) => box.run(join(newer, command), args);
    beforeEach(async () => {
      await newerRecipe();
      assert.equal((await run("deploy")).code, 0);
      writeFileSync(join(box.machine, "state/tool/data"), "precious\n");
    });

    it("neither takes it back nor removes it, and says whose recipe does", async () => {
      assert.equal((await ofNewer("upgrade")).code, 0);
      const before = box.picture(true);
      const root = ["--install-root", join(box.layout.roots, "tool")];
      for (const [command, args] of [
        ["rollback", []],
        ["remove", []],
        ["remove", ["--remove-state"]],
        ["remove", root],
        ["rollback", ["--wait", "5"]],
      ] as const) {
        const answer = await run(command, ...args);
        assert.deepEqual([answer.code, answer.stdout], [7, ""], answer.stderr);
        assert.match(answer.stderr, other);
        assert.deepEqual(answer.stderr.trimEnd().split("\n").length, 1);
        assert.deepEqual(box.picture(true), before);
      }
      assert.equal((await ofNewer("rollback")).keys["version"], "1.0.0");
      // Taken back, it is no longer the newer recipe's to remove.
      assert.equal((await ofNewer("remove", "--remove-state")).code, 7);
      assert.equal(readFileSync(join(box.machine, "state/tool/data"), "utf8"), "precious\n");
      assert.equal((await run("remove", "--remove-state")).code, 0);
    });

    it("lets its own recipe remove it, damaged as it is, and what is left of its state after that", async () => {
      assert.equal((await ofNewer("upgrade")).code, 0);
      rmSync(join(box.layout.roots, "tool/current/tool"));
      assert.equal((await ofNewer("status")).code, 6);
      assert.equal((await ofNewer("remove")).code, 0);
      assert.equal((await ofNewer("remove", "--remove-state")).code, 0);
      assert.ok(!box.picture().some((line) => line.startsWith("state/tool/")));
    });

    it("lets the recipe of either release end an upgrade that was cut off, and no third one's", async () => {
      const killer = new Killer(box);
      const transition = join(box.layout.roots, "tool/transition");
      let [cut, third] = [0, 0];
      for (let n = 6; ; n += 7) {
        const { killed } = await killer.run(join(newer, "upgrade"), [], `before ${n}`);
        if (!killed) break;
        if (existsSync(transition)) {
          cut += 1;
          // The record names the newer one by now, which may have come from another.
          if (
            !readFileSync(join(box.layout.roots, "tool/install-record"), "utf8").includes(`sha256=${archive.sha256}`)
          ) {
            third += 1;
            const text = readFileSync(transition, "utf8");
            writeFileSync(transition, text.replaceAll("=1.0.0-", "=0.8.0-"));
            for (const command of ["rollback", "remove"]) assert.match((await run(command)).stderr, other);
            writeFileSync(transition, text);
          }
          const back = await (cut % 2 ? ofNewer : run)("rollback");
          assert.equal(back.code, 0, `before ${n}: ${back.stderr}`);
          assert.equal(back.keys["version"], "1.0.0");
        }
      }
      assert.ok(cut > 2 && third > 0, `${cut} ${third}`);
      assert.equal((await ofNewer("status")).code, 0);
    });
  });

  it("takes an archive for what it is, however it is named", async () => {
    copyFileSync(archive.file, join(box.folder, "-a name.zip"));
    for (const command of ["deploy", "upgrade"]) {
      const answer = await run(command, "-a name.zip");
      assert.equal(answer.code, 2);
      assert.match(answer.stderr, /with \.\/ before a name that starts with a dash/);
    }
    assert.equal((await run("deploy", "./-a name.zip")).code, 0);
  });

  it("removes what it deployed", async () => {
    const before = box.picture();
    await run("deploy");
    const answer = await run("remove", "--remove-state");
    assert.equal(answer.code, 0, answer.stderr);
    assert.deepEqual(box.picture(), before);
    assert.equal((await run("status")).code, 7);
  });

  it("can be called from its own folder and through a path", async () => {
    mkdirSync(join(box.folder, "bin"));
    const env = { ...process.env, PATH: `${join(box.folder, "path")}:${process.env["PATH"]}`, BOOKS: box.books };
    for (const [cwd, command] of [
      [folder, "./status"],
      [folder, "status"],
      [dirname(folder), "./-a recipe's $(folder)/status"],
    ] as const) {
      const { status, stderr } = spawnSync("dash", [command], { cwd, env, encoding: "utf8" });
      assert.equal(status, 7, stderr);
    }
  });
});
