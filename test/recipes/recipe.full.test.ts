/** The recipe's suites on real clean machines: green for what is good, and each check red for its own reason. */
import assert from "node:assert/strict";
import type { Check, Suite } from "../../src/suites/index.ts";
import { open, proveRecipe } from "./prove.ts";
import { pairs, releasedSample } from "./released.ts";

/** What a product declares no secrets for is not searched for any. */
const proven: Record<keyof typeof pairs, string[]> = {
  NATS: ["recipe", "recipe-after-reboot", "recipe-upgrade", "crash"],
  "the stand-in": ["recipe", "secrets", "recipe-after-reboot", "recipe-upgrade", "crash"],
};

for (const name of ["NATS", "the stand-in"] as const) {
  describe(`the recipe's suites for ${name}`, function () {
    this.timeout(900_000);

    it("are green across a reboot and over the release before", async function () {
      const pair = await pairs[name]();
      if (!pair) return this.skip();
      const proof = await proveRecipe(pair.now, pair.before);
      assert.deepEqual(open(proof), []);
      assert.deepEqual(
        proof.results.map(({ suite, status }) => `${suite} ${status}`),
        proven[name].map((suite) => `${suite} passed`),
      );
      console.log(`      phases of ${proof.seconds.map((seconds) => seconds.toFixed(0)).join(" and ")} s`);
    });
  });
}

describe("the suites of a recipe", function () {
  this.timeout(900_000);

  /** A suite with a check of ours before one of its own. */
  const spoiled = (suite: Suite, before: string, run: string[]): Suite => {
    const check: Check = { name: `spoil-${before}`, run: run.join("\n"), within: 60, expect: {} };
    return { ...suite, checks: suite.checks.flatMap((each) => (each.name === before ? [check, each] : [each])) };
  };

  it("are red for what is wrong, each check for its own reason", async function () {
    const now = await releasedSample();
    const before = await releasedSample("2.11.3");
    if (!now || !before) return this.skip();
    const proof = await proveRecipe(now, before, (suites) =>
      suites.map((suite) => {
        switch (suite.name) {
          case "recipe":
            return spoiled(spoiled(suite, "status", ["rm /usr/local/bin/nats"]), "deploy-again", [
              "echo '# worse' >>/etc/systemd/system/nats-server.service",
            ]);
          case "recipe-after-reboot":
            return spoiled(
              spoiled(suite, "placed", [
                "systemctl stop nats-server",
                "rm -rf /var/lib/nats/jetstream",
                "mv /opt/nats/current /opt/nats/elsewhere",
                "ln -s versions /opt/nats/current",
              ]),
              "remove",
              ["rm /opt/nats/current; mv /opt/nats/elsewhere /opt/nats/current"],
            );
          default:
            return spoiled(
              // Whoever stops a service finds it stopped after an upgrade.
              spoiled(spoiled(suite, "back-jetstream-read", ["systemctl stop nats-server"]), "upgrade-again", [
                "systemctl start nats-server",
              ]),
              "nothing-left",
              ["touch /etc/left-behind"],
            );
        }
      }),
    );
    const red = new Map(open(proof).map((line) => [line.slice(0, line.indexOf(" ")), line]));
    const expected: [string, RegExp][] = [
      ["recipe/status", /exit code 6/],
      ["recipe/deploy-again", /installing again changed this/],
      ["recipe/not-restarted", /nats-server: changed from/],
      ["recipe-after-reboot/placed", /\/opt\/nats\/versions/],
      ["recipe-after-reboot/healthy-nats-server", /no good answer/],
      ["recipe-after-reboot/started-once", /is '0 0 dead'/],
      ["recipe-after-reboot/identity-nats-server", /nobody listens/],
      ["recipe-after-reboot/jetstream-read", /./],
      ["recipe-after-reboot/data", /jetstream/],
      ["recipe-upgrade/back-jetstream-read", /./],
      ["recipe-upgrade/back-status", /exit code 6/],
      ["recipe-upgrade/back-not-restarted", /nats-server: changed from '[0-9]+ 0 running' to '0 0 dead'/],
      ["recipe-upgrade/nothing-left", /left-behind/],
    ];
    assert.deepEqual(
      [...red.keys()],
      expected.map(([check]) => check),
      [...red.values()].join("\n"),
    );
    for (const [check, found] of expected) assert.match(red.get(check)!, found);
  });
});
