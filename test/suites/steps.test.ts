/** Checks of several steps, files that come back, named judges, and what other checks said: run here, judged on the host. */
import assert from "node:assert/strict";
import { judgeSuite, type Check, type Suite } from "../../src/suites/index.ts";
import { runHere } from "./on-host.ts";

const check = (name: string, more: Partial<Check>): Check => ({ name, run: [], expect: {}, ...more });
const judged = async (...checks: Check[]): Promise<string[]> => {
  const suite: Suite = { name: "s", checks };
  const { record } = await runHere([suite]);
  return judgeSuite(suite, record).checks.map(({ status, expected, observed }) =>
    status === "passed" ? status : `${expected}; ${observed}`,
  );
};

describe("a check of several steps", () => {
  it("runs each, whatever became of the one before, with its own input and environment", async () => {
    const steps = check("steps", {
      env: { HOME: "{here}/home" },
      steps: [
        { id: "fails", run: ["sh", "-c", "echo no >&2; exit 3"], expect: { exit: 3, stderr: { equals: "no" } } },
        { id: "reads", run: ["cat"], input: "a 'b' $c\n", expect: { stdout: { exactly: "a 'b' $c\n" } } },
        { id: "reads-nothing", run: ["cat"], expect: { stdout: { equals: "" } } },
        {
          id: "own",
          run: ["sh", "-c", 'echo "$HOME $OWN"'],
          env: { OWN: "it's" },
          expect: { stdout: { matches: "/home it's$" } },
        },
        { id: "not-own", run: ["sh", "-c", 'echo "${OWN:-none}"'], expect: { stdout: { equals: "none" } } },
        { id: "anything", run: ["false"], expect: { exit: "other" } },
      ],
    });
    assert.deepEqual(await judged(steps), ["passed"]);
  });
  it("is red by the step that is not as expected", async () => {
    const steps = (expect: Check["expect"], run = ["echo", "x"]): Check =>
      check("c", { steps: [{ id: "one", run, expect }] });
    assert.match((await judged(steps({ stdout: { equals: "y" } })))[0]!, /standard output of one to be "y"; one: "x"/);
    assert.match((await judged(steps({}, ["false"])))[0]!, /exit code 0 of one; one: exit code 1; no output/);
    assert.match((await judged(steps({ exit: "other" })))[0]!, /an exit code other than 0 of one; one: exit code 0/);
  });
  it("is red when it was ended before a step had ended", async () => {
    const slow = check("slow", {
      within: 1,
      steps: [
        { id: "sleeps", run: ["sleep", "30"] },
        { id: "never", run: ["true"] },
      ],
    });
    assert.match((await judged(slow))[0]!, /to end within 1 s/);
  });
});

describe("a check's files", () => {
  it("come back by name, all below a folder, and no link", async () => {
    const suite: Suite = {
      name: "s",
      checks: [
        {
          name: "c",
          run: "mkdir -p made/deep; echo a >made/a; echo b >'made/deep/b c'; ln -s /etc/passwd made/link; echo d >d",
          files: ["made", "d", "missing"],
          expect: {},
        },
      ],
    };
    const { record } = await runHere([suite]);
    const files = Object.entries(record.checks[0]!.files).map(([path, { head }]) => [
      path,
      Buffer.from(head, "base64").toString(),
    ]);
    assert.deepEqual(Object.fromEntries(files), { "made/a": "a\n", "made/deep/b c": "b\n", d: "d\n" });
  });
});

describe("what another check said", () => {
  const says = (name: string, text: string, expect: Check["expect"] = {}): Check => ({
    name,
    run: ["echo", text],
    expect,
  });
  const same = { check: "s/first", pointer: "/a/0", own: "/b" };
  it("is held against this one's, whole or at a pointer", async () => {
    assert.deepEqual(await judged(says("first", "x"), says("c", "x", { stdout: { sameAs: { check: "s/first" } } })), [
      "passed",
      "passed",
    ]);
    assert.deepEqual(await judged(says("first", '{"a":[1]}'), says("c", '{"b":1}', { stdout: { sameAs: same } })), [
      "passed",
      "passed",
    ]);
  });
  it("is red when it differs, has no such value, or did not run", async () => {
    const [, other] = await judged(says("first", '{"a":[1]}'), says("c", '{"b":"1"}', { stdout: { sameAs: same } }));
    assert.equal(other, 'standard output to agree with s/first at /a/0; "1" instead of 1');
    const [, none] = await judged(says("first", "{}"), says("c", "{}", { stdout: { sameAs: same } }));
    assert.match(none!, /agree with s\/first/);
    const [missing] = await judged(says("c", "{}", { stdout: { sameAs: same } }));
    assert.match(missing!, /s\/first has no record/);
  });
  it("is no set of lines with others in it, and no packaged file with other bytes", async () => {
    const [lines] = await judged(check("c", { run: ["printf", "b\nc\n"], expect: { stdout: { lines: ["a", "b"] } } }));
    assert.equal(lines, "standard output to have the lines a; unexpected: c; missing: a");
    const [digest] = await judged(says("c", "x", { stdout: { sha256: "0".repeat(64) } }));
    assert.match(digest!, /to be the packaged file with SHA-256 0{64}; SHA-256 [0-9a-f]{64}: "x"/);
  });
});

describe("a named judge", () => {
  it("that nobody knows is red", async () => {
    const [red] = await judged(check("c", { run: ["true"], expect: { judge: { name: "palyra/nobody" } } }));
    assert.match(red!, /there is no judge palyra\/nobody here/);
  });
});
