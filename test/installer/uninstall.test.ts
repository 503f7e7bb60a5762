/** What uninstall refuses, what it stops, and what it keeps or takes besides what the record names. */
import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { copyFileSync, existsSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Sandbox, type Run } from "./sandbox.ts";

describe("uninstall", function () {
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

  it("refuses the root of the file system, the home folder, a link, and the folder that one is in", async () => {
    await refuses(box.run(script, ["uninstall", "--install-root", "/"]), /folder of the system itself/, 2);
    await refuses(box.run(script, ["uninstall", "--install-root", `${box.home}/.`]), /is a home folder/, 2);
    good(await box.run(script, args));
    symlinkSync(root, at("link"));
    await refuses(
      box.run(script, ["uninstall", "--install-root", at("link"), "--remove-state"]),
      /no folder that an installer of ours made/,
    );
    const inside = box.script(`cd '${root}/current' && exec dash '${script}' "$@"`, "inside.sh");
    await refuses(box.run(inside, ["uninstall"]), /the folder that you are in/);
  });

  it("ends what runs from the installation, politely and then not", async () => {
    good(await box.run(script, args));
    const started: ChildProcess[] = [];
    const start = (deaf: boolean): Promise<NodeJS.Signals | null> => {
      const program = join(root, "current", deaf ? "deaf" : "sleep");
      copyFileSync("/bin/sh", program);
      const child = spawn(program, ["-c", `${deaf ? "trap '' TERM;" : ""} while :; do read -r x </dev/zero; done`], {
        stdio: "ignore",
      });
      started.push(child);
      return new Promise((resolve) => child.on("close", (_, signal) => resolve(signal)));
    };
    try {
      const ended = [start(false), start(true)];
      await new Promise((resolve) => setTimeout(resolve, 300));
      good(await uninstall("--remove-state"));
      assert.deepEqual(await Promise.all(ended), ["SIGTERM", "SIGKILL"]);
    } finally {
      for (const child of started) child.kill("SIGKILL");
    }
  });

  it("says which user it could not remove, takes all else away, and knows of it the next time", async () => {
    const before = box.picture();
    const userdel = join(box.folder, "path/userdel");
    const works = readFileSync(userdel, "utf8");
    good(await box.run(script, args));
    writeFileSync(userdel, "#!/bin/sh\necho 'userdel: user tool is currently used by process 7' >&2\nexit 8\n");
    for (const changed of ["yes", "yes"]) {
      const run = await uninstall("--remove-state");
      assert.equal(run.code, 1, run.stderr);
      assert.match(
        run.stderr,
        /used by process 7\n.*user tool could not be removed, for the reason above; all else is done/,
      );
      assert.deepEqual([run.keys["installed"], run.keys["changed"]], ["no", changed]);
      assert.deepEqual(
        box
          .picture()
          .filter((line) => !before.includes(line))
          .map((line) => line.split(" ")[0]),
        ["opt/tool/", "opt/tool/install-record"],
      );
    }
    writeFileSync(userdel, works);
    good(await uninstall("--remove-state"));
    assert.deepEqual(box.picture(), before);
    assert.equal(readFileSync(join(box.books, "users"), "utf8"), "");
  });

  it("of what another uninstall is just removing waits for that, and finds nothing installed", async () => {
    const slow = async (command: string, options: string[]) => {
      const file = join(box.folder, "path", command);
      const text = existsSync(file) ? readFileSync(file, "utf8") : `#!/bin/sh\nexec /usr/bin/${command} "$@"\n`;
      writeFileSync(file, text.replace("\n", `\n: >"$BOOKS/slow"; sleep 1\n`), { mode: 0o755 });
      box.unset("slow");
      const first = uninstall(...options);
      while (!existsSync(join(box.books, "slow"))) await new Promise((resolve) => setTimeout(resolve, 20));
      const second = await uninstall(...options);
      good(await first);
      good(second);
      assert.match(second.stderr, /tool is not installed/);
      assert.equal(second.keys["changed"], "no");
      writeFileSync(file, text);
    };
    good(await box.run(script, args));
    await slow("userdel", ["--remove-state"]);
    box.write("opt/tool/release-manifest.json", '{\n  "artifact_name": "tool-server-1.0.0-linux-x64"\n}\n');
    box.write("opt/tool/checksums.txt", "");
    await slow("sha256sum", []);
  });

  it("takes the link of a unit along whose file somebody removed by hand", async () => {
    const before = box.picture();
    good(await box.run(script, args));
    rmSync(at("units/toold.service"));
    good(await uninstall("--remove-state"));
    assert.deepEqual(box.picture(), before);
  });

  it("takes the product's own configuration folder with whatever was put there when all is to go, and names it when it stays", async () => {
    const before = box.picture();
    good(await box.run(script, args));
    box.write("etc/tool/toold.conf.bak.1", "an editor's");
    assert.match((await uninstall()).stdout, new RegExp(`^kept=${at("etc/tool")}$`, "m"));
    const gone = await uninstall("--remove-state");
    good(gone);
    assert.doesNotMatch(gone.stdout, /^kept=/m);
    assert.deepEqual(box.picture(), before);
  });

  it("keeps what others put into a folder that --config chose, and names the folder", async () => {
    good(await box.run(script, [...args, "--config", at("shared/toold.conf")]));
    box.write("shared/other.conf", "of another program");
    const run = await uninstall("--remove-state");
    good(run);
    assert.match(run.stdout, new RegExp(`^kept=${at("shared")}$`, "m"));
    assert.deepEqual(readdirSync(at("shared")), ["other.conf"]);
    // Once that is gone, nothing is left to know of.
    rmSync(at("shared/other.conf"));
    assert.doesNotMatch((await uninstall("--remove-state")).stdout, /^kept=/m);
    assert.ok(!existsSync(root) && !existsSync(at("shared")));
  });
});
