import assert from "node:assert/strict";
import { holding } from "../../src/checks/json.ts";
import { textOf } from "./on-host.ts";
import { productNamed, type Subject } from "../../src/products/index.ts";
import {
  planPhases,
  recipeSuites,
  renderRunner,
  SuitesSchema,
  type PreviousDeployment,
  type Suite,
} from "../../src/suites/index.ts";

const nats = productNamed("nats");
const subject: Subject = {
  product: "nats",
  kind: "server",
  version: "2.11.4",
  binaryVersions: { nats: "0.1.6" },
  platform: "linux-x64",
  sha256: "d".repeat(64),
  base: "nats-server-2.11.4-linux-x64",
};
const previous: PreviousDeployment = {
  version: "2.11.3",
  binaryVersions: { "nats-server": "2.11.3" },
  sha256: "b".repeat(64),
  archivePath: "/root/upload/before.zip",
  recipePath: "/root/upload/before-recipe.zip",
  recipeSha256: "c".repeat(64),
};
const files = {
  archivePath: "/root/upload/now.zip",
  recipePath: "/root/upload/now-recipe.zip",
  recipeSha256: "e".repeat(64),
};
const alone = recipeSuites(nats, "server", subject, files);
const both = recipeSuites(nats, "server", subject, { ...files, previous });
const names = (list: Suite[]): string[] =>
  list.flatMap((suite) => suite.checks.map((check) => `${suite.name}/${check.name}`));
const check = (name: string, list = both) =>
  list
    .flatMap((suite) => suite.checks.map((each) => ({ ...each, name: `${suite.name}/${each.name}` })))
    .find((each) => each.name === name)!;

describe("the suites of a recipe's machine", () => {
  it("are these without a release before it", () => {
    assert.deepEqual(names(alone), [
      ...[
        "recipe/received-archive",
        "recipe/received-recipe",
        "recipe/unpack",
        "recipe/inventory",
        "recipe/nothing-to-upgrade",
        "recipe/deploy",
        "recipe/placed",
        "recipe/healthy-nats-server",
        "recipe/started-once",
        "recipe/identity-nats-server",
        "recipe/folders-nats-server",
        "recipe/status",
        "recipe/deploy-again",
        "recipe/not-restarted",
        "recipe/jetstream-write",
        "recipe/jetstream-restart-read",
        "recipe/data-noted",
        "recipe/no-packet-leaves",
      ],
      ...[
        "placed",
        "healthy-nats-server",
        "started-once",
        "identity-nats-server",
        "jetstream-read",
        "data",
        "not-restarted",
        "state-noted",
        "remove",
        "state-kept",
        "remove-state",
        "nothing-left",
      ].map((name) => `recipe-after-reboot/${name}`),
      ...["core-dumps", "kernel-log", "journal", "restarts"].map((name) => `crash/${name}`),
    ]);
  });
  it("are these more with one: over it, back to it, over it again", () => {
    const running = ["placed", "healthy-nats-server", "started-once", "identity-nats-server"];
    const of = (when: string, list: string[]): string[] => list.map((name) => `recipe-upgrade/${when}-${name}`);
    assert.deepEqual(
      names(both).filter((name) => name.startsWith("recipe-upgrade/")),
      [
        "recipe-upgrade/deploy-previous",
        ...of("previous", [...running, "not-restarted", "jetstream-write", "jetstream-restart-read", "data-noted"]),
        "recipe-upgrade/upgrade",
        ...of("upgraded", [...running, "jetstream-read", "data", "not-restarted", "jetstream-write-later"]),
        "recipe-upgrade/rollback",
        ...of("back", [...running, "jetstream-later-is-gone", "jetstream-read", "data", "status", "not-restarted"]),
        "recipe-upgrade/upgrade-again",
        ...of("again", [...running, "jetstream-read", "data", "status", "not-restarted"]),
        ...["state-noted", "remove", "state-kept", "remove-state", "nothing-left"].map(
          (name) => `recipe-upgrade/${name}`,
        ),
      ],
    );
    assert.deepEqual(
      names(both).filter((name) => /received-previous/.test(name)),
      ["recipe/received-previous-archive", "recipe/received-previous-recipe"],
    );
  });
  it("take two commands, for there is one reboot", () =>
    assert.deepEqual(
      planPhases(both).map((phase) => phase.map(({ name }) => name)),
      [["recipe"], ["recipe-after-reboot", "recipe-upgrade", "crash"]],
    ));
  it("expect each release's own digest, folder and version", () => {
    assert.deepEqual(check("recipe/received-previous-archive").expect.judge!.given, { sha256: "b".repeat(64) });
    assert.deepEqual(check("recipe-upgrade/back-placed").expect.stdout, {
      equals: "/opt/nats/versions/2.11.3-bbbbbbbb",
    });
    assert.deepEqual(check("recipe-upgrade/again-placed").expect.stdout, {
      equals: "/opt/nats/versions/2.11.4-dddddddd",
    });
    assert.deepEqual(check("recipe-upgrade/back-identity-nats-server").expect.stdout, {
      schema: holding({ version: "2.11.3" }),
    });
    assert.deepEqual(check("recipe-upgrade/upgraded-identity-nats-server").expect.stdout, {
      schema: holding({ version: "2.11.4" }),
    });
  });
  it("run nothing before what arrived is known, and each only after what it is about", () => {
    assert.deepEqual(
      both
        .filter(({ name }) => name !== "crash")
        .flatMap((suite) => suite.checks.filter(({ needs, on }) => !needs && on !== "host").map(({ name }) => name)),
      ["received-archive"],
    );
    const seen = new Set<string>();
    for (const suite of both) {
      for (const each of suite.checks) {
        if (each.needs) assert.ok(seen.has(each.needs), `${suite.name}/${each.name} needs ${each.needs}`);
        seen.add(`${suite.name}/${each.name}`);
      }
    }
    for (const [name, needs] of [
      ["recipe/deploy", "recipe/inventory"],
      ["recipe-upgrade/deploy-previous", "recipe-after-reboot/remove-state"],
      ["recipe-upgrade/back-jetstream-read", "recipe-upgrade/rollback"],
    ] as const)
      assert.equal(check(name).needs, needs);
  });
  it("look at what is private where the product has secrets and a configuration of its own", () => {
    const palyra = recipeSuites(
      productNamed("palyra"),
      "headless",
      { ...subject, product: "palyra", kind: "headless", base: "palyra-headless-0.2.0-linux-x64" },
      files,
    );
    assert.deepEqual(check("recipe/secrets-palyra-browserd", palyra).expect.stdout, { equals: "600 root" });
    assert.match(textOf(check("recipe/secrets-palyra-browserd", palyra)), /\/etc\/palyra\/palyra-browserd\.secrets/);
    assert.deepEqual(check("recipe/configuration-private", palyra).expect.stdout, { equals: "600 palyra" });
    assert.match(textOf(check("recipe/configuration-private", palyra)), /\/etc\/palyra\/palyra\.toml/);
  });
  it("fit their schema and a remote command, for every product", () => {
    for (const [product, kind] of [
      ["nats", "server"],
      ["palyra", "headless"],
    ] as const) {
      const suites = recipeSuites(productNamed(product), kind, { ...subject, product, kind }, { ...files, previous });
      SuitesSchema.parse(suites);
      for (const phase of planPhases(suites))
        assert.ok(Buffer.byteLength(renderRunner({ suites: phase, run: "size", limitSeconds: 60 })) < 80_000);
    }
  });
});
