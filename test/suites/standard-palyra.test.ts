/** What the standard suites become for Palyra: of a daemon, a browser service and a desktop app that cannot be asked. */
import assert from "node:assert/strict";
import { productNamed } from "../../src/products/index.ts";
import { maxRunnerBytes } from "../../src/suites/runner.ts";
import { planPhases, renderRunner, standardSuites, SuitesSchema, type Suite } from "../../src/suites/index.ts";

describe("the standard suites of Palyra", () => {
  const palyra = productNamed("palyra");
  const of = (kind: string): Suite[] =>
    standardSuites(
      palyra,
      kind,
      {
        product: "palyra",
        kind,
        version: "0.1.0",
        binaryVersions: {},
        platform: "linux-x64",
        sha256: "d".repeat(64),
        base: `palyra-${kind}-0.1.0-linux-x64`,
      },
      {
        installer: "/root/upload/install.sh",
        archivePath: `/root/upload/palyra-${kind}-0.1.0-linux-x64.zip`,
        soakSeconds: 30,
      },
    );
  const named = (kind: string, name: string) =>
    of(kind)
      .find((suite) => suite.name === name.split("/")[0])
      ?.checks.find((each) => each.name === name.split("/")[1]);
  it("fit what is handed over on standard input, with four times the room", () => {
    for (const kind of Object.keys(palyra.kinds)) {
      for (const phase of planPhases(of(kind)))
        assert.ok(
          Buffer.byteLength(renderRunner({ suites: phase, run: "size", limitSeconds: 60 })) < maxRunnerBytes / 4,
        );
      SuitesSchema.parse(of(kind));
    }
  });
  it("ask no binary for what it cannot say", () => {
    const asked = of("desktop")
      .flatMap((suite) => suite.checks.map((check) => `${suite.name}/${check.name}`))
      .filter((name) => /smoke\/(version|help)-palyra/.test(name));
    assert.deepEqual(asked, [
      "smoke/help-palyrad",
      "smoke/help-palyra-browserd",
      "smoke/version-palyra",
      "smoke/help-palyra",
    ]);
  });
  it("ask what healthy means after install, reboot and power cut, and for what was planted", () => {
    for (const suite of ["reboot", "power-cut"])
      for (const name of ["answers-as-released", "dashboard-as-packaged", "planted"])
        assert.ok(named("headless", `${suite}/${name}`), `${suite}/${name}`);
    for (const name of ["answers-as-released", "plant", "planted-at-once"])
      assert.ok(named("headless", `smoke/${name}`), name);
    for (const name of ["control-center-stays", "plant", "planted-at-once"])
      assert.ok(named("desktop", `smoke/${name}`), name);
  });
  it("expect listeners by protocol, and files with secrets to be their owner's alone", () => {
    assert.deepEqual(named("headless", "service/sockets-palyrad")!.expect.judge!.given, {
      sockets: ["tcp 127.0.0.1:7142", "tcp 127.0.0.1:7443", "tcp 127.0.0.1:7444", "udp 127.0.0.1:7444"],
    });
    assert.deepEqual(named("headless", "smoke/private-configuration")!.expect.stdout, { equals: "600 palyra:palyra" });
    assert.deepEqual(named("headless", "smoke/private-secrets-palyra-browserd")!.expect.stdout, {
      equals: "600 root:root",
    });
    assert.deepEqual(named("desktop", "smoke/private-configuration")!.expect.stdout, { equals: "600 root:root" });
  });
  it("take the state away as well, also that of a kind without a service", () => {
    for (const kind of ["desktop", "headless"])
      for (const name of ["state-kept", "remove-state"]) assert.ok(named(kind, `uninstall/${name}`), `${kind} ${name}`);
  });
});
