/** Whether services ran through a phase as the same processes, by what systemctl shows of them. */
import assert from "node:assert/strict";
import { productNamed } from "../../src/products/index.ts";
import type { Check } from "../../src/suites/index.ts";
import { processesJudge, unrestarted } from "../../src/suites/unrestarted.ts";
import { verdict } from "./judged.ts";

const { headless, desktop } = productNamed("palyra").kinds;
const between: Check = { name: "between", run: ["true"], expect: {} };
const checks = unrestarted(headless!, "new", "install/install", [between]);
const given = (name: string): unknown => checks.find((check) => check.name === name)!.expect.judge!.given;

/** As systemd prints it: in an order of its own. */
const shown = (states: Record<string, string>): string =>
  Object.entries(states)
    .map(([name, state]) => {
      const [process, restarts, sub] = state.split(" ");
      return `MainPID=${process}\nNRestarts=${restarts}\nId=${name}.service\nSubState=${sub}\n`;
    })
    .join("\n");
const good = { palyrad: "11 0 running", "palyra-browserd": "12 0 running" };
const once = (states: Record<string, string>): string[] =>
  verdict(processesJudge, given("new-started-once"), { stdout: shown(states) });
const same = (states: Record<string, string>): string[] =>
  verdict(
    processesJudge,
    given("new-not-restarted"),
    { stdout: shown(states) },
    { "suite/new-started-once": { stdout: shown(good) } },
  );

describe("the processes of services through a phase", () => {
  it("are looked at around all that is asked in between, in one command", () => {
    assert.deepEqual(
      checks.map(({ name }) => name),
      ["new-started-once", "between", "new-not-restarted"],
    );
    assert.deepEqual(checks[0]!.run, checks[2]!.run);
    assert.deepEqual((checks[0]!.run as string[]).slice(-2), ["palyrad.service", "palyra-browserd.service"]);
  });
  it("are the same", () => assert.deepEqual([once(good), same(good)], [[], []]));
  it("are others after a restart, whoever restarted them", () => {
    assert.deepEqual(same({ ...good, "palyra-browserd": "13 0 running" }), [
      "palyra-browserd: changed from '12 0 running' to '13 0 running' (process, restarts, state)",
    ]);
    for (const state of ["14 1 running", "0 3 auto-restart"])
      assert.match(
        same({ ...good, palyrad: state })[0]!,
        new RegExp(`^palyrad: changed from '11 0 running' to '${state}'`),
      );
  });
  it("have not been started again before the phase asks", () =>
    assert.deepEqual(once({ ...good, palyrad: "11 2 running" }), [
      "palyrad is '11 2 running' (process, restarts, state)",
    ]));
  it("are not taken for the same where nothing is known of them", () => {
    assert.deepEqual(once({ palyrad: "11 0 running" }), ["palyra-browserd is 'nothing' (process, restarts, state)"]);
    assert.match(same({ palyrad: "11 0 running" })[0]!, /^palyra-browserd: changed from '12 0 running' to 'nothing'/);
  });
  it("may have been started again where that was made to happen, and must run all the same", () => {
    const [first] = unrestarted(headless!, "killed", "chaos/killed", [], true);
    const runs = (states: Record<string, string>) =>
      verdict(processesJudge, first!.expect.judge!.given, { stdout: shown(states) });
    assert.equal(first!.name, "killed-runs");
    assert.deepEqual(runs({ ...good, palyrad: "14 2 running" }), []);
    assert.deepEqual(runs({ ...good, palyrad: "0 3 auto-restart" }), [
      "palyrad is '0 3 auto-restart' (process, restarts, state)",
    ]);
  });
  it("are not asked for where there are none", () =>
    assert.deepEqual(unrestarted(desktop!, "new", "install/install", [between]), [between]));
});
