/** What is looked at from outside and afterwards, on a real clean machine: everything that a product must not do there, done at once. */
import assert from "node:assert/strict";
import { goodCandidate } from "../good-candidate.ts";
import type { Check } from "../../src/suites/index.ts";
import { proveOnMachine } from "./on-machine.ts";

describe("what a machine shows of what was done on it", function () {
  this.timeout(600_000);

  it("names every stray file, account, unit, socket and packet, and everything that crashed", async () => {
    const fault = (name: string, run: string[]): Check => ({ name, run: run.join("\n"), within: 60, expect: {} });
    const stray = fault("stray", [
      "install -m 4755 /bin/true /opt/nats/stray; touch /run/lock/stray; echo >/usr/share/man/man1/stray.1",
      "useradd --system --no-create-home stray",
      "echo 'export STRAY=1' >>/root/.profile",
      "systemd-run --quiet --unit=stray-server nats-server --addr 127.0.0.1 --port 4999",
      "systemd-run --quiet --unit=stray-timer --on-calendar=yearly true",
      "getent hosts telemetry.example.org; timeout 5 bash -c 'exec 3<>/dev/tcp/198.51.100.7/443'; timeout 5 bash -c 'echo x >/dev/udp/198.51.100.8/514'",
      "until ss -Hltn | grep -q :4999; do sleep 0.2; done",
    ]);
    const crash = fault("crash", [
      // A pointer to nowhere, followed.
      'perl -e \'unpack("p", pack("Q", 1))\'',
      "systemd-run --quiet --wait -p MemoryMax=24M -p MemorySwapMax=0 perl -e '@x = (0) x 5e7'",
      "logger -p daemon.err -t stray 'number 7 is wrong'",
      "systemctl kill --signal=KILL nats-server; sleep 3; http_wait http://127.0.0.1:8222/healthz 30",
    ]);
    const proof = await proveOnMachine(await goodCandidate(), ["install", "footprint", "crash", "uninstall"], {
      change: (suites) =>
        suites.map((suite) => ({
          ...suite,
          checks: [...(suite.name === "footprint" ? [stray] : suite.name === "crash" ? [crash] : []), ...suite.checks],
        })),
    });
    assert.equal(proof.judgement.verdict, "red");
    const open = new Map(
      proof.evidence.suites.flatMap(({ result }) =>
        result.checks
          .filter((check) => check.status !== "passed")
          .map((check) => [`${result.suite}/${check.check}`, check.observed!]),
      ),
    );
    // What the machine printed, and what was found wrong with it.
    const shown = (name: string): string => {
      const [suite, check] = name.split("/");
      const record = [...proof.evidence.phases.flatMap((phase) => phase.checks), ...proof.evidence.observed].find(
        (each) => each.suite === suite && each.check === check,
      )!;
      return `${Buffer.from(record.stdout.head, "base64").toString("utf8")}\n${(open.get(name) ?? "").replaceAll("; ", "\n")}`;
    };
    const strays = [
      /^undeclared: file f 4755 root:root \d+ \/opt\/nats\/stray$/m,
      /^undeclared: file f 644 root:root - \/run\/lock\/stray$/m,
      /^undeclared: file f 644 root:root 1 \/usr\/share\/man\/man1\/stray\.1$/m,
      /^undeclared: account stray:x:/m,
      /^undeclared: group stray:x:/m,
      /^undeclared: file f 644 root:root \d+ \/root\/\.profile$/m,
      /^undeclared: unit stray-server\.service$/m,
      /^undeclared: unit stray-timer\.timer$/m,
      /^undeclared: socket tcp 127\.0\.0\.1:4999 nats-server$/m,
      /^undeclared: environment STRAY=1$/m,
    ];
    const expected: [string, RegExp[]][] = [
      ["footprint/after-use", strays],
      ["footprint/as-packed", [/^\/opt\/nats\/stray$/m]],
      [
        "footprint/no-packet-leaves",
        [
          /^udp 10\.0\.2\.3:53 asks for telemetry\.example\.org( |$)/m,
          /^tcp 198\.51\.100\.7:443( |$)/m,
          /^udp 198\.51\.100\.8:514( |$)/m,
        ],
      ],
      ["crash/core-dumps", [/perl was ended by signal 11/]],
      ["crash/kernel-log", [/kernel: perl.*segfault at/, /Memory cgroup out of memory: Killed process \d+ \(perl\)/]],
      ["crash/journal", [/stray: number 7 is wrong/]],
      ["crash/restarts", [/nats-server\.service: Scheduled restart job/]],
      ["uninstall/nothing-left", [/account stray/, /root\/\.profile/, /stray-timer\.timer/]],
      ["uninstall/core-dumps", [/perl was ended by signal 11/]],
      ["uninstall/kernel-log", [/kernel: perl.*segfault at/]],
    ];
    for (const [name, patterns] of expected) {
      for (const pattern of patterns) assert.match(shown(name), pattern, `${name} shows ${shown(name)}`);
    }
    assert.deepEqual(
      [...open.keys()],
      expected.map(([name]) => name),
      JSON.stringify([...open], null, 1),
    );
  });
});
