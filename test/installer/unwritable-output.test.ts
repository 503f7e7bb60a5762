/** What the installer prints decides nothing: a reader that is gone, a disk that is full or a descriptor that is closed change no outcome. */
import assert from "node:assert/strict";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { renderInstaller } from "../../src/installer/index.ts";
import type { Product } from "../../src/products/index.ts";
import { Sandbox, type Run } from "./sandbox.ts";

describe("the installer, when nobody can read what it prints", function () {
  this.timeout(60_000);
  let box: Sandbox;
  const root = () => join(box.layout.roots, "tool");
  const release = async (version: string, product: Product = box.product()) => {
    const archive = await box.archive(`${version}.zip`, { version });
    const script = box.script(renderInstaller(product, "server", box.subject(version), box.layout), `${version}.sh`);
    return { script, args: ["install", "--archive", archive.file, "--sha256", archive.sha256, "--wait", "1"] };
  };
  const bad = () => box.product({ health: { url: `http://127.0.0.1:${box.port}/bad`, json: [] } });
  const version = () =>
    /echo tool (\S+)/.exec(readFileSync(join(root(), "current/tool"), "utf8"))?.[1] ?? "none that can be read";
  const settled = () => {
    for (const left of ["transition", "restart-needed", "backups/.partial"])
      assert.ok(!existsSync(join(root(), left)), left);
  };

  beforeEach(async () => (box = await new Sandbox().open()));
  afterEach(() => box.close());

  for (const [what, output] of [
    ["a reader that is gone", "2>&1 | /bin/true"],
    ["a full disk", ">/dev/full 2>&1"],
    ["closed descriptors", ">&- 2>&-"],
  ] as const) {
    /** The exit code, with the output of that kind. */
    const code = async (script: string, args: string[]): Promise<number> => {
      const file = join(box.folder, "code");
      rmSync(file, { force: true });
      // The reader is gone before the first word.
      const run: Run = await box.run(
        box.script(`{ sleep 0.1; dash "$@"; echo $? >'${file}'; } ${output}\n`, "outer.sh"),
        [script, ...args],
      );
      assert.ok(existsSync(file), run.stderr);
      return Number(readFileSync(file, "utf8"));
    };

    it(`${what}: installs, upgrades, goes back and removes`, async () => {
      const before = box.picture();
      const [one, two] = [await release("1.0.0"), await release("1.1.0")];
      assert.equal(await code(one.script, one.args), 0);
      assert.equal(await code(two.script, two.args), 0);
      assert.equal(version(), "1.1.0");
      settled();
      assert.equal(await code(two.script, ["status"]), 0);
      assert.equal(await code(two.script, ["rollback"]), 0);
      assert.equal(version(), "1.0.0");
      settled();
      assert.equal(await code(two.script, ["--help"]), 0);
      assert.equal(await code(two.script, ["nonsense"]), 2);
      assert.equal(await code(two.script, ["uninstall", "--remove-state"]), 0);
      assert.deepEqual(box.picture(), before);
    });

    it(`${what}: an upgrade that is not healthy is taken back`, async () => {
      const [one, two] = [await release("1.0.0"), await release("1.1.0", bad())];
      assert.equal(await code(one.script, one.args), 0);
      assert.equal(await code(two.script, two.args), 8);
      assert.equal(version(), "1.0.0");
      assert.ok(existsSync(join(box.books, "active.toold")));
      settled();
    });

    it(`${what}: an upgrade that has no room for its backup leaves nothing of it, and the old version runs on`, async () => {
      const [one, two] = [await release("1.0.0"), await release("1.1.0")];
      assert.equal(await code(one.script, one.args), 0);
      box.write("state/tool/data", "old\n");
      writeFileSync(
        join(box.folder, "path/cp"),
        `#!/bin/sh\ncase "$*" in */.partial/*) echo "cp: No space left on device" >&2; exit 1 ;; esac\nexec /bin/cp "$@"\n`,
        { mode: 0o755 },
      );
      assert.equal(await code(two.script, two.args), 1);
      assert.equal(version(), "1.0.0");
      assert.ok(existsSync(join(box.books, "active.toold")));
      settled();
    });
  }

  for (const [program, when, words] of [
    ["useradd", "*", "useradd: group tool exists"],
    ["systemctl", "enable*", "Failed to enable unit"],
    ["systemctl", "daemon-reload*", "Failed to reload"],
    ["mkdir", "*/versions", "mkdir: cannot create directory"],
    ["ln", "*", "ln: failed to create symbolic link"],
    ["mv", "*", "mv: cannot move"],
    ["chmod", "*", "chmod: changing permissions"],
    ["sync", "*", "sync: error"],
    ["unzip", "*-d*", "unzip: cannot create"],
  ] as const) {
    it(`says what ${program} (${when}) says, and ends with a code of its own, whatever that one's is`, async () => {
      const { script, args } = await release("1.0.0");
      const file = join(box.folder, "path", program);
      const usual = existsSync(file) ? readFileSync(file, "utf8") : `exec /usr/bin/${program} "$@"\n`;
      const refuse = `#!/bin/sh\ncase "$*" in ${when}) echo '${words}' >&2; exit 9 ;; esac\n`;
      writeFileSync(file, `${refuse}${usual}`, { mode: 0o755 });
      const { code, stdout, stderr } = await box.run(script, args);
      assert.deepEqual([code, stdout], [program === "unzip" ? 4 : when.startsWith("daemon") ? 6 : 1, ""], stderr);
      assert.ok(stderr.includes(words), stderr);
    });
  }
});
