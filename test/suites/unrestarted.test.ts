/** Whether services ran through a phase as the same processes, with a systemctl of our own that says what it is told. */
import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { productNamed } from "../../src/products/index.ts";
import { judgeSuite, type Check } from "../../src/suites/index.ts";
import { unrestarted } from "../../src/suites/unrestarted.ts";
import { runHere } from "./on-host.ts";

describe("the processes of services through a phase", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "greenlight-unrestarted-"));
    mkdirSync(join(folder, "bin"));
    writeFileSync(join(folder, "bin/systemctl"), `#!/bin/sh\nfor unit; do :; done\ncat "${folder}/$unit"\n`);
    chmodSync(join(folder, "bin/systemctl"), 0o755);
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const { headless, desktop } = productNamed("palyra").kinds;
  const between: Check = { name: "between", run: ":", expect: {} };
  const say = (name: string, what: string): string => `printf '%s\\n' ${what} >${folder}/${name}.service`;
  const judge = async (before: string[], meanwhile: string[]) => {
    const checks = unrestarted(headless!, "new", "smoke/none", [{ ...between, run: [":", ...meanwhile].join("\n") }]);
    const runs = checks.map(({ needs, ...check }, i) => ({
      ...check,
      run: `PATH=${folder}/bin:$PATH\n${i === 0 ? before.join("\n") : ""}\n${check.run}`,
    }));
    const suite = { name: "smoke", checks: runs };
    const { record } = await runHere([suite], { run: `test-${Date.now()}` });
    return judgeSuite(suite, record).checks.map(({ check, status, observed }) => `${check}: ${observed ?? status}`);
  };
  const good = (): string[] => [say("palyrad", "11 0 running"), say("palyra-browserd", "12 0 running")];

  it("are the same", async () =>
    assert.deepEqual(await judge(good(), []), [
      "new-started-once: passed",
      "between: passed",
      "new-not-restarted: passed",
    ]));
  it("are others after a restart, whoever restarted them", async () => {
    assert.match(
      (await judge(good(), [say("palyra-browserd", "13 0 running")]))[2]!,
      /palyra-browserd: changed from '12 0 running' to '13 0 running'/,
    );
    assert.match(
      (await judge(good(), [say("palyrad", "14 1 running")]))[2]!,
      /palyrad: changed from '11 0 running' to '14 1 running'/,
    );
    assert.match(
      (await judge(good(), [say("palyrad", "0 3 auto-restart")]))[2]!,
      /palyrad: changed from '11 0 running' to '0 3 auto-restart'/,
    );
  });
  it("have not been started again before the phase asks", async () =>
    assert.match((await judge([...good(), say("palyrad", "11 2 running")], []))[0]!, /palyrad: 2 restarts, running/));
  it("are not asked for where there are none", () =>
    assert.deepEqual(unrestarted(desktop!, "new", "install/install", [between]), [between]));
});
