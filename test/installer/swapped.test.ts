/** An archive that becomes another one by the same name after it was verified. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { renderInstaller } from "../../src/installer/index.ts";
import { Sandbox } from "./sandbox.ts";

describe("an archive that is swapped", function () {
  this.timeout(30_000);
  let box: Sandbox;
  let args: string[];
  let script: string;
  let archive: string;
  const at = (...path: string[]) => join(box.machine, ...path);
  /** A command of the machine that swaps the archive before it does its work; `when` is a case pattern of its arguments. */
  const swaps = (command: string, when: string) =>
    writeFileSync(
      join(box.folder, "path", command),
      `#!/bin/sh\ncase "$*" in ${when}) cp '${join(box.folder, "evil.zip")}' '${archive}' ;; esac\nPATH=\${PATH#*:} exec ${command} "$@"\n`,
      { mode: 0o755 },
    );

  beforeEach(async () => {
    box = await new Sandbox().open();
    script = box.script(renderInstaller(box.product(), "server", box.subject(), box.layout));
    const good = await box.archive("good.zip");
    await box.archive("evil.zip", { programs: { toold: "#!/bin/sh\necho evil\n", tool: "#!/bin/sh\necho evil\n" } });
    archive = join(box.folder, "tool.zip");
    copyFileSync(good.file, archive);
    args = ["install", "--archive", archive, "--sha256", good.sha256];
  });
  afterEach(() => box.close());

  it("while another installer is waited for is refused, and leaves nothing", async () => {
    const before = box.picture();
    swaps("flock", "*");
    const run = await box.run(script, args);
    assert.deepEqual([run.code, run.stdout], [4, ""], run.stderr);
    assert.match(run.stderr, /tool\.zip has SHA-256 .*fetch it again/);
    assert.deepEqual(box.picture(), before);
  });

  it("while it is unpacked changes nothing of what is installed", async () => {
    swaps("unzip", "-q*");
    const run = await box.run(script, args);
    assert.equal(run.code, 0, run.stderr);
    assert.equal(execFileSync(at("bin/tool"), { encoding: "utf8" }), "tool 1.0.0\n");
    assert.deepEqual(
      box.picture().filter((line) => /\.greenlight-/.test(line)),
      [],
    );
  });
});
