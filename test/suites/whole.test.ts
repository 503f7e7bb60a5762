/** Output that comes back whole: more than an excerpt, in parts that are checked, and never as half of it. */
import assert from "node:assert/strict";
import { judgeCheck } from "../../src/suites/judge.ts";
import { keptMisses } from "../../src/suites/kept-judge.ts";
import { parseEvidenceLines, renderRunner, type Check, type KeptExpectation } from "../../src/suites/index.ts";
import { gzipSync } from "node:zlib";
import { execute, recordOf, runHere, temporaryFolder } from "./on-host.ts";

const kept: KeptExpectation = { asked: "still", what: [{ how: "bytes", path: "/k" }] };
const check = (name: string, run: string, more: Partial<Check> = {}): Check => ({
  name,
  run,
  whole: true,
  expect: {},
  ...more,
});

describe("output that comes back whole", function () {
  this.timeout(60_000);
  const large = "head -c 200000 /dev/urandom | tee out; sha256sum <out >&2";

  it("is all there, byte for byte, beside excerpts of other checks", async () => {
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
    assert.ok(Buffer.from(recordOf(record, "other").stdout.head, "base64").length < 8192);
    assert.equal(recordOf(record, "empty").stdout.bytes, 0);
    assert.ok(run.stdout.split("\n").every((line) => line.length < 64 * 1024));
  });

  it("is an excerpt where it is too much, and then nothing is known to be kept", async () => {
    const asks = check("huge", "head -c 4200000 /dev/urandom", { expect: { stdout: { kept } } });
    const { record } = await runHere([{ name: "s", checks: [asks] }]);
    assert.match(
      judgeCheck(asks, recordOf(record, "huge")).observed!,
      /4200000 bytes, which are more than come back of it/,
    );
  });

  it("is refused with a part that is missing, changed, another's or twice", async () => {
    const text = (
      await execute(
        renderRunner({
          suites: [{ name: "s", checks: [check("large", large), check("next", "echo x")] }],
          run: "test-run",
          limitSeconds: 60,
          host: { folder: temporaryFolder(), cgroup: "/nowhere", reboot: { clean: ":", hard: ":" } },
        }),
      )
    ).stdout;
    const lines = text.trimEnd().split("\n");
    const read = (change: (lines: string[]) => string[]) => () =>
      parseEvidenceLines(`${change([...lines]).join("\n")}\n`, { run: "test-run" });
    const at = lines.findIndex((line) => line.includes('"type":"part"'));
    assert.doesNotThrow(read((all) => all));
    assert.throws(
      read((all) => all.toSpliced(at, 1)),
      /the parts of s\/large are not its output/,
    );
    assert.throws(
      read((all) => all.toSpliced(at, 0, all[at]!)),
      /the parts of s\/large are not its output/,
    );
    assert.throws(
      read((all) => all.with(at, all[at]!.replace(/"data":"..../, '"data":"AAAA'))),
      /the parts of s\/large are not its output/,
    );
    assert.throws(
      read((all) => all.with(at, all[at]!.replace("large", "next"))),
      /is a part of s\/next, and does not belong/,
    );
    assert.throws(
      read((all) => all.toSpliced(1, 0, all[at]!)),
      /does not belong after the line before it/,
    );
  });

  it("says nothing is kept where it is not what looks are packed as", () => {
    for (const bytes of [
      Buffer.alloc(0),
      Buffer.from("text"),
      gzipSync("text"),
      gzipSync("now 0.bytes 99\nshort"),
      gzipSync("now 0.bytes 99\nshort").subarray(0, 20),
    ]) {
      assert.match(keptMisses(kept, bytes)[0]!.observed, /no looks at what is kept|cut off or damaged/);
    }
    assert.match(keptMisses(kept, gzipSync(""))[0]!.observed, /\/k is not there to be noted/);
    assert.deepEqual(keptMisses(kept, gzipSync("noted 0.bytes 2\na\nnow 0.bytes 2\na\n")), []);
  });
});
