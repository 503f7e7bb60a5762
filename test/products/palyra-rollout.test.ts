/** Capabilities are off: each place that could switch one on is looked at for real, here, and is red by the control's name. */
import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { readPolicy } from "../../src/matrix/index.ts";
import { controlCheck, controlChecks, rolloutControls } from "../../src/products/palyra/rollout.ts";
import { readiness } from "../../src/products/palyra/readiness.ts";
import { judgeSuite } from "../../src/suites/index.ts";
import { runHere } from "../suites/on-host.ts";

const capabilities = Object.values(rolloutControls).flat();
const nothing = { config: "", recipe: "", unit: "", file: "", process: {}, manifest: {} };
type Machine = Partial<typeof nothing & { process: Record<string, string>; manifest: Record<string, boolean> }>;

describe("Palyra's capabilities", () => {
  let folder: string;
  const running: ChildProcess[] = [];
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "greenlight-rollout-"))));
  afterEach(() => {
    for (const child of running.splice(0)) child.kill();
    rmSync(folder, { recursive: true, force: true });
  });
  const put = (path: string, text: string, mode = 0o644): string => {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    chmodSync(file, mode);
    return file;
  };

  /** What is open, by check, on a machine that is like this; `more` spoils it afterwards. */
  async function open(machine: Machine = {}, more: () => void = () => {}): Promise<Record<string, string>> {
    const { config, recipe, unit, file, process: environment, manifest } = { ...nothing, ...machine };
    const at = {
      root: join(folder, "root"),
      state: folder,
      config: join(folder, "etc"),
      commands: join(folder, "bin"),
    };
    put("etc/palyra.toml", `version = 1\n${config}\n[admin]\nauth_token = "palyra_admin_secret"\n`);
    put("root/current/deployment/single-vm/env/palyra.env.example", `PALYRA_ADMIN_TOKEN=x\n${recipe}`);
    const env = put("etc/palyrad.env", `PALYRA_EXPERIMENTAL_NETWORKED_WORKERS=false\n${file}`);
    const list = capabilities.map((id) => ({
      id,
      enabled_by_default: (manifest as Record<string, boolean>)[id] ?? false,
    }));
    put("bin/palyra", `#!/bin/sh\ncat <<'END'\n${JSON.stringify({ capabilities: list })}\nEND\n`, 0o755);
    const child = spawn("sleep", ["60"], { env: { PATH: process.env["PATH"]!, ...environment }, stdio: "ignore" });
    running.push(child);
    put(
      "bin/systemctl",
      `#!/bin/sh
case $* in
  *MainPID*) echo ${child.pid} ;;
  *LoadState*) echo loaded ;;
  *EnvironmentFiles*)
    echo "${env} (ignore_errors=no)"
    echo "${join(folder, "etc/more.env")} (ignore_errors=yes)"
    ;;
  *Environment*) echo "A=b ${unit}" ;;
esac
`,
      0o755,
    );
    more();
    const checks = controlChecks(at).map(({ login: _, ...check }) => ({
      ...check,
      env: { PATH: `${at.commands}:${process.env["PATH"]}` },
    }));
    const suite = { name: "smoke", checks };
    const { record, run } = await runHere([suite]);
    assert.ok(!run.stdout.includes(Buffer.from("palyra_admin_secret").toString("base64")), "no secret is printed");
    const results = judgeSuite(suite, record).checks;
    return Object.fromEntries(
      results.flatMap(({ check, status, observed }) => (status === "passed" ? [] : [[check, observed!]])),
    );
  }

  it("are those that the readiness checklist's controls keep closed, each control by a check of its name", () => {
    const { rollout_controls, migration_tracks } = readPolicy("palyra").checklist!.value;
    assert.deepEqual(rolloutControls, Object.fromEntries(rollout_controls.map((each) => [each.id, each.capabilities])));
    assert.deepEqual(
      Object.keys(readiness.controls),
      rollout_controls.map(({ id }) => id),
    );
    assert.deepEqual(Object.keys(readiness.tracks).sort(), migration_tracks.map(({ id }) => id).sort());
  });

  it("are off on a machine on which nobody has switched one on", async () => {
    assert.deepEqual(await open(), {});
    const words = ["0", "False", "no", "off", '"false"', "disabled", ""];
    for (const word of words.slice(0, 2))
      assert.deepEqual(await open({ config: `[feature_rollouts]\nreplay_capture = ${word} # not yet\n` }), {}, word);
    const file = words.map((word, i) => `PALYRA_EXPERIMENTAL_${capabilities[i]!.toUpperCase()}=${word}\n`).join("");
    assert.deepEqual(
      await open({ file, config: 'networked_workers.mode = "disabled"\n[other]\nmode = "enabled"\n' }),
      {},
    );
  });

  for (const [control, ids] of Object.entries(rolloutControls)) {
    const check = controlCheck(control);
    const [id] = ids as [string];
    const variable = `PALYRA_EXPERIMENTAL_${id.toUpperCase()}`;
    const places: [string, Machine, RegExp][] = [
      ["default", { manifest: { [id]: true } }, new RegExp(`${id} is on by default`)],
      [
        "configuration",
        { config: `[feature_rollouts]\n${id} = true\n` },
        new RegExp(`${id} is on in configuration: feature_rollouts\\.${id}=true`),
      ],
      ["environment", { process: { [variable]: "1" } }, new RegExp(`${id} is on in environment: ${variable}=1`)],
      ["unit", { unit: `${variable}=yes` }, new RegExp(`${id} is on in unit: ${variable}=yes`)],
      ["recipe's environment", { recipe: `${variable}=on\n` }, new RegExp(`${id} is on in recipe: ${variable}=on`)],
    ];
    for (const [place, machine, says] of places)
      it(`are open by the name of ${control} when one is switched on by the ${place}`, async () => {
        const found = await open(machine);
        assert.deepEqual(Object.keys(found), [check]);
        assert.match(found[check]!, says);
      });
  }

  it("are open in every form that a configuration or an environment may have", async () => {
    const check = controlCheck("session_queue_preview_mode");
    const id = "session_queue_policy";
    for (const machine of [
      { config: `feature_rollouts.${id} = true\n` },
      { config: `[feature_rollouts]\n"${id}" = "yes"\n` },
      { config: `[ feature_rollouts ] # switches\n${id}=true\r\n` },
      { config: `[x]\n[feature_rollouts]\n${id} = true\n` },
      { config: `[${id}]\nmode = "preview_only"\n` },
      { config: `${id}.mode = 'enabled' # for now\n` },
      { file: `PALYRA_EXPERIMENTAL_${id.toUpperCase()}="true"\n` },
      { file: `export PALYRA_EXPERIMENTAL_${id.toUpperCase()}=TRUE\n` },
    ])
      assert.deepEqual(Object.keys(await open(machine)), [check], JSON.stringify(machine));
    const more = () => put("etc/more.env", `PALYRA_EXPERIMENTAL_${id.toUpperCase()}=1\n`);
    assert.deepEqual(Object.keys(await open({}, more)), [check]);
    // Top-level keys stand before the first table.
    const inline = `feature_rollouts = { ${id} = true }\n`;
    assert.deepEqual(Object.keys(await open({}, () => put("etc/palyra.toml", inline))), [check]);
    assert.deepEqual(Object.keys(await open({}, () => put("etc/palyra.toml", `${id} = { mode = "enabled" }\n`))), [
      check,
    ]);
  });

  it("are not known to be off where a place could not be read", async () => {
    const systemctl = (text: string) => () => put("bin/systemctl", `#!/bin/sh\n${text}\n`, 0o755);
    for (const [spoil, says] of [
      [() => rmSync(join(folder, "etc/palyra.toml")), /the configuration was not read/],
      [() => rmSync(join(folder, "root"), { recursive: true }), /the recipe was not read/],
      [() => rmSync(join(folder, "etc/palyrad.env")), /the unit was not read/],
      [systemctl("case $* in *MainPID*) echo 0;; *LoadState*) echo loaded;; esac"), /the environment was not read/],
      [systemctl("exit 1"), /the environment was not read.*the unit was not read/s],
      [() => put("bin/palyra", "#!/bin/sh\nexit 1\n", 0o755), /exit code 1/],
      [() => put("bin/palyra", "#!/bin/sh\necho '{}'\n", 0o755), /capabilities/],
    ] as const) {
      const found = await open({}, spoil);
      assert.equal(Object.keys(found).length, 5, says.source);
      assert.match(Object.values(found)[0]!, says);
    }
  });
});
