import assert from "node:assert/strict";
import fc from "fast-check";
import { z } from "zod";
import {
  CheckRecordSchema,
  judgeSuite,
  machineChecks,
  observedRecord,
  plannedChecks,
  planPhases,
  suiteDigest,
  SuitesSchema,
  type Check,
  type CheckResult,
  type RunRecord,
  type Suite,
} from "../../src/suites/index.ts";
import { newBoot, record, runRecord, stream } from "./samples.ts";
import type { CheckRecord } from "../../src/checks/record.ts";
import { holding, schemaOf } from "../../src/checks/json.ts";

const one = (expect: Check["expect"], did: Partial<CheckRecord> = {}, check: Partial<Check> = {}): CheckResult =>
  judgeSuite({ name: "smoke", checks: [{ name: "c", run: "true", expect, ...check }] }, runRecord([record("c", did)]))
    .checks[0]!;
const passes = (...args: Parameters<typeof one>): void =>
  assert.equal(one(...args).status, "passed", JSON.stringify(one(...args)));
const fails = (pattern: RegExp, ...args: Parameters<typeof one>): void => {
  const result = one(...args);
  assert.equal(result.status, "failed");
  assert.match(`expected ${result.expected}; observed ${result.observed}`, pattern);
};

describe("judging a check", () => {
  it("expects exit code 0 unless told otherwise", () => {
    passes({});
    passes({ exit: 3 }, { exit: 3 });
    fails(
      /expected exit code 0; observed exit code 1; standard error "no such file"/,
      {},
      { exit: 1, stderr: stream("no such file\n") },
    );
    fails(/expected exit code 3; observed exit code 0; no output/, { exit: 3 });
  });
  it("expects the whole text, without the white space around it", () => {
    passes({ stdout: { equals: "a b" } }, { stdout: stream("\n a b \n") });
    fails(/standard output to be "a"; observed "a b"/, { stdout: { equals: "a" } }, { stdout: stream("a b") });
    fails(/observed nothing/, { stderr: { equals: "a" } });
    fails(
      /standard output to have "b" among its 3 lines; observed "x"/,
      { stdout: { equals: "a\nb\nc" } },
      { stdout: stream("a\nx\nc\n") },
    );
    fails(
      /standard output to have "c" among its 3 lines; observed only 2 lines, without that one/,
      { stdout: { equals: "a\nb\nc" } },
      { stdout: stream("a\nb") },
    );
    fails(
      /no more than the 2 lines that are known; observed "x"/,
      { stdout: { equals: "a\nb" } },
      { stdout: stream("a\nx\nb") },
    );
    fails(
      /standard output to be "a\\nb"; observed "b\\na"/,
      { stdout: { equals: "a\nb" } },
      { stdout: stream("b\na") },
    );
    passes({ stdout: { equals: "a\nb" } }, { stdout: stream("a\nb\n") });
    passes({ stdout: { equals: "" } });
  });
  it("expects words to be there, and others not", () => {
    passes({ stdout: { contains: ["a", "b"], absent: ["c"] } }, { stdout: stream("a b") });
    fails(/to contain "b"; observed "a"/, { stdout: { contains: ["a", "b"] } }, { stdout: stream("a") });
    fails(
      /not to contain "panic"; observed "a panic"/,
      { stderr: { absent: ["panic"] } },
      { stderr: stream("a panic") },
    );
  });
  it("expects a pattern to match, line by line", () => {
    passes({ stdout: { matches: "^v\\d+$" } }, { stdout: stream("x\nv12\n") });
    fails(/to match \/\^v\\d\+\$\//, { stdout: { matches: "^v\\d+$" } }, { stdout: stream("v12b") });
  });
  it("expects values in JSON, exactly", () => {
    const asks = (values: Record<string, unknown>): Check["expect"] => ({ stdout: { schema: holding(values) } });
    passes(asks({ "a.b": { c: [1, null] } }), { stdout: stream('{"a":{"b":{"c":[1,null]}},"more":1}') });
    fails(/\/a\/b of standard output to be 1; observed \/a\/b = "1"/, asks({ "a.b": 1 }), {
      stdout: stream('{"a":{"b":"1"}}'),
    });
    fails(/observed no \/a\/b in \{\}/, asks({ "a.b": null }), { stdout: stream('{"a":{}}') });
    fails(/to be object; observed \/a = 1/, asks({ "a.b": null }), { stdout: stream('{"a":1}') });
    fails(/to be JSON; observed "oops"/, asks({ a: 1 }), { stdout: stream("oops") });
    fails(/observed no \/toString in/, asks({ toString: "x" }), { stdout: stream("{}") });
    const list = { stdout: { schema: schemaOf(z.looseObject({ ids: z.array(z.enum(["a", "b"])).min(1) })) } };
    passes(list, { stdout: stream('{"ids":["a"],"more":1}') });
    fails(/\/ids\/1 of standard output to be one of \["a","b"\]; observed \/ids\/1 = "c"/, list, {
      stdout: stream('{"ids":["a","c"]}'),
    });
  });
  it("expects it to end in time, and to print no more than is kept", () => {
    passes({ seconds: 1 }, { ms: 1000 });
    fails(/to take 1 s at most; observed 1\.01 s/, { seconds: 1 }, { ms: 1010 });
    fails(
      /to end within 30 s; observed it still ran after 30 s and was killed; standard output "half"/,
      {},
      { killed: "time", exit: 137, ms: 30_000, stdout: stream("half") },
    );
    fails(/time of all checks was over/, {}, { killed: "limit", exit: 137 });
    fails(/killed/, { exit: 137 }, { killed: "time", exit: 137 });
    fails(/no more than is kept/, {}, { overflow: true });
  });
  it("expects it to leave nothing running", () => {
    fails(/to leave nothing running; observed 2 of its processes still ran when it ended/, {}, { left: 2 });
  });
  it("is missing without a record, and when it was not run", () => {
    assert.equal(
      judgeSuite({ name: "smoke", checks: [{ name: "c", run: "true", expect: {} }] }, runRecord([])).checks[0]!.status,
      "missing",
    );
    const result = one({ exit: 0 }, { exit: null, needs: "install.install" });
    assert.deepEqual(
      [result.status, result.observed],
      ["missing", "it was not run, because install/install had not succeeded"],
    );
  });
});

describe("judging long output, of which only an excerpt is known", () => {
  const lines = Array.from({ length: 1000 }, (_, i) => `line ${i}`).join("\n");
  const cut = { stdout: stream(lines, 100) };
  it("takes what the excerpt decides", () => {
    passes({ stdout: { contains: ["line 3", "line 998"], matches: "^line 998$" } }, cut);
    fails(/not to contain "line 5"; observed "line 0/, { stdout: { absent: ["line 5"] } }, cut);
  });
  it("fails what it does not decide, and says so", () => {
    const undecided = /bytes, of which only an excerpt was kept, and that does not decide it/;
    fails(undecided, { stdout: { contains: ["line 500"] } }, cut);
    fails(undecided, { stdout: { absent: ["line 500"] } }, cut);
    fails(undecided, { stdout: { equals: lines } }, cut);
    fails(undecided, { stdout: { matches: "^line 500$" } }, cut);
    fails(undecided, { stdout: { schema: holding({ a: 1 }) } }, cut);
  });
  it("takes no half line for a whole one, and no pattern that looks around", () => {
    const text = "aaa\nbbbbbb\ncccccc\nddd";
    fails(/does not decide/, { stdout: { matches: "^bbb$" } }, { stdout: stream(text, 7) });
    fails(/does not decide/, { stdout: { matches: "^ccc$" } }, { stdout: stream(text, 7) });
    fails(
      /does not decide/,
      { stdout: { matches: "^(?![\\s\\S]*error)" } },
      { stdout: stream(`fine\n${"x\n".repeat(500)}error\n${"x\n".repeat(500)}`, 100) },
    );
    fails(/does not decide/, { stdout: { matches: "^$" } }, { stdout: stream("a\nb\nc\nd\ne\nf", 2) });
  });
  it("never passes what all of the output would fail", () => {
    const word = fc.stringMatching(/^[ab\n]{1,6}$/);
    const expectation = fc.oneof(
      fc.record({ contains: fc.array(word, { minLength: 1, maxLength: 2 }) }),
      fc.record({ absent: fc.array(word, { minLength: 1, maxLength: 2 }) }),
      fc.record({ equals: word }),
      fc.record({
        matches: fc.constantFrom("^a", "b$", "^ab$", "^$", "a\\n?b", "\\ba", "(?=b)a", "(?<!a)b", "^a(?!\\n)"),
      }),
    );
    fc.assert(
      fc.property(fc.stringMatching(/^[ab\n]{0,40}$/), fc.nat(12), expectation, (text, keep, stdout) => {
        if (keep * 2 >= text.length) return;
        if (one({ stdout }, { stdout: stream(text, keep) }).status === "passed")
          passes({ stdout }, { stdout: stream(text) });
      }),
      { numRuns: 3000 },
    );
  });
});

/** A suite with a record that passes it. */
const green: fc.Arbitrary<{ suite: Suite; run: RunRecord }> = fc
  .array(fc.record({ out: fc.stringMatching(/^[a-z]{1,8}$/), exit: fc.nat(255), reboot: fc.boolean() }), {
    minLength: 1,
    maxLength: 6,
  })
  .map((list) => {
    const suite: Suite = {
      name: "smoke",
      ...(list[0]!.reboot ? { afterReboot: list[0]!.exit % 2 === 0 ? ("clean" as const) : ("hard" as const) } : {}),
      checks: list.map(({ out, exit }, i) => ({
        name: `c${i}`,
        run: "true",
        expect: { exit, seconds: 5, stdout: { equals: out, contains: [out], absent: ["~"], matches: `^${out}$` } },
      })),
    };
    const checks = list.map(({ out, exit }, i) => record(`c${i}`, { exit, stdout: stream(out) }));
    return { suite, run: runRecord(suite.afterReboot ? [newBoot(suite.afterReboot), ...checks] : checks) };
  });

describe("judging a suite", () => {
  it("passes when every check ran and passed", () =>
    fc.assert(fc.property(green, ({ suite, run }) => assert.equal(judgeSuite(suite, run).status, "passed"))));
  it("is not passed without any one of its records", () => {
    fc.assert(
      fc.property(green, fc.nat(), ({ suite, run }, which) => {
        const checks = run.checks.filter((_, i) => i !== which % run.checks.length);
        assert.equal(judgeSuite(suite, { ...run, checks }).status, "missing");
      }),
    );
  });
  it("is not passed when any one expectation is another", () => {
    fc.assert(
      fc.property(
        green,
        fc.nat(),
        fc.constantFrom("exit", "equals", "contains", "absent", "matches", "seconds"),
        ({ suite, run }, which, part) => {
          const checks = suite.checks.map((check, i) => {
            if (i !== which % suite.checks.length) return check;
            const { expect } = check;
            const stdout = { ...expect.stdout };
            if (part === "exit") return { ...check, expect: { ...expect, exit: (Number(expect.exit) + 1) % 256 } };
            if (part === "seconds") return { ...check, expect: { ...expect, seconds: 0.001 } };
            if (part === "equals") stdout.equals += "!";
            if (part === "contains") stdout.contains = ["~"];
            if (part === "absent") stdout.absent = stdout.contains;
            if (part === "matches") stdout.matches += "!";
            return { ...check, expect: { ...expect, stdout } };
          });
          assert.equal(judgeSuite({ ...suite, checks }, run).status, "failed");
        },
      ),
    );
  });
  it("is not passed when it has no checks, no record, or records of others only", () => {
    assert.equal(judgeSuite({ name: "smoke", checks: [] }, runRecord([])).status, "missing");
    const suite: Suite = { name: "smoke", checks: [{ name: "c", run: "true", expect: {} }] };
    assert.equal(judgeSuite(suite, undefined).status, "missing");
    assert.equal(judgeSuite(suite, runRecord([record("c", { suite: "other" })])).status, "missing");
    assert.equal(judgeSuite(suite, runRecord([record("c"), record("stranger")])).status, "failed");
  });
});

describe("judging what the host saw", () => {
  const onHost: Check = { name: "outside", on: "host", run: "packets", expect: { stdout: { equals: "nothing" } } };
  const suite: Suite = { name: "smoke", checks: [{ name: "inside", run: "true", expect: {} }, onHost] };
  const run = runRecord([record("inside")]);
  const status = (...args: Parameters<typeof judgeSuite>): string[] =>
    judgeSuite(...args).checks.map((check) => `${check.check} ${check.status}`);
  it("asks the host and nobody else", () => {
    assert.deepEqual(
      machineChecks(suite).map((check) => check.name),
      ["inside"],
    );
    assert.deepEqual(status(suite, run, [observedRecord("smoke", "outside", "nothing")]), [
      "inside passed",
      "outside passed",
    ]);
    assert.deepEqual(status(suite, run, [observedRecord("smoke", "outside", "tcp 1.1.1.1:443")]), [
      "inside passed",
      "outside failed",
    ]);
    assert.deepEqual(status(suite, run), ["inside passed", "outside missing"]);
    assert.deepEqual(status(suite, run, [observedRecord("other", "outside", "nothing")]), [
      "inside passed",
      "outside missing",
    ]);
  });
  it("does not take the machine's word for it, nor the host's for what the machine should have done", () => {
    assert.deepEqual(status(suite, runRecord([record("inside"), record("outside", { stdout: stream("nothing") })])), [
      "inside passed",
      "outside missing",
      "outside failed",
    ]);
    assert.deepEqual(
      status(suite, undefined, [observedRecord("smoke", "inside", ""), observedRecord("smoke", "outside", "nothing")]),
      ["inside missing", "outside passed", "inside failed"],
    );
  });
  it("names what was seen, however much it is", () => {
    const lines = Array.from({ length: 2000 }, (_, i) => `tcp 10.1.${i >> 8}.${i & 255}:443`).join("\n");
    const seen = observedRecord("smoke", "outside", lines);
    CheckRecordSchema.parse(seen);
    const { observed } = judgeSuite(suite, run, [seen]).checks[1]!;
    assert.match(observed!, /tcp 10\.1\.0\.0:443/);
  });
  it("is no command: it has no user, time or need, and asks for what there is", () => {
    SuitesSchema.parse([suite]);
    for (const wrong of [
      { run: "ps" },
      { login: true },
      { user: "nobody" },
      { within: 5 },
      { needs: "a/b" },
      { expect: {} },
    ]) {
      assert.equal(
        SuitesSchema.safeParse([{ name: "smoke", checks: [{ ...onHost, ...wrong }] }]).success,
        false,
        JSON.stringify(wrong),
      );
    }
  });
});

describe("phases and digests", () => {
  const check: Check = { name: "c", run: "true", expect: {} };
  it("begins a phase before each suite after a reboot", () => {
    const names = (suites: Suite[]): string[][] => planPhases(suites).map((phase) => phase.map((suite) => suite.name));
    const s = (name: string, afterReboot?: "clean" | "hard"): Suite => ({
      name,
      ...(afterReboot ? { afterReboot } : {}),
      checks: [check],
    });
    assert.deepEqual(names([]), []);
    assert.deepEqual(names([s("a"), s("b"), s("c", "clean"), s("d"), s("e", "hard")]), [["a", "b"], ["c", "d"], ["e"]]);
  });
  it("proves the reboot itself, and a suite that does is another", () => {
    assert.deepEqual(
      plannedChecks({ name: "a", afterReboot: "hard", checks: [check] }).map((each) => each.name),
      ["new-boot", "c"],
    );
    const digests = ([undefined, "clean", "hard"] as const).map((afterReboot) =>
      suiteDigest({ name: "a", ...(afterReboot ? { afterReboot } : {}), checks: [check] }),
    );
    assert.equal(new Set(digests).size, 3);
  });
  it("changes with anything that is run or expected, and with nothing else", () => {
    const digest = suiteDigest({ name: "a", checks: [check] });
    assert.equal(suiteDigest({ checks: [{ expect: {}, run: "true", name: "c" }], name: "a" }), digest);
    for (const other of [
      { ...check, run: "false" },
      { ...check, within: 5 },
      { ...check, needs: "a/b" },
      { ...check, expect: { exit: 1 } },
    ])
      assert.notEqual(suiteDigest({ name: "a", checks: [other] }), digest);
  });
});
