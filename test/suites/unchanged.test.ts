/** What a second run of an installer may not change, on a laid-out installation here. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { productNamed } from "../../src/products/index.ts";
import { recipeSuites, standardSuites, type Check } from "../../src/suites/index.ts";
import { runAgain, unchangedJudge } from "../../src/suites/unchanged.ts";
import { judgedHere, verdict } from "./judged.ts";
import { changed } from "./on-host.ts";

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
  const run = async (command: string): Promise<string> => {
    const check: Check = {
      name: "again",
      ...runAgain({ kind: kind(), at: at() }, ["sh", "-c", command], ["changed=no"]),
    };
    const own = changed({ ...check, env: { ...check.env, in: folder } }, (text) =>
      text.replace("find /root /etc/profile.d ", `find ${folder}/home `),
    );
    return (await judgedHere([own]))[0]!;
  };

  it("is fine when nothing changes but what a service writes by itself", async () =>
    assert.equal(await run('echo more >>"$in/state/data/journal.sqlite3"; echo changed=no'), "passed"));
  for (const path of [
    ...["etc/palyra.toml", "etc/palyrad.env", "etc/palyrad.secrets", "state/identity/.store-key.v1"],
    ...["opt root/current/palyra", "opt root/install-record", "home/.profile", "bin/palyra"],
  ]) {
    it(`sees another text of the same length in ${path}`, async () => {
      const seen = await run(`echo 'was as it' >"$in/${path}"; echo changed=no`);
      const line = `[0-9a-f]{64}  ${folder}/${path}`;
      assert.match(seen, new RegExp(`^installing again changed this: was: ${line}; is: ${line}$`));
    });
  }
  it("sees files that come and go, and modes", async () => {
    for (const [change, path] of [
      ['touch "$in/etc/more"', "is: .*etc/more f 644 "],
      ['rm "$in/bin/palyra"', "was: .*bin/palyra f 644 "],
      ['chmod 666 "$in/etc/palyrad.secrets"', "was: .*etc/palyrad.secrets f 644 .*is: .*etc/palyrad.secrets f 666 "],
    ])
      assert.match(await run(`${change}; echo changed=no`), new RegExp(path!));
  });
  it("fails as the command does, by what it says, and where nothing is installed", async () => {
    assert.match(await run("exit 7"), /^exit code 7/);
    assert.match(await run("echo changed=yes"), /changed=yes/);
    rmSync(join(folder, "opt root"), { recursive: true });
    rmSync(join(folder, "etc"), { recursive: true });
    assert.equal(await run("echo changed=no"), "next to nothing is installed");
  });
  it("sees another process of a service, and does without no picture", () => {
    const picture = (process: number): string =>
      [...Array.from({ length: 10 }, (_, i) => `/file/${i}`), `process of palyrad.service: ${process}`].join("\n");
    const asked = (files: Record<string, string>): string[] => verdict(unchangedJudge, undefined, { files });
    assert.deepEqual(asked({ before: picture(11), after: picture(11) }), []);
    assert.deepEqual(asked({ before: picture(11), after: picture(12) }), [
      "installing again changed this: was: process of palyrad.service: 11; is: process of palyrad.service: 12",
    ]);
    assert.deepEqual(asked({ before: picture(11) }), ["the file after is missing"]);
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
      const { places = "", units } = check.env!;
      for (const place of [
        "/opt/palyra",
        "/etc/palyra",
        "/etc/systemd/system/palyrad.service",
        "/etc/systemd/system/palyra-browserd.service",
        "/var/lib/palyra/identity",
      ])
        assert.ok(
          places.split("\n").some((each) => each.startsWith(place)),
          `${name}: ${place}`,
        );
      assert.equal(units, "palyrad.service\npalyra-browserd.service");
      assert.deepEqual(check.expect, { stdout: { contains: ["changed=no"] }, judge: { name: "unchanged" } });
    }
  });
});
