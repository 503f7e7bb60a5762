/** The first configuration: what the product sets up itself, secrets, and the metadata that clients read. */
import assert from "node:assert/strict";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { renderInstaller } from "../../src/installer/index.ts";
import type { Kind } from "../../src/products/index.ts";
import { Sandbox, type Run } from "./sandbox.ts";

const token = "tool_admin_01ABCDEFGHJKMNPQRSTVWXYZ01_01ABCDEFGHJKMNPQRSTVWXYZ01";

/** Makes a configuration with a token that it also prints, as badly as a product could; `FAULT` says what else goes wrong. */
const program = `#!/bin/sh
case $1 in
  setup)
    [ ! -e "$2" ] || { echo "$2 exists" >&2; exit 1; }
    echo "setup" >>"$BOOKS/setups"
    printf 'token = "${token}"\\n' >"$2"
    chmod 644 "$2"
    mkdir -p "$TOOL_STATE/cli" && echo "config = $2" >"$TOOL_STATE/cli/profiles"
    echo "token ${token}"
    echo "made a token: ${token}" >&2
    [ "\${FAULT-}" != setup ] || exit 3
    [ "\${FAULT-}" != killed ] || kill -KILL 0 ;;
  validate)
    [ "\${FAULT-}" != validate ] || { echo "line 1 is wrong" >&2; exit 1; }
    grep -q token "$2" ;;
  *) echo "tool" ;;
esac
`;

describe("the first configuration", function () {
  this.timeout(30_000);
  let box: Sandbox;
  let script: string;
  let archive: { file: string; sha256: string };
  let config: string;
  const install = (extra: string[] = [], env: Record<string, string> = {}) =>
    box.run(script, ["install", "--archive", archive.file, "--sha256", archive.sha256, ...extra], env);
  const good = (run: Run) => assert.equal(run.code, 0, run.stderr);
  const kind: Partial<Kind> = {
    commandEnvironment: { TOOL_STATE: "{state}" },
    setup: {
      binary: "tool",
      args: "setup {config}/tool.toml",
      creates: "{config}/tool.toml",
      validate: "validate {config}/tool.toml",
    },
  };

  beforeEach(async () => {
    box = await new Sandbox().open();
    script = box.script(
      renderInstaller(
        box.product(
          {
            configFiles: {},
            secrets: [
              { name: "TOOL_KEY", bytes: 32, encoding: "base64" },
              { name: "TOOL_PEPPER", bytes: 32, encoding: "base64" },
            ],
          },
          kind,
        ),
        "server",
        box.subject(),
        box.layout,
      ),
    );
    archive = await box.archive("tool.zip", { programs: { tool: program } });
    config = join(box.machine, "etc/tool/tool.toml");
  });
  afterEach(() => box.close());

  it("is made by the product once, for the service's user alone, and no token is told", async () => {
    const run = await install();
    good(run);
    assert.equal(run.keys["config_path"], config);
    assert.equal(statSync(config).mode & 0o777, 0o600);
    assert.match(readFileSync(join(box.books, "owners"), "utf8"), /tool:tool\t.*tool\.toml\n/);
    assert.ok(!(run.stdout + run.stderr).includes(token));
    assert.equal(readFileSync(join(box.machine, "state/tool/cli/profiles"), "utf8"), `config = ${config}\n`);
    const text = readFileSync(config, "utf8");
    assert.equal((await install()).keys["changed"], "no");
    assert.equal(readFileSync(config, "utf8"), text);
    assert.equal(readFileSync(join(box.books, "setups"), "utf8"), "setup\n");
    assert.ok(!box.picture().some((line) => /greenlight-setup|setup-unfinished/.test(line)));
  });

  it("is made as the service's user, who alone follows what it may have put there", async () => {
    good(await install([], { XDG_STATE_HOME: "/root/elsewhere" }));
    const runs = box.log().filter((line) => line.startsWith("setpriv --reuid=tool --regid=tool --init-groups -- /"));
    assert.deepEqual(
      runs.map((line) => /\/tool (\w+) \//.exec(line)?.[1]),
      ["setup", "validate"],
    );
  });

  it("is made as root where that user cannot write, but then through no link in its state", async () => {
    box.write("path-of-user/setpriv", `#!/bin/sh\ncase "$*" in *" -- test -w "*) exit 1 ;; esac\nexit 9\n`, 0o755);
    const path = { PATH: `${join(box.machine, "path-of-user")}:${join(box.folder, "path")}:/usr/bin:/bin` };
    good(await install([], path));
    renameSync(config, `${config}.gone`);
    box.write("victim", "x");
    renameSync(join(box.machine, "state/tool/cli/profiles"), join(box.machine, "state/tool/cli/profiles.gone"));
    symlinkSync(join(box.machine, "victim"), join(box.machine, "state/tool/cli/profiles"));
    const run = await install([], path);
    assert.deepEqual([run.code, run.stdout], [5, ""], run.stderr);
    assert.match(run.stderr, /cli\/profiles is a symbolic link that tool may have put there/);
    assert.equal(readFileSync(join(box.machine, "victim"), "utf8"), "x");
  });

  it("is 0600 again when somebody opened it", async () => {
    good(await install());
    chmodSync(config, 0o644);
    assert.equal((await install()).keys["changed"], "yes");
    assert.equal(statSync(config).mode & 0o777, 0o600);
  });

  for (const [what, path] of [
    ["the configuration", "etc/tool/tool.toml"],
    ["the secrets", "etc/tool/toold.secrets"],
    ["the state folder", "state/tool"],
    ["the configuration folder", "etc/tool"],
  ] as const) {
    it(`a link in the place of ${what} is refused, and what it leads to is as it was`, async () => {
      good(await install());
      const place = join(box.machine, path);
      renameSync(place, `${place}.before`);
      const victim = join(box.machine, "victim");
      if (path.includes(".")) writeFileSync(victim, "x");
      else mkdirSync(victim);
      chmodSync(victim, 0o755);
      symlinkSync(victim, place);
      const before = box.picture();
      const owners = readFileSync(join(box.books, "owners"), "utf8");
      const run = await install();
      assert.deepEqual([run.code, run.stdout], [5, ""], run.stderr);
      assert.match(run.stderr, new RegExp(`${path} is a symbolic link`));
      assert.deepEqual(box.picture(), before);
      assert.equal(statSync(victim).mode & 0o777, 0o755);
      assert.equal(readFileSync(join(box.books, "owners"), "utf8"), owners);
    });
  }

  it("is never made over one that is there, and that one stays as it is", async () => {
    box.write("etc/tool/tool.toml", "token mine", 0o640);
    good(await install());
    assert.equal(readFileSync(config, "utf8"), "token mine");
    assert.equal(statSync(config).mode & 0o777, 0o640);
    assert.ok(!existsSync(join(box.books, "setups")));
  });

  for (const [fault, sentence] of [
    ["setup", /could not set itself up/],
    ["validate", /does not find the configuration valid/],
  ] as const) {
    it(`that fails (${fault}) leaves no half of one, starts nothing, and is made by the next run`, async () => {
      const run = await install([], { FAULT: fault });
      assert.deepEqual([run.code, run.stdout], [1, ""]);
      assert.match(run.stderr, sentence);
      assert.ok(!run.stderr.includes(token), run.stderr);
      assert.ok(!existsSync(config));
      assert.ok(!box.log().some((line) => line.includes("restart")));
      good(await install());
      assert.equal(statSync(config).mode & 0o777, 0o600);
    });
  }

  it("that was cut off is not taken for a good one", async () => {
    const spoiled = box.script(
      readFileSync(script, "utf8").replace('[ -f "$config_file" ] || setup_failed', "kill -KILL $$; setup_failed"),
      "cut.sh",
    );
    const run = await box.run(spoiled, ["install", "--archive", archive.file, "--sha256", archive.sha256]);
    assert.notEqual(run.code, 0);
    writeFileSync(config, "half");
    good(await install());
    assert.match(readFileSync(config, "utf8"), /token/);
    assert.equal(readFileSync(join(box.books, "setups"), "utf8"), "setup\nsetup\n");
  });

  it("secrets are made once, for root alone, told to nobody, and join those that are there", async () => {
    const run = await install();
    good(run);
    const file = join(box.machine, "etc/tool/toold.secrets");
    assert.match(
      readFileSync(file, "utf8"),
      /^TOOL_KEY=([A-Za-z0-9+\/]{43}=)\nTOOL_PEPPER=(?!\1)[A-Za-z0-9+\/]{43}=\n$/,
    );
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.match(
      readFileSync(join(box.machine, "units/toold.service"), "utf8"),
      /^EnvironmentFile=.*toold\.env\nEnvironmentFile=.*toold\.secrets$/m,
    );
    const [, key] = /TOOL_KEY=(.*)/.exec(readFileSync(file, "utf8"))!;
    assert.ok(!(run.stdout + run.stderr + box.log().join()).includes(key!));
    assert.equal((await install()).keys["changed"], "no");
    writeFileSync(file, "TOOL_KEY=mine\n");
    good(await install());
    assert.match(readFileSync(file, "utf8"), /^TOOL_KEY=mine\nTOOL_PEPPER=[A-Za-z0-9+\/]{43}=\n$/);
  });

  it("what others may read, change or not run is said by status, and mended by installing again", async () => {
    good(await install());
    const whole = {
      "etc/tool/toold.secrets": 0o600,
      "etc/tool/tool.toml": 0o600,
      "units/toold.service": 0o644,
      "bin/tool": 0o755,
    };
    for (const [path, mode] of Object.entries(whole)) {
      const file = join(box.machine, path);
      chmodSync(file, path === "bin/tool" ? 0o644 : 0o666);
      const status = await box.run(script, ["status"]);
      assert.equal(status.code, 6, path);
      assert.match(
        status.stderr,
        new RegExp(`${path} has owner and mode .* instead of .* ${mode.toString(8)}; install the release again`),
      );
      assert.equal((await install()).keys["changed"], "yes", path);
      assert.equal(statSync(file).mode & 0o777, mode, path);
      assert.equal((await install()).keys["changed"], "no", path);
      assert.equal((await box.run(script, ["status"])).code, 0, path);
    }
    // As the next administrator's copy would be.
    writeFileSync(join(box.books, "owners"), `tool:tool\t${join(box.machine, "units/toold.service")}\n`, { flag: "a" });
    assert.equal((await box.run(script, ["status"])).code, 6);
    assert.equal((await install()).keys["changed"], "yes");
    assert.equal((await box.run(script, ["status"])).code, 0);
  });

  it("secrets are not built where the service could have a folder, or a link that leads elsewhere", async () => {
    good(await install());
    const folder = join(box.machine, "etc/tool");
    writeFileSync(join(folder, "toold.secrets"), "TOOL_KEY=mine\n");
    mkdirSync(join(folder, ".greenlight-tool"));
    good(await install());
    assert.match(
      readFileSync(join(folder, "toold.secrets"), "utf8"),
      /^TOOL_KEY=mine\nTOOL_PEPPER=[A-Za-z0-9+\/]{43}=\n$/,
    );
    rmdirSync(join(folder, ".greenlight-tool"));
    writeFileSync(join(folder, "toold.secrets"), "TOOL_KEY=mine\n");
    const victim = join(box.machine, "victim");
    writeFileSync(victim, "x");
    // As quick as a service can be.
    writeFileSync(
      join(box.folder, "path/rm"),
      `#!/bin/sh\n/bin/rm "$@"\ncase "$*" in *etc/tool/.greenlight-tool) ln -s '${victim}' '${folder}/.greenlight-tool' ;; esac\n`,
      { mode: 0o755 },
    );
    good(await install());
    assert.equal(readFileSync(victim, "utf8"), "x");
    assert.match(
      readFileSync(join(folder, "toold.secrets"), "utf8"),
      /^TOOL_KEY=mine\nTOOL_PEPPER=[A-Za-z0-9+\/]{43}=\n$/,
    );
    assert.equal(statSync(join(folder, "toold.secrets")).mode & 0o777, 0o600);
  });

  it("token and secrets stay with kept state, and go with it", async () => {
    const before = box.picture();
    good(await install());
    const [toml, secrets] = [config, join(box.machine, "etc/tool/toold.secrets")].map((file) =>
      readFileSync(file, "utf8"),
    );
    const kept = await box.run(script, ["uninstall"]);
    good(kept);
    assert.match(kept.stdout, /kept=.*tool\.toml\nkept=.*toold\.secrets\n/);
    // Nobody who is given the removed user's number may read them.
    const owners = (): string => readFileSync(join(box.books, "owners"), "utf8");
    const ownerOf = (path: string): string | undefined =>
      owners()
        .split("\n")
        .findLast((line) => line.endsWith(`\t${path}`))
        ?.split("\t")[0];
    const places = [config, join(box.machine, "etc/tool"), join(box.machine, "state/tool")];
    assert.deepEqual(places.map(ownerOf), ["root:root", "root:root", "root:root"]);
    good(await install());
    assert.deepEqual(places.map(ownerOf), ["tool:tool", "root:tool", "tool:tool"]);
    assert.deepEqual(
      [readFileSync(config, "utf8"), readFileSync(join(box.machine, "etc/tool/toold.secrets"), "utf8")],
      [toml, secrets],
    );
    good(await box.run(script, ["uninstall", "--remove-state"]));
    assert.deepEqual(box.picture(), before);
  });

  it("metadata has every field of schema 2 in its order, at the root and beside the executables", async () => {
    good(await install());
    const text = readFileSync(join(box.layout.roots, "tool/install-metadata.json"), "utf8");
    assert.equal(readFileSync(join(box.layout.roots, "tool/current/install-metadata.json"), "utf8"), text);
    const manifest = join(box.layout.roots, "tool/release-manifest.json");
    assert.equal(
      readFileSync(manifest, "utf8"),
      readFileSync(join(box.layout.roots, "tool/current/release-manifest.json"), "utf8"),
    );
    assert.equal((await install()).keys["changed"], "no");
    writeFileSync(manifest, "{}");
    assert.equal((await install()).keys["changed"], "yes");
    assert.match(readFileSync(manifest, "utf8"), /"artifact_kind": "server"/);
    const metadata = JSON.parse(text);
    assert.match(metadata.installed_at_utc, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z$/);
    const commands = box.layout.commands;
    const expected = {
      schema_version: 2,
      artifact_kind: "server",
      installed_at_utc: metadata.installed_at_utc,
      archive_path: archive.file,
      install_root: join(box.layout.roots, "tool"),
      config_path: config,
      state_root: join(box.machine, "state/tool"),
      cli_exposure: {
        command_name: "tool",
        command_root: commands,
        command_path: join(commands, "tool"),
        shim_paths: ["tool", "toold"].map((name) => join(commands, name)),
        target_binary_path: join(box.layout.roots, "tool/current/tool"),
        state_root: join(box.machine, "state/tool"),
        config_path: config,
        session_path_updated: false,
        persistent_path_requested: true,
        persistence_strategy: "existing-path",
        user_path_updated: false,
        profile_files: [],
        command_root_already_on_path: true,
        current_shell_command: "tool",
        new_shell_command: "tool",
        parent_shell_command: "tool",
        parent_shell_path_restart_required: "false",
        parent_shell_path_note: "tool is on PATH.",
        secondary_alias_roots: [],
        legacy_shim_paths_removed: [],
        legacy_path_entries_removed: [],
        legacy_session_path_updated: false,
        legacy_user_path_updated: false,
      },
    };
    assert.equal(JSON.stringify(metadata), JSON.stringify(expected));
  });

  it("metadata says what to type where PATH does not lead to the command yet", async () => {
    const path = { PATH: `${join(box.folder, "path")}:/usr/bin:/bin` };
    good(await install([], path));
    const exposure = () =>
      JSON.parse(readFileSync(join(box.layout.roots, "tool/install-metadata.json"), "utf8")).cli_exposure;
    assert.equal(exposure().current_shell_command, `'${box.layout.commands}/tool'`);
    assert.equal(exposure().new_shell_command, "tool");
    assert.equal(exposure().parent_shell_path_restart_required, "true");
    assert.deepEqual(exposure().profile_files, []);
    // The same the second time, although nothing was written then.
    const first = exposure();
    assert.equal((await install([], { PATH: `${box.layout.commands}:${path.PATH}` })).keys["changed"], "no");
    assert.deepEqual(exposure(), first);
  });
});
