/** That the search for secrets in evidence finds them, as evidence and the engine's state hold them. */
import assert from "node:assert/strict";
import { judgeSuite, type Suite } from "../../src/suites/index.ts";
import { runHere } from "../suites/on-host.ts";
import { secretsIn } from "./revealed.ts";

describe("a secret that a check prints", function () {
  this.timeout(30_000);
  const planted = ["5f".repeat(32)];
  const shown = async (text: string): Promise<string> => {
    const suite: Suite = { name: "smoke", checks: [{ name: "prints", run: `printf '%s' '${text}'`, expect: {} }] };
    const { record, run } = await runHere([suite]);
    assert.equal(judgeSuite(suite, record).status, "passed", "nobody else sees it");
    // The state holds what the runner printed, as JSON in JSON.
    return JSON.stringify({ record, state: JSON.stringify({ stdout: run.stdout }) });
  };
  for (const [text, what] of [
    [`auth_token = "palyra_admin_${"0".repeat(26)}_${"Z".repeat(26)}"`, "an admin token"],
    [`x ${planted[0]!} y`, "a planted secret"],
    [`PALYRA_BROWSERD_STATE_ENCRYPTION_KEY=${"Ab3/".repeat(11)}=`, "a key of the browser's state"],
  ] as const) {
    it(`is found in what becomes of it: ${what}`, async () => {
      const kept = await shown(text);
      assert.ok(!kept.includes(text), "it is packed");
      assert.deepEqual(secretsIn(kept, planted), [what]);
    });
  }
  it("is not found where there is none", async () =>
    assert.deepEqual(secretsIn(await shown("palyra_admin_ of nobody"), planted), []));
});
