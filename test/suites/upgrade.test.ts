/** What the upgrade machine is asked: at every turn, whether the release that should run does, with which data, and without having been restarted. */
import assert from "node:assert/strict";
import { holding } from "../../src/checks/json.ts";
import { productNamed, type Subject } from "../../src/products/index.ts";
import { SuitesSchema, upgradeSuites, type Check } from "../../src/suites/index.ts";

const palyra = productNamed("palyra");
const subject: Subject = {
  product: "palyra",
  kind: "headless",
  version: "0.2.0",
  binaryVersions: {},
  platform: "linux-x64",
  sha256: "a".repeat(64),
  base: "palyra-headless-0.2.0-linux-x64",
};
const previous = {
  version: "0.1.0",
  binaryVersions: { "palyra-browserd": "0.1.7" },
  sha256: "b".repeat(64),
  archivePath: "/root/upload/before.zip",
};
const suites = upgradeSuites(
  palyra,
  "headless",
  subject,
  { installer: "/root/upload/install.sh", archivePath: "/root/upload/now.zip", soakSeconds: 0 },
  previous,
);
const names = (suite: string): string[] => suites.find(({ name }) => name === suite)!.checks.map(({ name }) => name);
const check = (name: string): Check =>
  suites
    .flatMap((suite) => suite.checks.map((each) => ({ ...each, name: `${suite.name}/${each.name}` })))
    .find((each) => each.name === name)!;

describe("the suites of the upgrade machine", () => {
  it("ask after every step what runs, and end it with the same processes", () => {
    const healthy = (when: string, services = ["palyrad", "palyra-browserd"]): string[] => [
      ...[
        `${when}-in-use`,
        ...services.map((name) => `${when}-healthy-${name}`),
        `${when}-started-once`,
        ...services.map((name) => `${when}-identity-${name}`),
      ],
      ...[`${when}-answers-as-released`, `${when}-dashboard-as-packaged`, `${when}-capabilities-off`],
    ];
    const from = (suite: string, first: string): string[] => names(suite).slice(names(suite).indexOf(first));
    assert.deepEqual(from("upgrade", "upgrade"), [
      "upgrade",
      ...healthy("new"),
      "kept-planted",
      "kept-data",
      "previous-kept",
      "upgrade-again",
      "new-not-restarted",
      "new-written-later",
      "new-data-later",
      "no-packet-leaves",
    ]);
    assert.deepEqual(names("rollback"), [
      ...[
        "rollback",
        ...healthy("back"),
        "says-as-before",
        "back-later-is-gone",
        "back-data-gone",
        "kept-planted",
        "kept-data",
        "back-not-restarted",
      ],
      ...[
        "upgrade-anew",
        ...healthy("anew"),
        "kept-anew-planted",
        "kept-anew-data",
        "downgrade-refused",
        "anew-not-restarted",
      ],
    ]);
    assert.deepEqual(from("failed-upgrade", "upgrade-fails"), [
      ...[
        "upgrade-fails",
        ...healthy("previous"),
        "says-as-before",
        "kept-planted",
        "kept-data",
        "previous-not-restarted",
      ],
      ...["unseed", "remove", "tidy", "nothing-left", "core-dumps", "kernel-log"],
    ]);
  });

  it("expect each release's own folder and versions, of every service", () => {
    for (const [when, folder, daemon, browser] of [
      ["upgrade/new", "0.2.0-aaaaaaaa", "0.2.0", "0.2.0"],
      ["rollback/back", "0.1.0-bbbbbbbb", "0.1.0", "0.1.7"],
      ["rollback/anew", "0.2.0-aaaaaaaa", "0.2.0", "0.2.0"],
      ["failed-upgrade/previous", "0.1.0-bbbbbbbb", "0.1.0", "0.1.7"],
    ]) {
      assert.deepEqual(check(`${when}-in-use`).expect.stdout, { equals: `/opt/palyra/versions/${folder}` });
      for (const [service, version] of [
        ["palyrad", daemon],
        ["palyra-browserd", browser],
      ])
        assert.deepEqual(check(`${when}-identity-${service}`).expect.stdout, { schema: holding({ version: version }) });
      const { steps, expect } = check(`${when}-answers-as-released`);
      assert.equal((expect.judge!.given as { version: string }).version, daemon);
      assert.deepEqual(steps!.find(({ id }) => id === "browser-service")!.expect!.stdout, {
        schema: holding({ status: "ok", version: browser }),
      });
    }
  });

  it("need only what has run before, and fit their schema", () => {
    SuitesSchema.parse(suites);
    const seen = new Set<string>();
    for (const suite of suites) {
      for (const { name, needs } of suite.checks) {
        if (needs) assert.ok(seen.has(needs), `${suite.name}/${name} needs ${needs}`);
        seen.add(`${suite.name}/${name}`);
      }
    }
  });

  it("ask no process of a kind that has no service", () => {
    const desktop = upgradeSuites(
      palyra,
      "desktop",
      { ...subject, kind: "desktop" },
      { installer: "/i", archivePath: "/a", soakSeconds: 0 },
      previous,
    ).flatMap(({ checks }) => checks.map(({ name }) => name));
    assert.ok(desktop.includes("back-control-center-stays") && desktop.includes("back-later-is-gone"));
    assert.ok(!desktop.some((name) => /started|restarted|identity/.test(name)));
  });
});
