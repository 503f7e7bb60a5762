/** The stand-in's desktop archive, installed below one folder of this host: its own commands must find their way about the installation. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { validateArchive } from "../../src/archive/index.ts";
import { hostPlatform } from "../standin/go.ts";
import { packedStandin, type PackedStandin } from "./standin.ts";

describe("the stand-in's desktop, installed", function () {
  this.timeout(300_000);
  let folder: string;
  let root: string;
  let packed: PackedStandin;
  const run = (file: string, args: string[], env: Record<string, string> = {}) => {
    const { status, stdout, stderr } = spawnSync(file, args, {
      cwd: folder,
      encoding: "utf8",
      env: { HOME: join(folder, "home"), PATH: "/usr/bin:/bin", ...env },
    });
    return { code: status, stdout, stderr };
  };
  const put = (release: PackedStandin) => {
    writeFileSync(join(folder, "install.sh"), release.installer);
    writeFileSync(join(folder, "desktop.zip"), release.bytes);
    return release;
  };
  const places = ["--state-root", "it's state", "--config", "it's state/config/palyra.toml", "--command-root", "bin"];
  const install = (release = packed) =>
    run("dash", [
      "install.sh",
      "install",
      "--archive",
      "desktop.zip",
      "--sha256",
      release.subject.sha256,
      "--install-root",
      "root",
      ...places,
    ]);
  const palyra = (...args: string[]) => run(join(folder, "bin/palyra"), args);

  before(async () => {
    packed = await packedStandin("desktop", "0.1.0");
  });
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "greenlight-desktop-"));
    root = join(folder, "root");
    mkdirSync(join(folder, "home"));
    put(packed);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("is whole by every rule, makes all programs executable, and keeps its configuration to itself", async () => {
    const { code, stdout, stderr } = install();
    assert.equal(code, 0, stderr);
    assert.doesNotMatch(stdout + stderr, /palyra_admin_/);
    assert.deepEqual(
      await validateArchive(root, {
        expect: { product: "palyra", kind: "desktop", version: "0.1.0", platform: hostPlatform() },
      }),
      [],
    );
    assert.equal(statSync(join(folder, "it's state/config/palyra.toml")).mode & 0o777, 0o600);
    assert.match(
      readFileSync(join(folder, "it's state/config/palyra.toml"), "utf8"),
      /deployment\.profile|profile = "local"/,
    );
    assert.match(palyra("config", "validate").stdout, new RegExp(`source=${folder}/it's state/config/palyra\\.toml`));
    for (const name of readdirSync(join(root, "current")).filter((name) => name.startsWith("palyra")))
      assert.equal(statSync(join(root, "current", name)).mode & 0o777, 0o755, name);
  });

  it("keeps the journal of a daemon that its command's environment starts with its state, and out of the release", () => {
    assert.equal(install().code, 0);
    const release = readdirSync(join(root, "current"));
    // The command's own script up to what it calls.
    const environment = readFileSync(join(folder, "bin/palyra"), "utf8").replace(/^exec .*$/m, "");
    writeFileSync(join(folder, "start"), `${environment}\ncd root/current\nexec ./palyrad --journal-migrate-only\n`);
    const { code, stdout, stderr } = run("dash", ["start"]);
    assert.equal(code, 0, stderr);
    assert.match(stdout, new RegExp(`db_path=${folder}/it's state/data/journal\\.sqlite3 `));
    assert.ok(existsSync(join(folder, "it's state/data/journal.sqlite3")));
    assert.deepEqual(readdirSync(join(root, "current")), release);
  });

  it("is understood by the product's own update and uninstall", () => {
    assert.equal(install().code, 0);
    const plan = JSON.parse(
      palyra("update", "--install-root", root, "--archive", "desktop.zip", "--dry-run", "--output-format", "json")
        .stdout,
    );
    assert.deepEqual([plan.mode, plan.install_root, plan.current_artifact_kind], ["candidate-plan", root, "desktop"]);
    const dry = JSON.parse(palyra("uninstall", "--install-root", root, "--dry-run", "--output-format", "json").stdout);
    assert.deepEqual([dry.dry_run, dry.state_root], [true, join(folder, "it's state")]);
    assert.ok(existsSync(root));
    copyFileSync(join(root, "current/palyra"), join(folder, "palyra"));
    const done = JSON.parse(
      run("/bin/sh", ["-c", "chmod 755 palyra && ./palyra uninstall --install-root root --yes --output-format json"])
        .stdout,
    );
    assert.deepEqual(
      [done.install_root_removed, done.cli_cleanup.removed_shim_paths],
      [true, [join(folder, "bin/palyra")]],
    );
    assert.ok(!existsSync(root) && !existsSync(join(folder, "bin/palyra")));
  });

  for (const [fault, code] of [
    ["setup-fails", 1],
    ["config-invalid", 1],
    ["setup-prints-token", 0],
  ] as const) {
    it(`that has the fault ${fault} leaves no half of a configuration, and tells no token`, async () => {
      const faulty = put(await packedStandin("desktop", "0.1.0", [fault]));
      const { code: found, stdout, stderr } = install(faulty);
      assert.equal(found, code, stderr);
      assert.doesNotMatch(stdout + stderr, /palyra_admin_/);
      assert.equal(existsSync(join(folder, "it's state/config/palyra.toml")), code === 0);
      put(packed);
      assert.equal(install().code, 0);
      assert.equal(palyra("config", "validate").code, 0);
    });
  }
});
