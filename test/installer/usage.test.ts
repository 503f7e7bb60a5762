/** What is typed wrongly is refused in one sentence before anything is done. */
import assert from "node:assert/strict";
import { renderInstaller } from "../../src/installer/index.ts";
import { Sandbox, type Run } from "./sandbox.ts";

describe("the installer, typed", function () {
  this.timeout(20_000);
  let box: Sandbox;
  let script: string;
  let args: string[];
  const refuses = (run: Run, sentence: RegExp) => {
    assert.deepEqual([run.code, run.stdout], [2, ""], run.stderr);
    assert.match(run.stderr, sentence);
  };
  beforeEach(async () => {
    box = await new Sandbox().open();
    script = box.script(renderInstaller(box.product(), "server", box.subject(), box.layout));
    const archive = await box.archive("tool.zip");
    args = ["install", "--archive", archive.file, "--sha256", archive.sha256];
  });
  afterEach(() => box.close());

  it("waits for as many seconds as a shell can count with", async () => {
    const before = box.picture();
    for (const seconds of ["08", "00", "99999999999999999999", "100000", "-1", "1.5", "1s"]) {
      for (const command of [args, ["rollback"]])
        refuses(
          await box.run(script, [...command, "--wait", seconds]),
          new RegExp(
            `--wait takes a whole number of seconds, at most 99999 and without leading zeros, not '${seconds}'`,
          ),
        );
    }
    assert.deepEqual(box.picture(), before);
    for (const seconds of ["0", "9", "10", "99999"])
      assert.equal((await box.run(script, [...args, "--wait", seconds])).code, 0, seconds);
  });

  it("shows what there is, and lists that when it is asked for something else", async () => {
    for (const words of [["unit", "nosuch"], ["unit"], ["environment"], ["toold"], []]) {
      refuses(await box.run(script, ["show", ...words]), /show prints one of these: unit toold, environment toold\.\n/);
    }
    refuses(await box.run(script, ["show", "unit", "toold", "more"]), /'more' is not understood here/);
    for (const [what, text] of [
      ["unit", /^\[Service\]$/m],
      ["environment", /^LEVEL=/m],
    ] as const) {
      const run = await box.run(script, ["show", what, "toold"]);
      assert.equal(run.code, 0, run.stderr);
      assert.match(run.stdout, text);
    }
    const bare = box.product({}, { services: [], state: "{home}/state", config: "{home}/config" });
    refuses(
      await box.run(box.script(renderInstaller(bare, "server", box.subject(), box.layout)), ["show", "unit", "toold"]),
      /Tool has no service whose unit or environment could be shown\.\n/,
    );
  });
});
