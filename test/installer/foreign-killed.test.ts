/** An uninstall of what another installer made, killed at each step: the next one finishes it, and no data is lost or stuck. */
import assert from "node:assert/strict";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { renderInstaller } from "../../src/installer/index.ts";
import { sha256 } from "../../src/storage/digest.ts";
import { Killer } from "./killer.ts";
import { Sandbox } from "./sandbox.ts";

describe("an uninstall of another installer's installation, killed", function () {
  this.timeout(300_000);
  let box: Sandbox;
  let killer: Killer;
  let script: string;
  let root: string;
  const at = (...path: string[]) => join(box.machine, ...path);
  const commands = () => join(box.home, ".local/bin");
  const manifest = '{\n  "artifact_name": "tool-server-1.0.0-linux-x64"\n}\n';

  /** @param withMetadata or one that lost it; `data` that a daemon wrote below the root */
  const make = (withMetadata: boolean, data: boolean) => {
    for (const name of ["tool", "toold"]) box.write(`opt/tool/${name}`, "x");
    box.write("opt/tool/web/index.html", "page");
    box.write("opt/tool/release-manifest.json", manifest);
    box.write(
      "opt/tool/checksums.txt",
      `${sha256("page")}  web/index.html\n${sha256(manifest)}  release-manifest.json\n`,
    );
    if (data) box.write("opt/tool/data/journal", "precious");
    box.write(
      "home/.profile",
      `mine\n\n# >>> Tool CLI >>>\nTOOL_CLI_BIN='${commands()}'\ncase x in esac\n# <<< Tool CLI <<<\n`,
    );
    box.write("home/.local/bin/tool", `#!/bin/sh\nexec '${join(root, "tool")}' "$@"\n`, 0o755);
    box.write("state/tool/data", "precious");
    if (!withMetadata) return;
    const exposure = {
      command_name: "tool",
      command_root: commands(),
      shim_paths: [join(commands(), "tool")],
      target_binary_path: join(root, "tool"),
      profile_files: [],
    };
    box.write(
      "opt/tool/install-metadata.json",
      JSON.stringify({ schema_version: 2, install_root: root, state_root: at("state/tool"), cli_exposure: exposure }),
    );
  };

  beforeEach(async () => {
    box = await new Sandbox().open();
    killer = new Killer(box);
    script = box.script(renderInstaller(box.product(), "server", box.subject(), box.layout));
    root = join(box.layout.roots, "tool");
  });
  afterEach(() => box.close());

  for (const [what, withMetadata, data, options] of [
    ["with metadata, all of it to go", true, true, ["--remove-state"]],
    ["with metadata and data below the root", true, true, []],
    ["with metadata and no data below the root", true, false, []],
    ["without metadata, with data below the root", false, true, []],
    ["without metadata, all of it to go", false, true, ["--remove-state"]],
  ] as const) {
    it(what, async () => {
      const args = ["uninstall", "--install-root", root, ...options];
      const look = () => ({
        left: box.picture().map((line) => line.replace(/\.kept-[^/ ]*/g, ".kept")),
        kept: box
          .picture()
          .filter((line) => line.includes("kept-") && line.endsWith("/"))
          .map((line) => at(line.slice(0, -1)))[0],
      });
      const clean = () =>
        ["opt/tool", "state", ...box.picture().filter((line) => /^opt\/[^/]*\/$/.test(line))].forEach((path) =>
          rmSync(at(path), { recursive: true, force: true }),
        );
      make(withMetadata, data);
      assert.equal((await box.run(script, args)).code, 0);
      const { left } = look();
      assert.equal(
        left.some((line) => line.startsWith("opt/tool.kept/data/journal")),
        data && options.length === 0,
      );
      assert.equal(
        left.some((line) => line.includes("state/tool/data")),
        options.length === 0 || !withMetadata,
      );
      assert.equal(readFileSync(at("home/.profile"), "utf8"), "mine\n");
      for (const moment of ["before", "after"]) {
        for (let n = 1, killed = true; killed; n += 1) {
          clean();
          make(withMetadata, data);
          killed = (await killer.run(script, args, `${moment} ${n}`)).killed;
          const run = await box.run(script, args);
          assert.equal(run.code, 0, `${moment} ${n}: ${run.stderr}`);
          const after = look();
          assert.deepEqual(after.left, left, `${moment} ${n}`);
          // One that was killed when nothing was left to do has nothing to tell.
          if (killed && after.kept !== undefined && run.keys["changed"] === "yes")
            assert.ok(run.stdout.includes(`kept=${after.kept}\n`), `${moment} ${n}: ${run.stdout}`);
        }
      }
    });
  }
});
