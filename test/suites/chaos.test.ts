/** What is asked after each fault, and how what was said of it is judged. That services come back is shown on machines. */
import assert from "node:assert/strict";
import { productNamed, type Subject } from "../../src/products/index.ts";
import { saidJudge } from "../../src/suites/chaos.ts";
import { chaosSuites, planPhases, renderRunner, SuitesSchema } from "../../src/suites/index.ts";
import { judgedHere, verdict } from "./judged.ts";
import { temporaryFolder, textOf } from "./on-host.ts";

const subject = (product: string, kind: string): Subject => ({
  product,
  kind,
  version: "1.0.0",
  binaryVersions: {},
  platform: "linux-x64",
  sha256: "d".repeat(64),
  base: `${product}-${kind}-1.0.0-linux-x64`,
});
const files = { installer: "/root/upload/install.sh", archivePath: "/root/upload/a.zip", soakSeconds: 0 };
const suitesOf = (product: string, kind: string) =>
  chaosSuites(productNamed(product), kind, subject(product, kind), files);
const nats = suitesOf("nats", "server");
const palyra = suitesOf("palyra", "headless");

describe("the chaos suites", () => {
  it("of NATS plant data, and look for it after each of seven faults", () => {
    const after = (fault: string): string[] => [
      fault,
      `${fault}-healthy-nats-server`,
      `${fault}-runs`,
      `${fault}-jetstream-read`,
      `${fault}-data`,
      `${fault}-not-restarted`,
      `${fault}-said`,
    ];
    const [, , chaos, powerCut] = nats;
    assert.deepEqual(
      chaos!.checks.map(({ name }) => name),
      [
        ...["jetstream-write", "jetstream-restart-read", "data-noted", "begun"],
        ...["killed", "port", "clock", "link", "memory", "full"].flatMap(after),
        "writing",
      ],
    );
    assert.deepEqual(
      powerCut!.checks.map(({ name }) => name),
      [
        ...["back-nats-server", "started-once", "identity-nats-server", "jetstream-read", "data", "not-restarted"],
        "said",
      ],
    );
  });

  it("fit their schema and a remote command, and cut the power between two phases", () => {
    for (const suites of [nats, palyra]) {
      assert.deepEqual(
        planPhases(suites).map((phase) => phase.map(({ name }) => name)),
        [["install", "service", "chaos"], ["chaos-power-cut"]],
      );
      for (const phase of planPhases(suites)) {
        SuitesSchema.parse(phase);
        assert.ok(Buffer.byteLength(renderRunner({ suites: phase, run: "size", limitSeconds: 60 })) < 50_000);
      }
    }
  });

  it("need only what has run before, and no fault before the services are back from the one before it", () => {
    for (const suites of [nats, palyra]) {
      const seen = new Set<string>();
      for (const suite of suites) {
        for (const { name, needs } of suite.checks) {
          if (needs) assert.ok(seen.has(needs), `${suite.name}/${name} needs ${needs}`);
          seen.add(`${suite.name}/${name}`);
        }
      }
    }
    const need = (name: string) => palyra[2]!.checks.find((check) => check.name === name)!.needs;
    assert.equal(need("killed"), "chaos/begun");
    assert.equal(need("port"), "chaos/killed-healthy-palyra-browserd");
  });

  it("tell a script which services, ports, folders and commands it is about", () => {
    const words = (name: string) => {
      const { run } = palyra[2]!.checks.find((check) => check.name === name)!;
      return typeof run === "object" && !Array.isArray(run) ? run.args : [];
    };
    const units = ["palyrad.service", "palyra-browserd.service"];
    assert.deepEqual(words("killed"), units);
    assert.deepEqual(words("port"), [units[0], "127.0.0.1:7142", units[1], "127.0.0.1:7143"]);
    assert.deepEqual(words("full").slice(0, 3), ["/var/lib/palyra", units.join(" "), "setpriv"]);
    assert.equal(words("writing")[0], "setpriv");
  });
});

describe("what is said of a fault", () => {
  const units = ["a.service", "b.service"];
  const killed = { pattern: "status=9/KILL", by: "each" };
  const said = "Main process exited, code=killed, status=9/KILL\n";
  const again = "a.service: Scheduled restart job, restart counter is at 1.\n";
  const asked = (given: object, a: string, b: string, commands = ""): string[] =>
    verdict(
      saidJudge,
      { units, ...given },
      { files: { "said/a.service": a, "said/b.service": b, "said/commands": commands } },
    );

  it("is in the journal of each service", () => {
    assert.deepEqual(asked({ restarts: 1, said: killed }, said + again, said), []);
    assert.deepEqual(asked({ restarts: 1, said: killed }, said, "Started b.service\n"), [
      "the journal of b.service does not say it",
    ]);
  });

  it("or is said by somebody, where one is enough", () => {
    const full = { pattern: "no space left", by: "somebody" };
    assert.deepEqual(asked({ restarts: 0, said: full }, "", "write: no space left on device"), []);
    assert.deepEqual(asked({ restarts: 0, said: full }, "", "", "write: no space left on device"), []);
    assert.deepEqual(asked({ restarts: 0, said: full }, "", ""), [
      "the journal of a.service does not say it",
      "the journal of b.service does not say it",
    ]);
  });

  it("is nothing, where there is nothing to say", () => assert.deepEqual(asked({ restarts: 0 }, "", ""), []));

  it("may not be that systemd starts a service for ever, or at all where it has no reason to", () => {
    assert.deepEqual(asked({ restarts: 8 }, again.repeat(8), again.repeat(9)), [
      "systemd has started b.service anew 9 times",
    ]);
    assert.deepEqual(asked({ restarts: 0 }, again, ""), ["systemd has started a.service anew 1 times"]);
  });

  it("is not known of a service whose journal did not come back", () =>
    assert.match(verdict(saidJudge, { units, restarts: 0 }, { files: {} })[0]!, /said\/a\.service is missing/));

  it("is what was logged since it was last asked for, and a journal that cannot be read is no good one", async () => {
    const { checks } = nats[2]!;
    const [begun, port] = ["begun", "port-said"].map((name) => checks.find((check) => check.name === name)!);
    const journal = (cursor: string): string =>
      [
        "logger() { :; }",
        'journalctl() { case "$*" in *--cursor=c1*nats-server*) echo address already in use ;;',
        `  *--show-cursor*) echo '${cursor}' ;; *--sync*) ;; *) return 1 ;; esac; }`,
      ].join("\n");
    const ask = async (first: string, second: string) => {
      const told = [begun!, port!].map((check, i) => ({
        ...check,
        run: `mkdir -p "$greenlight/notes"\n${journal([first, second][i]!)}\n${textOf(check)}`,
      }));
      return judgedHere(told, { host: { folder: temporaryFolder() } });
    };
    assert.deepEqual(await ask("-- cursor: c1", "-- cursor: c2"), ["passed", "passed"]);
    assert.match((await ask("-- cursor: c3", "-- cursor: c4"))[1]!, /exit code 1/);
    assert.match((await ask("", ""))[0]!, /exit code 1/);
  });
});
