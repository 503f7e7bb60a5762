/** Whether an uninstaller leaves the state, on a laid-out one here. */
import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { productNamed } from "../../src/products/index.ts";
import { stateKeptCheck, stateNotedCheck } from "../../src/suites/state-kept.ts";
import { execute, textOf } from "./on-host.ts";

const headless = productNamed("palyra").kinds["headless"]!;

describe("state that is to be kept", () => {
  let folder: string;
  const life = (services = true) => ({
    kind: {
      ...headless,
      services: services
        ? headless.services.slice(0, 1).map((service) => ({ ...service, stateFolder: join(folder, "state") }))
        : [],
    },
    at: {
      root: join(folder, "opt"),
      state: join(folder, "state"),
      config: join(folder, "etc"),
      commands: join(folder, "bin"),
    },
  });
  const put = (path: string, text: string): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "greenlight-state-"));
    mkdirSync(join(folder, "machine/notes"), { recursive: true });
    put("systemctl", `#!/bin/sh\necho "$@" >>${folder}/said\n`);
    chmodSync(join(folder, "systemctl"), 0o755);
    put("state/identity/.store-key.v1", "a key\n");
    put("state/data/journal", "records\n");
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const sh = async (text: string) =>
    (
      await execute(
        `mkdir -p ${folder}/work && cd ${folder}/work || exit 99\nPATH=${folder}:$PATH greenlight=${folder}/machine\n${text}`,
      )
    ).stdout.trim();
  const after = async (change: string, services = true): Promise<string> => {
    assert.equal(await sh(textOf(stateNotedCheck(life(services), "install/install"))), "noted");
    await sh(`cd ${folder}/state && { ${change}; }`);
    return sh(textOf(stateKeptCheck(life(services), "uninstall/uninstall")));
  };

  it("is kept when it has only grown, and its services run again meanwhile", async () => {
    assert.equal(await after("echo more >>data/journal; echo new >beside"), "kept");
    assert.equal(
      await sh(`cat ${folder}/said`),
      ["is-active --quiet palyrad.service", "stop palyrad.service", "start palyrad.service"].join("\n"),
    );
    assert.equal(await after(":", false), "kept", "without services");
  });
  it("is not when a file is gone, emptied or shorter, or what makes the installation is another", async () => {
    const state = join(folder, "state");
    assert.equal(
      await after("rm data/journal"),
      `${state}/data/journal is gone although its removal was not asked for`,
    );
    put("state/data/journal", "records\n");
    assert.equal(await after(": >data/journal"), `${state}/data/journal is shorter than it was`);
    put("state/data/journal", "records\n");
    assert.equal(
      await after("echo 'b key' >'identity/.store-key.v1'"),
      `${state}/identity/.store-key.v1 is not what it was`,
    );
    assert.match(await after("rm -rf * "), /\.store-key\.v1 is gone.*\n.*journal is gone/);
    put("state/data/journal", "records\n");
    assert.equal(await after("cd ..; rm -rf state"), `${state} is gone although its removal was not asked for`);
  });
  it("is kept with files sealed anew and a database that took in its log, and not with a sealed file that is gone or more open", async () => {
    put("state/identity/6361", "sealed\n");
    put("state/data/journal.sqlite3-wal", "log\n");
    chmodSync(join(folder, "state/identity/6361"), 0o600);
    assert.equal(await after("echo s >identity/6361; rm data/journal.sqlite3-wal"), "kept");
    assert.equal(await after("chmod 644 identity/6361"), `${folder}/state/identity/6361 has another mode than it had`);
    assert.match(await after("rm identity/6361"), /6361 is gone although/);
  });
  it("is not known where nothing was noted, and not noted where there is nothing", async () => {
    assert.equal(await sh(textOf(stateKeptCheck(life(), "uninstall/uninstall"))), "it is not known what was there");
    rmSync(join(folder, "state"), { recursive: true });
    assert.equal(await sh(textOf(stateNotedCheck(life(), "install/install"))), `${folder}/state is not there\nnoted`);
  });
  it("is kept as well where there is nothing in it yet", async () => {
    rmSync(join(folder, "state/identity"), { recursive: true });
    rmSync(join(folder, "state/data"), { recursive: true });
    assert.equal(await after(":"), "kept");
    assert.equal(await after("cd ..; rm -rf state"), `${folder}/state is gone although its removal was not asked for`);
  });
});
