/** The standard suites on real clean machines: the good candidate is green, and on a machine that was spoiled each check is red. */
import assert from "node:assert/strict";
import { textOf } from "./on-host.ts";
import { goodCandidate } from "../good-candidate.ts";
import type { Check, Suite } from "../../src/suites/index.ts";
import { proveOnMachine } from "./on-machine.ts";

describe("proofs on clean machines", function () {
  this.timeout(600_000);
  let good = "";
  before(async () => {
    good = await goodCandidate();
  });

  it("the good candidate is green, across a reboot and a power cut, has done nothing that nobody asked for, and its machine is left as it was", async () => {
    const proof = await proveOnMachine(
      good,
      ["install", "smoke", "service", "soak", "footprint", "reboot", "power-cut", "crash", "uninstall"],
      { soakSeconds: 5 },
    );
    assert.equal(proof.judgement.verdict, "green", proof.judgement.sentence);
    assert.equal(new Set(proof.evidence.phases.map((phase) => phase.bootId)).size, 3);
    assert.deepEqual(
      proof.evidence.phases.flatMap((phase) => phase.checks.filter((check) => check.left > 0)),
      [],
    );
  });

  it("the recipe is green on a machine of its own", async () => {
    const proof = await proveOnMachine(good, ["recipe"]);
    assert.equal(proof.judgement.verdict, "green", proof.judgement.sentence);
  });

  it("a machine on which everything about the service and the removal is wrong is red in each check that is about it", async () => {
    const sabotage = (name: string, run: string[]): Check => ({ name, run: run.join("\n"), within: 60, expect: {} });
    const proof = await proveOnMachine(good, ["install", "smoke", "service", "soak", "reboot", "uninstall"], {
      soakSeconds: 5,
      change: (suites) =>
        suites.map((suite) => {
          const first = (check: Check): Suite => ({ ...suite, checks: [check, ...suite.checks] });
          switch (suite.name) {
            case "smoke":
              return { ...suite, checks: suite.checks.filter((check) => check.name.startsWith("ready")) };
            case "service":
              return first(
                sabotage("spoil-service", [
                  "systemctl disable --quiet nats-server",
                  "mkdir /etc/systemd/system/nats-server.service.d",
                  "printf '[Service]\\nUser=root\\nNoNewPrivileges=no\\nCapabilityBoundingSet=~\\nProtectSystem=no\\nSystemCallFilter=\\nPrivateDevices=no\\nProtectHome=no\\nPrivateUsers=no\\nMadeUp=1\\n' >/etc/systemd/system/nats-server.service.d/worse.conf",
                  "printf '%s\\n' 'listen: 127.0.0.1:4222' 'http: 127.0.0.1:8222' 'leafnodes { listen: 0.0.0.0:7422 }' >/etc/nats/nats-server.conf",
                  "systemctl daemon-reload && systemctl restart nats-server && http_wait http://127.0.0.1:8222/healthz 30",
                ]),
              );
            case "soak":
              return {
                ...suite,
                checks: suite.checks.map((check) => ({
                  ...check,
                  run: `(sleep 1; systemctl kill -s KILL nats-server) &\n${textOf(check).replace(/^(set -- .*) 5$/m, "$1 600")}`,
                })),
              };
            case "reboot":
              return {
                ...suite,
                checks: suite.checks.map((check) => ({
                  ...check,
                  run: textOf(check).replace(/http_wait (\S+) 60/, "http_wait $1 2"),
                })),
              };
            case "uninstall":
              return first(
                sabotage("spoil-installer", [
                  "echo exit 0 >/root/upload/install.sh",
                  "touch /etc/left-behind",
                  "ln -s /nowhere /usr/local/bin/left-behind",
                  "rm -rf /var/lib/nats",
                ]),
              );
            default:
              return suite;
          }
        }),
    });
    assert.equal(proof.judgement.verdict, "red");
    const open = new Map(
      proof.evidence.suites.flatMap(({ result }) =>
        result.checks
          .filter((check) => check.status !== "passed")
          .map((check) => [`${result.suite}/${check.check}`, check.observed!]),
      ),
    );
    const expected: [string, RegExp][] = [
      ["service/enabled-nats-server", /disabled/],
      ["service/running-nats-server", /User=root/],
      ["service/user-nats-server", /"root"/],
      ["service/unit-nats-server", /MadeUp/],
      ["service/hardened-nats-server", /exposure level/],
      ["service/sockets-nats-server", /7422/],
      ["soak/lasts-nats-server", /changed from|stopped answering/],
      ["reboot/back-nats-server", /http_wait: no good answer/],
      ["reboot/started-once", /nats-server is '0 0 dead'/],
      ["reboot/identity-nats-server", /nobody listens/],
      ["reboot/jetstream-read", /./],
      ["reboot/data", /smoke\/data-noted has no record/],
      ["uninstall/state-noted", /\/var\/lib\/nats is not there/],
      ["uninstall/stops-nats-server", /it does not run/],
      ["uninstall/state-kept", /is gone although its removal was not asked for/],
      ["uninstall/commands-gone", /nats-server/],
      ["uninstall/service-gone-nats-server", /LoadState=loaded/],
      ["uninstall/user-gone-nats", /nats:x:/],
      ["uninstall/nothing-left", /undeclared: /],
    ];
    assert.deepEqual(
      [...open.keys()],
      expected.map(([name]) => name),
      JSON.stringify([...open], null, 1),
    );
    for (const [name, observed] of expected) assert.match(open.get(name)!, observed, name);
  });
});
