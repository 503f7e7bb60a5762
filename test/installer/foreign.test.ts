/** Installations that others made, known by their metadata or by their manifest: what uninstall takes of them, keeps, and refuses. */
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { sha256 } from "../../src/storage/digest.ts";
import { Sandbox, type Run } from "./sandbox.ts";

describe("uninstall of an installation that Palyra's own installer would have made", function () {
  this.timeout(30_000);
  let box: Sandbox;
  let script: string;
  let args: string[];
  let root: string;
  const at = (...path: string[]) => join(box.machine, ...path);
  const good = (run: Run) => assert.equal(run.code, 0, run.stderr);
  const uninstall = (...more: string[]) => box.run(script, ["uninstall", "--install-root", root, ...more]);
  const refuses = (run: Promise<Run>, sentence: RegExp, code = 5) => box.refuses(run, sentence, code);

  beforeEach(async () => {
    box = await new Sandbox().open();
    ({ script, args, root } = await box.installer());
  });
  afterEach(() => box.close());

  const shim = (target: string, quote = "'") =>
    `#!/bin/sh\nset -eu\nexport TOOL_STATE='x'\nexec ${quote}${target}${quote} "$@"\n`;
  let metadata: Record<string, unknown>;
  const write = (indent: number | string = 2) =>
    box.write("opt/tool/install-metadata.json", JSON.stringify(metadata, null, indent));
  beforeEach(() => {
    for (const name of ["tool", "toold", "release-manifest.json"]) box.write(`opt/tool/${name}`, "x");
    box.write("home/.local/bin/tool", shim(join(root, "tool")), 0o755);
    box.write(
      "home/.profile",
      `mine\n\n# >>> Tool CLI >>>\nTOOL_CLI_BIN='${box.home}/.local/bin'\ncase x in esac\n# <<< Tool CLI <<<\n`,
    );
    box.write("state/tool/data", "precious");
    metadata = {
      schema_version: 2,
      artifact_kind: "server",
      installed_at_utc: "2026-05-01T10:00:00.0000000Z",
      archive_path: "/srv/dl/t.zip",
      install_root: root,
      config_path: null,
      state_root: at("state/tool"),
      cli_exposure: {
        command_name: "tool",
        command_root: join(box.home, ".local/bin"),
        command_path: join(box.home, ".local/bin/tool"),
        shim_paths: [join(box.home, ".local/bin/tool")],
        target_binary_path: join(root, "tool"),
        profile_files: [],
      },
    };
    write();
  });

  it("removes the folder, its command, and the block that a second run of that installer forgot; keeps state", async () => {
    const run = await uninstall();
    good(run);
    assert.match(run.stdout, new RegExp(`^kept=${at("state/tool")}$`, "m"));
    assert.deepEqual(
      box
        .picture()
        .filter((line) => line.startsWith("home/") || line.startsWith("opt/"))
        .map((line) => line.split(" ")[0]),
      ["home/", "home/.local/", "home/.profile", "opt/"],
    );
    assert.equal(readFileSync(join(box.home, ".profile"), "utf8"), "mine\n");
    assert.equal(readFileSync(at("state/tool/data"), "utf8"), "precious");
  });

  for (const [what, spoil, options] of [
    [
      "keeps state below the root",
      () => {
        metadata["state_root"] = join(root, "state");
        write();
      },
      [],
    ],
    ["keeps a journal that the daemon wrote where it was started", () => {}, []],
    [
      "keeps data of one that lost its metadata",
      () => {
        rmSync(join(root, "install-metadata.json"));
        box.write("opt/tool/release-manifest.json", '{\n  "artifact_name": "tool-server-1.0.0-linux-x64"\n}\n');
      },
      [],
    ],
    ["removes data below the root when it is asked", () => {}, ["--remove-state"]],
  ] as const) {
    it(what, async () => {
      spoil();
      box.write("opt/tool/web/index.html", "page");
      box.write(
        "opt/tool/checksums.txt",
        `${sha256("page")}  web/index.html\n${sha256("x")}  ../../state/tool/listed\n`,
      );
      box.write("state/tool/listed", "x");
      for (const path of ["data/journal.sqlite3", "state/vault", "service/palyrad.service"])
        box.write(`opt/tool/${path}`, "precious");
      const run = await uninstall(...options);
      good(run);
      assert.ok(!existsSync(root));
      const kept = readdirSync(box.layout.roots);
      assert.equal(kept.length, options.length === 0 ? 1 : 0);
      for (const folder of kept) {
        assert.match(run.stdout, new RegExp(`^kept=${at("opt", folder)}$`, "m"));
        assert.deepEqual(readdirSync(at("opt", folder)).sort(), ["data", "state"]);
        for (const path of ["data/journal.sqlite3", "state/vault"])
          assert.equal(readFileSync(at("opt", folder, path), "utf8"), "precious");
        assert.ok(existsSync(at("state/tool/listed")));
      }
    });
  }

  it("removes state too when it is asked, and reads what other writers escape", async () => {
    rmSync(at("state"), { recursive: true });
    metadata["state_root"] = at('it\'s "a" \\ é');
    mkdirSync(metadata["state_root"] as string);
    box.write(
      "opt/tool/install-metadata.json",
      JSON.stringify(metadata, null, "\t").replaceAll("'", "\\u0027").replaceAll("/", "\\/"),
    );
    good(await uninstall("--remove-state"));
    assert.ok(!existsSync(metadata["state_root"] as string) && !existsSync(root));
  });

  it("reads what other writers escape by number, and folders that are written with a / at their end", async () => {
    for (const name of ["\u00e9t\u00e9", "\u20ac", "\ud83d\ude80 x", "plain"]) {
      box.write("opt/tool/tool", "x");
      box.write(`states/${name}/data`, "x");
      metadata["install_root"] = `${root}/`;
      metadata["state_root"] = `${at("states", name)}//`;
      const escaped = JSON.stringify(metadata).replace(
        /[^\x20-\x7e]/g,
        (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
      );
      assert.doesNotMatch(escaped, /[^\x20-\x7e]/);
      box.write("opt/tool/install-metadata.json", escaped);
      good(await uninstall("--remove-state"));
      assert.ok(!existsSync(root));
      assert.deepEqual(readdirSync(at("states")), []);
    }
  });

  it("refuses with a sentence what no path can hold, or no text", async () => {
    for (const escape of ["\\u0007", "\\n", "\\ud83d", "\\ud83d\\u0041", "\\udc00", "\\u12", "\\x"]) {
      metadata["state_root"] = "/srv/PLACE";
      box.write("opt/tool/install-metadata.json", JSON.stringify(metadata).replace("PLACE", escape));
      await refuses(uninstall(), /as state_root cannot be read; nothing was removed/);
    }
  });

  it("leaves a command that leads elsewhere, also to a longer name", async () => {
    box.write("home/.local/bin/tool", shim(`${join(root, "tool")}-two`), 0o755);
    good(await uninstall());
    assert.ok(existsSync(join(box.home, ".local/bin/tool")));
  });

  it("refuses metadata that is about another folder or product, of another schema, or broken", async () => {
    for (const [change, sentence] of [
      [{ install_root: "/opt/other" }, /is about '\/opt\/other'/],
      [{ schema_version: 1 }, /not of schema 2/],
      [{ schema_version: 25 }, /not of schema 2/],
      [{ schema_version: "2" }, /not of schema 2/],
      [{ cli_exposure: { command_name: "other" } }, /is not about tool/],
    ] as const) {
      const good = metadata;
      metadata = { ...metadata, ...change };
      write();
      metadata = good;
      await refuses(uninstall("--remove-state"), sentence);
    }
    box.write("opt/tool/install-metadata.json", '{"schema_version": 2, "install_root": "/opt');
    await refuses(uninstall(), /cannot be read/);
  });

  it("refuses to remove state that is a home folder or the system's", async () => {
    for (const state of [box.home, "/", "/etc", "relative"]) {
      metadata["state_root"] = state;
      write();
      await refuses(uninstall("--remove-state"), /no folder to remove/);
    }
  });

  it("without metadata: only when it is named, and has a manifest of the product; commands are found by what they lead to", async () => {
    rmSync(join(root, "install-metadata.json"));
    await refuses(uninstall(), /no manifest of tool/);
    box.write("opt/tool/release-manifest.json", '{\n  "artifact_name": "tool-server-1.0.0-linux-x64"\n}\n');
    await refuses(box.run(script, ["uninstall"]), /name it with --install-root/);
    box.write("bin/tool", shim(join(root, "tool"), '"'), 0o755);
    box.write("bin/toold", shim("/elsewhere/toold"), 0o755);
    good(await uninstall("--remove-state"));
    assert.ok(!existsSync(root) && !existsSync(at("bin/tool")) && !existsSync(join(box.home, ".local/bin/tool")));
    assert.ok(existsSync(at("bin/toold")));
    // The block goes with the folder that it brought onto PATH.
    assert.equal(readFileSync(join(box.home, ".profile"), "utf8"), "mine\n");
    assert.ok(!existsSync(join(box.home, ".local/bin")) && existsSync(at("bin")));
    // Nothing said where its state is.
    assert.ok(existsSync(at("state/tool/data")));
  });

  it("stops and disables a unit that somebody copied by hand, and says so", async () => {
    box.write("units/mine.service", `[Service]\nExecStart=${root}/toold\n`);
    const run = await uninstall();
    good(run);
    assert.match(run.stderr, /mine\.service started what is removed now/);
    assert.ok(box.log().includes("systemctl disable --now --quiet mine.service"));
    assert.ok(existsSync(at("units/mine.service")));
  });

  it("is not taken for an installation of ours by install", async () => {
    await refuses(box.run(script, args), /holds something that no installer of ours put there/);
  });
});
