import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { EdgeError } from "../../src/edges/edges.ts";
import { installationOf, renderInstaller, shellWord } from "../../src/installer/index.ts";
import { Sandbox } from "./sandbox.ts";

const nasty = `it's "a" $(touch pwned) \`touch pwned\` $HOME %i & ; | \\ * [x] é -x`;
/** Calls one of the installer's own functions for quoting. */
function quoting(words: string[]) {
  const file = join(import.meta.dirname, "../../src/installer/sh/quoting.sh");
  const die = `nl='\n'; die() { shift; echo "$*" >&2; exit 2; }`;
  return spawnSync(
    "dash",
    ["-c", `set -eu; export LC_ALL=C; ${die}; . "$0"; "$@"; printf %s "$quoted"`, file, ...words],
    { encoding: "utf8" },
  );
}

function written(...words: string[]): string {
  const { status, stdout, stderr } = quoting(words);
  assert.equal(status, 0, stderr);
  return stdout;
}

const printable = fc
  .string({ unit: "grapheme", minLength: 1, maxLength: 40 })
  .filter((text) => !/[\u0000-\u001f\u007f]/.test(text) && text.isWellFormed());

describe("escaping, executed", function () {
  this.timeout(30_000);

  it("a shell word is its text", () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.constant(nasty), fc.constant("-n"), fc.constant("two\nlines\n"), printable), {
          minLength: 1,
          maxLength: 5,
        }),
        (texts) => {
          const printed = execFileSync("dash", ["-c", `printf '%s\\0' ${texts.map(shellWord).join(" ")}`], {
            encoding: "utf8",
          });
          assert.deepEqual(printed.split("\0").slice(0, -1), texts);
        },
      ),
      { numRuns: 40 },
    );
    assert.throws(() => shellWord("a\0b"), EdgeError);
  });

  it("a shell word that is made at run time is its text", () => {
    fc.assert(
      fc.property(fc.oneof(fc.constant(nasty), fc.constant("-n"), fc.constant(""), printable), (text) => {
        assert.equal(
          execFileSync("dash", ["-c", `printf %s ${written("shell_word", text)}`], { encoding: "utf8" }),
          text,
        );
      }),
      { numRuns: 40 },
    );
  });

  it("an environment file's value is the same to a shell", () => {
    fc.assert(
      fc.property(fc.oneof(fc.constant(nasty), fc.constant(""), printable), (value) => {
        assert.equal(
          execFileSync("dash", ["-c", `${written("environment_line", "VALUE", value)}\nprintf %s "$VALUE"`], {
            encoding: "utf8",
          }),
          value,
        );
      }),
      { numRuns: 40 },
    );
  });

  it("a JSON string is its text, and nothing is null", () => {
    fc.assert(
      fc.property(fc.oneof(fc.constant(nasty), printable), (text) =>
        assert.equal(JSON.parse(written("json_text", text)), text),
      ),
      { numRuns: 40 },
    );
    assert.equal(written("json_text", ""), "null");
  });

  it("control characters are refused by name in every language of a unit", () => {
    for (const bad of ["a\rb", "a\nb", "a\tb", "a\x7fb"]) {
      for (const words of [
        ["systemd_argument", bad],
        ["systemd_line", "Folder", bad],
        ["systemd_glob", "File", bad],
        ["environment_line", "A", bad],
      ]) {
        const { status, stderr } = quoting(words);
        assert.deepEqual([status, /control character/.test(stderr)], [2, true]);
      }
    }
    for (const cut of [" a", "a ", "a\\", ""])
      assert.match(quoting(["systemd_line", "Folder", cut]).stderr, /systemd would cut off/);
  });

  it("what is not UTF-8 is refused in every language of a unit, and what is, is not", () => {
    // Cut off, overlong, a surrogate, beyond Unicode, and a stray byte.
    for (const bytes of [
      "\\303",
      "\\300\\257",
      "\\340\\200\\257",
      "\\355\\240\\200",
      "\\364\\220\\200\\200",
      "\\377",
    ]) {
      for (const words of [
        "systemd_argument",
        "systemd_path",
        "systemd_line Folder",
        "systemd_glob File",
        "environment_line A",
      ]) {
        const { status, stderr } = quoting(["eval", `${words} "/a$(printf '${bytes}')b"`]);
        assert.deepEqual([status, /is not UTF-8/.test(stderr)], [2, true], `${words} ${bytes}`);
      }
    }
    for (const good of ["/é", "/\u07ff\u0800", "/\ud7ff\ue000\uffff", "/\u{10000}\u{10ffff}", "/日本語"])
      assert.equal(written("systemd_line", "Folder", good), good);
  });

  it("units say what systemd reads back", () => {
    assert.equal(written("systemd_path", "/opt/tool/current/tool"), "/opt/tool/current/tool");
    assert.equal(written("systemd_argument", `a "b" $C %d \\e`), `"a \\"b\\" $$C %%d \\\\e"`);
    assert.equal(written("systemd_path", "/a $b%c"), `"/a $b%%c"`);
    assert.equal(written("systemd_glob", "File", "/a[b]*\\c%"), "/a\\[b\\]\\*\\\\c%%");
  });

  it("a whole machine of hard names is installed into, reported and removed", async () => {
    const box = await new Sandbox(nasty.replaceAll("/", "")).open();
    try {
      const product = box.product({
        configFiles: { "toold.conf": `${nasty}\n{state}\nGREENLIGHT\n$(touch pwned)` },
        environment: { NASTY: nasty },
      });
      const script = box.script(
        renderInstaller({ ...product, title: nasty }, "server", box.subject(), box.layout),
        "in stall $(touch pwned).sh",
      );
      const before = box.picture();
      const archive = await box.archive("-$(touch pwned) 'a' [b].zip");
      const args = ["install", "--archive", archive.file.split("/").at(-1)!, "--sha256", archive.sha256];
      const first = await box.run(script, args);
      assert.equal(first.code, 0, first.stderr);
      assert.equal(first.keys["install_root"], join(box.layout.roots, "tool"));
      assert.equal((await box.run(script, args)).keys["changed"], "no");
      assert.equal(
        readFileSync(join(box.machine, "etc/tool/toold.conf"), "utf8"),
        `${nasty}\n${join(box.machine, "state/tool")}\nGREENLIGHT\n$(touch pwned)`,
      );
      assert.equal(execFileSync(join(box.layout.commands, "tool"), { encoding: "utf8" }), "tool 1.0.0\n");
      assert.equal(
        JSON.parse(readFileSync(join(box.layout.roots, "tool/install-metadata.json"), "utf8")).install_root,
        join(box.layout.roots, "tool"),
      );
      assert.equal((await box.run(script, ["status"])).code, 0);
      const help = await box.run(script, ["--help"]);
      assert.ok(help.stdout.startsWith(`${nasty} 1.0.0`), help.stdout);
      const removed = await box.run(script, ["uninstall", "--remove-state"]);
      assert.equal(removed.code, 0, removed.stderr);
      assert.deepEqual(box.picture(), before);
      assert.ok(!existsSync(join(box.folder, "pwned")));
    } finally {
      await box.close();
    }
  });
});

describe("product definitions that no machine could take", () => {
  const box = new Sandbox();
  after(() => box.close());
  const model = (change: Parameters<Sandbox["product"]>[0], subject = box.subject()) =>
    installationOf(box.product({ health: { url: "http://127.0.0.1:1/", json: [] }, ...change }), "server", subject);

  for (const [what, change, sentence] of [
    [
      "a relative state folder",
      { stateFolder: "var/lib/tool" },
      /State folder of service toold "var\/lib\/tool" is not an absolute path/,
    ],
    ["a folder with a way out", { stateFolder: "/var/lib/../../etc" }, /shortest form/],
    ["a folder of the system", { configFolder: "/etc" }, /is a folder of the system itself/],
    ["a folder with a new line", { stateFolder: "/var/lib/a\nb" }, /control character/],
    ["configuration outside its folder", { configFiles: { "../passwd": "" } }, /lies outside its folder/],
    ["a user that is an option", { user: "-r" }, /User "-r" cannot be used/],
    ["a service with a slash", { name: "a/b" }, /Service "a\/b" cannot be used/],
    ["health over TLS", { health: { url: "https://127.0.0.1/", json: [] } }, /is not an http:\/\/ address/],
    ["a description that would continue", { description: "ends with \\" }, /systemd would cut off/],
  ] as const) {
    it(what, () =>
      assert.throws(
        () => model(change as Parameters<Sandbox["product"]>[0]),
        (e: unknown) => e instanceof EdgeError && sentence.test(e.message),
      ),
    );
  }

  it("an unknown kind, and a version that is no folder", () => {
    assert.throws(
      () => installationOf(box.product(), "desktop", box.subject()),
      /has no kind "desktop"; use one of server/,
    );
    assert.throws(() => model({}, { ...box.subject(), version: "../1" }), /cannot be the name of a folder/);
  });
});

describe("the unit", () => {
  const box = new Sandbox();
  const model = (root: string, args = `-c {config}/a.conf 100% $HOME`) =>
    box.script(
      renderInstaller(
        { ...box.product({ args, health: { url: "http://127.0.0.1:1/", json: [] } }), title: "A tool" },
        "server",
        box.subject(),
        { ...box.layout, roots: root },
      ),
    );
  const shown = (script: string, ...more: string[]) =>
    execFileSync("dash", [script, "show", "unit", "toold", ...more], { encoding: "utf8" });
  const text = shown(model("/opt"), "--state-root", "/var/lib/tool", "--config", "/etc/a b/a.conf");
  after(() => box.close());
  const folder = mkdtempSync(join(tmpdir(), "greenlight-unit-"));
  const unit = join(folder, "tool.service");
  // Systemd looks for the program and the user, which are not on this host.
  const runnable = text.replace("/opt/tool/current/toold", "/bin/true").replaceAll("=tool\n", "=nobody\n");
  writeFileSync(unit, runnable);
  after(() => rmSync(folder, { recursive: true }));
  const analyze = (...args: string[]) =>
    execFileSync("systemd-analyze", args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  const available = () => {
    try {
      return analyze("--version") !== "";
    } catch {
      return false;
    }
  };

  it("keeps arguments whole", () => {
    assert.match(text, /^ExecStart=\/opt\/tool\/current\/toold -c "\/etc\/a b\/a\.conf" "100%%" "\$\$HOME"$/m);
  });

  it("goes through a shell where systemd would refuse the executable's name", function () {
    const named = (root: string) => shown(model("/opt"), "--install-root", root);
    assert.match(named("/a b$/t"), /^ExecStart="\/a b\$\/t\/current\/toold" -c/m);
    assert.match(
      named("/a's/t"),
      /^ExecStart=\/bin\/sh -c "exec \\"\$\$0\\" \\"\$\$@\\"" "\/a's\/t\/current\/toold" -c/m,
    );
    if (!available()) this.skip();
    for (const hard of ["a b", "a'b", 'a"b', "a\\b", "a%b", "a$b", "a;b", "a*[b]", "aéb"]) {
      writeFileSync(unit, named(`/srv/${hard}/tool`));
      assert.doesNotMatch(
        spawnSync("systemd-analyze", ["verify", unit], { encoding: "utf8" }).stderr,
        /bad unit file|special characters|Unknown|Failed to parse/,
      );
    }
    writeFileSync(unit, runnable);
  });

  it("is clean to systemd, and exposed at most 2.0", function () {
    if (!available()) this.skip();
    analyze("verify", unit);
    analyze("security", "--offline=yes", "--threshold=20", unit);
  });

  it("is judged by a threshold that can be missed", function () {
    if (!available()) this.skip();
    writeFileSync(join(folder, "open.service"), "[Service]\nExecStart=/bin/true\n");
    assert.throws(() => analyze("security", "--offline=yes", "--threshold=20", join(folder, "open.service")));
  });
});
