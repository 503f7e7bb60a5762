/** Output that comes back whole, as long as it is no more than a phase's bundle can hold. */
import assert from "node:assert/strict";
import { judgeCheck } from "../../src/suites/judge.ts";
import { type KeptExpectation } from "../../src/suites/kept-judge.ts";
import type { Check } from "../../src/suites/index.ts";
import { recordOf, runHere } from "./on-host.ts";

const nobody = (): never => {
  throw new Error("no other check is asked for");
};
const kept: KeptExpectation = { asked: "noted", what: [{ how: "bytes", path: "/k" }] };
const check = (name: string, run: string, more: Partial<Check> = {}): Check => ({ name, run, expect: {}, ...more });

describe("output that comes back whole", function () {
  this.timeout(60_000);
  const large = "head -c 200000 /dev/urandom | tee out; sha256sum <out >&2";

  it("is all there, byte for byte, beside other checks' outputs", async () => {
    const { record, run } = await runHere([
      {
        name: "s",
        checks: [
          check("large", large),
          { name: "other", run: "head -c 20000 /dev/zero | tr '\\0' x", expect: {} },
          check("empty", ":"),
        ],
      },
    ]);
    const { stdout, stderr } = recordOf(record, "large");
    assert.equal(Buffer.from(stdout.head, "base64").length, 200_000);
    assert.ok(Buffer.from(stderr.head, "base64").toString().startsWith(stdout.sha256));
    assert.equal(Buffer.from(recordOf(record, "other").stdout.head, "base64").length, 20_000);
    assert.equal(recordOf(record, "empty").stdout.bytes, 0);
    assert.ok(run.stdout.split("\n").every((line) => line.length < 64 * 1024));
  });

  it("is an excerpt where it is too much, and then nothing is known to be kept", async () => {
    const asks = check("huge", "mkdir before; head -c 4200000 /dev/urandom >before/0.bytes", {
      files: ["before"],
      expect: { judge: { name: "kept", given: kept } },
    });
    const { record } = await runHere([{ name: "s", checks: [asks] }]);
    assert.match(
      judgeCheck(asks, recordOf(record, "huge"), nobody).observed!,
      /before\/0\.bytes has 4200000 bytes, of which only an excerpt was kept/,
    );
  });
});
