/** What a second run of an installer may not change, on a laid-out installation here. */
import assert from "node:assert/strict";
import { textOf } from "./on-host.ts";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { productNamed } from "../../src/products/index.ts";
import { recipeSuites, standardSuites } from "../../src/suites/index.ts";
import { runAgain } from "../../src/suites/unchanged.ts";
import { execute } from "./on-host.ts";

const palyra = productNamed("palyra");

describe("running an installer again", () => {
  let folder: string;
  const at = () => ({
    root: join(folder, "opt root"),
    state: join(folder, "state"),
    config: join(folder, "etc"),
    commands: join(folder, "bin"),
  });
  const kind = () => ({ ...palyra.kinds["headless"]!, services: [] });
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "greenlight-unchanged-"));
    for (const path of [
      "opt root/current/palyra",
      "opt root/current/palyrad",
      "opt root/install-record",
      "etc/palyra.toml",
      "etc/palyrad.env",
      "etc/palyrad.secrets",
      "state/identity/.store-key.v1",
      "state/data/journal.sqlite3",
      "bin/palyra",
      "home/.profile",
    ]) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), "as it was\n");
    }
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const again = async (command: string) => {
    const text = runAgain({ kind: kind(), at: at() }, command).replaceAll("find /root ", `find ${folder}/home `);
    return execute(`mkdir ${folder}/work && cd ${folder}/work || exit 99\nin=${folder}\n${text}`);
  };

  it("is fine when nothing changes but what a service writes by itself", async () => {
    const { code, stdout, stderr } = await again('echo more >>"$in/state/data/journal.sqlite3"; echo changed=no');
    assert.deepEqual([code, stdout, stderr], [0, "changed=no\n", ""]);
  });
  for (const path of [
    "etc/palyra.toml",
    "etc/palyrad.env",
    "etc/palyrad.secrets",
    "state/identity/.store-key.v1",
    "opt root/current/palyra",
    "opt root/install-record",
    "home/.profile",
  ]) {
    it(`sees another text of the same length in ${path}`, async () => {
      const { code, stdout, stderr } = await again(`echo 'was as it' >"$in/${path}"; echo changed=no`);
      assert.equal(code, 1);
      assert.ok(stdout.includes(`${folder}/${path}`), stdout);
      assert.match(stderr, /installing again changed this/);
    });
  }
  it("sees files that come and go, and modes", async () => {
    for (const [change, path] of [
      ['touch "$in/etc/more"', "etc/more"],
      ['rm "$in/bin/palyra"', "bin/palyra"],
      ['chmod 644 "$in/etc/palyrad.secrets"; chmod 666 "$in/etc/palyrad.secrets"', "etc/palyrad.secrets"],
    ]) {
      rmSync(join(folder, "work"), { recursive: true, force: true });
      const { code, stdout } = await again(change!);
      assert.equal(code, 1, path);
      assert.ok(stdout.includes(`${folder}/${path}`), stdout);
    }
  });
  it("fails as the command does, and where nothing is installed", async () => {
    assert.equal((await again("exit 7")).code, 7);
    for (const gone of ["work", "opt root", "etc"]) rmSync(join(folder, gone), { recursive: true });
    assert.match((await again(":")).stderr, /next to nothing is installed/);
  });

  it("is asked of the installer and of the recipe, of everything that makes an installation itself, and of their own word", () => {
    const subject = {
      product: "palyra",
      kind: "headless",
      version: "0.1.0",
      binaryVersions: {},
      platform: "linux-x64",
      sha256: "d".repeat(64),
      base: "palyra-headless-0.1.0-linux-x64",
    };
    const suites = [
      ...standardSuites(palyra, "headless", subject, {
        installer: "/root/upload/install.sh",
        archivePath: "/root/upload/now.zip",
        soakSeconds: 0,
      }),
      ...recipeSuites(palyra, "headless", subject, {
        archivePath: "/root/upload/now.zip",
        recipePath: "/root/upload/recipe.zip",
        recipeSha256: "e".repeat(64),
      }),
    ];
    for (const name of ["install-again", "deploy-again"]) {
      const check = suites.flatMap((suite) => suite.checks).find((each) => each.name === name)!;
      for (const place of [
        "/opt/palyra",
        "/etc/palyra",
        "/etc/systemd/system/palyrad.service",
        "/etc/systemd/system/palyra-browserd.service",
        "/var/lib/palyra/identity",
      ])
        assert.ok(textOf(check).includes(place), `${name}: ${place}`);
      assert.match(textOf(check), /MainPID palyrad\.service/);
      assert.deepEqual(check.expect.stdout, { contains: ["changed=no"] });
    }
  });
});
