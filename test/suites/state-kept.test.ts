/** Whether an uninstaller leaves the state, on a laid-out one here. */
import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { productNamed } from "../../src/products/index.ts";
import type { Check } from "../../src/suites/index.ts";
import { stateKeptCheck, stateJudge, stateNotedCheck } from "../../src/suites/state-kept.ts";
import { judgedHere, verdict } from "./judged.ts";
import { changed, execute } from "./on-host.ts";

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
    put("systemctl", `#!/bin/sh\necho "$@" >>${folder}/said\n`);
    chmodSync(join(folder, "systemctl"), 0o755);
    put("state/identity/.store-key.v1", "a key\n");
    put("state/data/journal", "records\n");
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const noted = (services = true) => stateNotedCheck(life(services), "install/install");
  const kept = (services = true) => stateKeptCheck(life(services), "uninstall/uninstall");
  /** What is found of the state after a change to it. */
  const after = async (change: string, services = true): Promise<string> => {
    const stub = (text: string): string => `PATH=${folder}:$PATH\n${text}`;
    const changing: Check = { name: "change", run: `cd ${folder}/state && { ${change}; }`, expect: {} };
    const seen = await judgedHere([changed(noted(services), stub), changing, kept(services)]);
    assert.deepEqual(seen.slice(0, 2), ["passed", "passed"]);
    return seen[2]!;
  };

  it("is kept when it has only grown, and its services run again meanwhile", async () => {
    assert.equal(await after("echo more >>data/journal; echo new >beside"), "passed");
    assert.equal(
      (await execute(`cat ${folder}/said`)).stdout.trim(),
      ["is-active --quiet palyrad.service", "stop palyrad.service", "start palyrad.service"].join("\n"),
    );
    assert.equal(await after(":", false), "passed", "without services");
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
    assert.match(await after("rm -rf * "), /\.store-key\.v1 is gone.*; .*journal is gone/);
    put("state/data/journal", "records\n");
    assert.equal(await after("cd ..; rm -rf state"), `${state} is gone although its removal was not asked for`);
  });
  it("is kept with files sealed anew and a database that took in its log, and not with a sealed file that is gone or more open", async () => {
    put("state/identity/6361", "sealed\n");
    put("state/data/journal.sqlite3-wal", "log\n");
    chmodSync(join(folder, "state/identity/6361"), 0o600);
    assert.equal(await after("echo s >identity/6361; rm data/journal.sqlite3-wal"), "passed");
    assert.equal(await after("chmod 644 identity/6361"), `${folder}/state/identity/6361 has another mode than it had`);
    assert.match(await after("rm identity/6361"), /6361 is gone although/);
  });
  it("is not known where nothing was noted, and not noted where there is nothing", async () => {
    assert.deepEqual(await judgedHere([kept()]), ["suite/state-noted has no record"]);
    rmSync(join(folder, "state"), { recursive: true });
    assert.match((await judgedHere([noted(false)]))[0]!, /state is not there$/);
  });
  it("is not when its bytes could not be read", () => {
    const given = { folders: ["/s"], bytes: ["/s/key"], sealed: [], records: [], since: "state-noted" };
    const [folders, key] = ["d 4 755 /s", "f 2 600 /s/key"];
    const asked = (stdout: string): string[] =>
      verdict(stateJudge, given, { stdout }, { "suite/state-noted": { stdout } });
    assert.deepEqual(asked([folders, key, `${"0".repeat(64)}  /s/key`].join("\n")), []);
    assert.deepEqual(asked([folders, key].join("\n")), ["/s/key is not what it was"]);
  });
  it("is kept as well where there is nothing in it yet", async () => {
    rmSync(join(folder, "state/identity"), { recursive: true });
    rmSync(join(folder, "state/data"), { recursive: true });
    assert.equal(await after(":"), "passed");
    assert.equal(await after("cd ..; rm -rf state"), `${folder}/state is gone although its removal was not asked for`);
  });
});
