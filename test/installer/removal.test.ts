/** What uninstall refuses to take away: homes, the folder that one is in, and the system's, by whichever name a record or metadata has them. */
import assert from "node:assert/strict";
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { renderInstaller } from "../../src/installer/index.ts";
import { Sandbox, type Run } from "./sandbox.ts";

describe("uninstall takes no folder away whole", function () {
  this.timeout(30_000);
  let box: Sandbox;
  let script: string;
  const at = (...path: string[]) => join(box.machine, ...path);
  const good = (run: Run) => assert.equal(run.code, 0, run.stderr);
  const refuses = async (run: () => Promise<Run>, sentence: RegExp) => {
    const before = box.picture();
    const { code, stdout, stderr } = await run();
    assert.deepEqual([code, stdout], [5, ""], stderr);
    assert.match(stderr, sentence);
    assert.match(stderr, /nothing was removed/);
    assert.deepEqual(box.picture(), before);
  };
  const metadata = (root: string, state: string) => {
    box.write(`${root}/tool`, "x");
    box.write(
      `${root}/install-metadata.json`,
      JSON.stringify({
        schema_version: 2,
        install_root: at(root),
        state_root: state,
        cli_exposure: { command_name: "tool" },
      }),
    );
  };
  /** Accounts of the machine, each with its home. */
  const accounts = (...lines: [name: string, home: string][]) =>
    writeFileSync(
      join(box.folder, "path/getent"),
      `#!/bin/sh\n[ $# = 1 ] || { echo "root:x:0:0:root:$(cat "$BOOKS/home"):/bin/sh"; exit; }\ncat <<'END'\n${lines.map(([name, home]) => `${name}:x:1001:1001:A, B:${home}:/bin/sh\n`).join("")}END\n`,
      { mode: 0o755 },
    );

  beforeEach(async () => {
    box = await new Sandbox().open();
    script = box.script(renderInstaller(box.product(), "server", box.subject(), box.layout));
  });
  afterEach(() => box.close());

  it("that holds the home folder of whoever removes, as root or as state", async () => {
    box.write("users/bob/thesis", "mine");
    metadata("users", at("state/tool"));
    const run = (root: string, ...more: string[]) =>
      box.run(script, ["uninstall", "--install-root", at(root), ...more], { HOME: at("users/bob") });
    for (const more of [[], ["--remove-state"]])
      await refuses(
        () => run("users", ...more),
        /users is no folder to remove, for it is, or holds, the home folder .*users\/bob/,
      );
    metadata("opt/tool", at("users"));
    await refuses(
      () => run("opt/tool", "--remove-state"),
      /names .*users as state, which is no folder to remove, for it is, or holds, the home folder/,
    );
    symlinkSync(at("users"), at("link"));
    metadata("opt/tool", at("link/."));
    await refuses(() => run("opt/tool", "--remove-state"), /no folder to remove/);
    good(await run("opt/tool"));
  });

  it("that is, or holds, the home of any account but the service's own", async () => {
    box.write("people/alice/thesis", "hers");
    accounts(
      ["root", "/root"],
      ["none", "/"],
      ["gone", at("state/tool/gone")],
      ["tool", at("state/tool")],
      ["alice", at("people/alice")],
    );
    for (const state of ["people", "people/alice"]) {
      metadata("opt/tool", at(state));
      await refuses(() => box.run(script, ["uninstall", "--remove-state"]), /the home folder .*people\/alice/);
    }
    box.write("state/tool/data", "x");
    metadata("opt/tool", at("state/tool"));
    good(await box.run(script, ["uninstall", "--remove-state"]));
    assert.ok(!existsSync(at("state/tool")));
  });

  it("of a machine whose root is the home, and says nothing of that where there is nothing to refuse", async () => {
    metadata("opt/tool", at("state/tool"));
    const run = await box.run(script, ["uninstall"], { HOME: "/" });
    good(run);
    assert.equal(run.stderr, "");
  });

  it("that one is in", async () => {
    box.write("state/tool/deep/data", "x");
    metadata("opt/tool", at("state/tool"));
    const inside = box.script(`cd '${at("state/tool/deep")}' && exec dash '${script}' "$@"`, "inside.sh");
    await refuses(
      () => box.run(inside, ["uninstall", "--remove-state"]),
      /state\/tool as state, which is, or holds, the folder that you are in; go elsewhere/,
    );
    good(await box.run(inside, ["uninstall"]));
  });

  it("that is the system's, or may be somebody's home", async () => {
    for (const state of [
      "/var/lib",
      "/var",
      "/usr/local",
      "/usr/share",
      "/usr/local/bin",
      "/opt",
      "/home",
      "/srv",
      "/root",
      "/var/lib/dpkg",
      "/etc/ssh",
      "/home/nobody-here",
      "/var/../var/lib",
    ]) {
      metadata("opt/tool", state);
      await refuses(() => box.run(script, ["uninstall", "--remove-state"]), /no folder to remove/);
    }
    for (const root of ["/usr/local", "/var/lib"])
      assert.equal((await box.run(script, ["uninstall", "--install-root", root])).code, 2);
  });

  it("that the record names, once somebody lives there or is there: before anything is touched", async () => {
    const archive = await box.archive("tool.zip");
    good(await box.run(script, ["install", "--archive", archive.file, "--sha256", archive.sha256]));
    mkdirSync(at("state/tool/alice"));
    accounts(["alice", at("state/tool/alice")]);
    await refuses(
      () => box.run(script, ["uninstall", "--remove-state"]),
      /the record names .*state\/tool as state, which .* the home folder/,
    );
    accounts(["tool", at("state/tool")]);
    const inside = box.script(`cd '${at("state/tool")}' && exec dash '${script}' "$@"`, "inside.sh");
    await refuses(() => box.run(inside, ["uninstall", "--remove-state"]), /the folder that you are in/);
    good(await box.run(script, ["uninstall", "--remove-state"]));
    assert.ok(!existsSync(at("state/tool")));
  });
});
