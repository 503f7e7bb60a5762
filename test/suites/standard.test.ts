import assert from "node:assert/strict";
import { holding } from "../../src/checks/json.ts";
import { EdgeError } from "../../src/edges/edges.ts";
import { productNamed, type Product, type Subject } from "../../src/products/index.ts";
import {
  crashSuite,
  planPhases,
  recipeSuites,
  renderRunner,
  standardSuites,
  SuitesSchema,
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
const files = {
  installer: "/root/upload/install.sh",
  archivePath: "/root/upload/nats-server-2.11.4-linux-x64.zip",
  soakSeconds: 70,
};
const suites = standardSuites(nats, "server", subject, files);
const recipe = recipeSuites(nats, "server", subject, {
  archivePath: files.archivePath,
  recipePath: "/root/upload/r.zip",
  recipeSha256: "e".repeat(64),
});
const names = (list: Suite[]): string[] =>
  list.flatMap((suite) => suite.checks.map((check) => `${suite.name}/${check.name}`));
const check = (name: string) =>
  suites
    .flatMap((suite) => suite.checks.map((each) => ({ ...each, name: `${suite.name}/${each.name}` })))
    .find((each) => each.name === name)!;

describe("the standard suites", () => {
  it("of NATS are these", () => {
    assert.deepEqual(names(suites), [
      "install/received",
      "install/installer",
      "install/inventory",
      "install/install",
      "install/placed",
      "install/executable-nats-server",
      "install/executable-nats",
      "install/install-again",
      "install/installed-footprint",
      "smoke/version-nats-server",
      "smoke/help-nats-server",
      "smoke/version-nats",
      "smoke/help-nats",
      "smoke/ready-nats-server",
      "smoke/publish-subscribe",
      "smoke/jetstream-write",
      "smoke/jetstream-restart-read",
      "smoke/data-noted",
      "service/enabled-nats-server",
      "service/running-nats-server",
      "service/user-nats-server",
      "service/unit-nats-server",
      "service/hardened-nats-server",
      "service/healthy-nats-server",
      "service/identity-nats-server",
      "service/sockets-nats-server",
      "service/folders-nats-server",
      "soak/lasts-nats-server",
      "footprint/after-use",
      "footprint/as-packed",
      "footprint/no-packet-leaves",
      "reboot/back-nats-server",
      "reboot/started-once",
      "reboot/identity-nats-server",
      "reboot/jetstream-read",
      "reboot/data",
      "reboot/not-restarted",
      "power-cut/back-nats-server",
      "power-cut/started-once",
      "power-cut/identity-nats-server",
      "power-cut/jetstream-read",
      "power-cut/data",
      "power-cut/not-restarted",
      "crash/core-dumps",
      "crash/kernel-log",
      "crash/journal",
      "crash/restarts",
      "uninstall/state-noted",
      "uninstall/stops-nats-server",
      "uninstall/uninstall",
      "uninstall/state-kept",
      "uninstall/remove-state",
      "uninstall/commands-gone",
      "uninstall/service-gone-nats-server",
      "uninstall/user-gone-nats",
      "uninstall/nothing-left",
      "uninstall/core-dumps",
      "uninstall/kernel-log",
    ]);
    assert.deepEqual(
      planPhases(suites).map((phase) => phase.map((suite) => suite.name)),
      [["install", "smoke", "service", "soak", "footprint"], ["reboot"], ["power-cut", "crash", "uninstall"]],
    );
  });
  it("fit their schema and a remote command", () => {
    for (const phase of [...planPhases(suites), ...planPhases(recipe)]) {
      SuitesSchema.parse(phase);
      assert.ok(Buffer.byteLength(renderRunner({ suites: phase, run: "size", limitSeconds: 60 })) < 40_000);
    }
  });
  it("need only what has run before", () => {
    for (const list of [suites, recipe]) {
      const seen = new Set<string>();
      for (const suite of list) {
        for (const each of suite.checks) {
          if (each.needs) assert.ok(seen.has(each.needs), `${suite.name}/${each.name} needs ${each.needs}`);
          seen.add(`${suite.name}/${each.name}`);
        }
      }
    }
  });
  it("do nothing with an archive that is not the one that was packed, and nothing without an installation", () => {
    const free = suites.flatMap((suite) =>
      suite.checks.filter((each) => !each.needs).map((each) => `${suite.name}/${each.name}`),
    );
    // What crashed has crashed, whatever else has or has not been done.
    assert.deepEqual(free, [
      "install/received",
      "footprint/no-packet-leaves",
      ...names([crashSuite()]),
      "uninstall/core-dumps",
      "uninstall/kernel-log",
    ]);
    assert.deepEqual(check("install/received").expect.judge!.given, { sha256: subject.sha256 });
    for (const name of ["install/installer", "install/inventory"]) assert.equal(check(name).needs, "install/received");
    assert.equal(check("install/install").needs, "install/installer");
    assert.deepEqual(
      recipe
        .filter(({ name }) => name !== "crash")
        .flatMap(({ name, checks }) =>
          checks.filter((each) => !each.needs && each.on !== "host").map((each) => `${name}/${each.name}`),
        ),
      ["recipe/received-archive"],
    );
  });
  it("expect each binary's own version, and otherwise the candidate's", () => {
    assert.deepEqual(check("smoke/version-nats").expect.stdout, { equals: "0.1.6" });
    assert.deepEqual(check("smoke/version-nats-server").expect.stdout, { equals: "nats-server: v2.11.4" });
    assert.deepEqual(check("service/identity-nats-server").expect.stdout, { schema: holding({ version: "2.11.4" }) });
  });
  it("expect the release in a folder named by version and digest", () =>
    assert.deepEqual(check("install/placed").expect.stdout, { equals: "/opt/nats/versions/2.11.4-dddddddd" }));
  it("give the soak all the time it asks for", () => assert.ok(check("soak/lasts-nats-server").within! > 70));
  it("have no soak when none is asked for, and for a product without a service nothing about services", () => {
    const soakless = standardSuites(nats, "server", subject, { ...files, soakSeconds: 0 });
    assert.ok(!soakless.some((suite) => suite.name === "soak"));
    const tool: Product = {
      ...nats,
      kinds: { server: { binaries: ["nats"], services: [] } },
      checks: { smoke: () => [], plant: () => [], planted: () => [] },
    };
    const list = standardSuites(tool, "server", subject, files);
    assert.deepEqual(
      list.map((suite) => suite.name),
      ["install", "smoke", "footprint", "reboot", "power-cut", "crash", "uninstall"],
    );
    assert.ok(!names(list).some((name) => /service|state|user/.test(name)));
    SuitesSchema.parse(list);
  });
  it("look for secrets where a product has them", () => {
    const palyra = standardSuites(
      productNamed("palyra"),
      "headless",
      { ...subject, product: "palyra", kind: "headless" },
      files,
    );
    assert.deepEqual(
      palyra.slice(-3).map((suite) => suite.name),
      ["crash", "secrets", "uninstall"],
    );
  });
  it("refuse a kind that the product does not have", () =>
    assert.throws(
      () => standardSuites(nats, "desktop", subject, files),
      (e: unknown) => e instanceof EdgeError && /no kind "desktop"; use one of server/.test(e.message),
    ));
});
