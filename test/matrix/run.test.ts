import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { surroundings } from "../../src/matrix/command.ts";
import { runScenarios, type Matrix, type RunResults } from "../../src/matrix/index.ts";
import { isAlive, processIdentity } from "../../src/storage/process-identity.ts";
import { cargoSays, matrixOf, shellScenario, shellStep } from "./checkout.ts";

const one = `printf '${cargoSays(1)}'`;

describe("a run of scenarios", () => {
  let folder: string;
  let output: string;
  let said: string[];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "greenlight-run-"));
    output = join(folder, "out");
    said = [];
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function run(matrix: Matrix, more: { only?: string[]; signal?: AbortSignal } = {}): Promise<RunResults> {
    return runScenarios({
      ...{ matrix, profile: "fast", checkout: folder, output, signal: new AbortController().signal },
      ...{ say: (line: string) => said.push(line) },
      ...more,
    });
  }

  it("runs them all in the checkout, without input, also after one has failed", async () => {
    const { scenarios } = await run(
      matrixOf([
        shellScenario("bad", `${one}; exit 3`),
        shellScenario("good", `pwd; cat; ${one}`),
        shellScenario("other_profile", "exit 1", { profiles: ["full"] }),
      ]),
    );
    assert.deepEqual(
      scenarios.map(({ id, status, exit_code, detail, tests }) => [id, status, exit_code, detail, tests.executed]),
      [
        ["bad", "failed", 3, "It ended with exit code 3.", 1],
        ["good", "passed", 0, "", 1],
      ],
    );
    assert.equal(readFileSync(join(output, scenarios[1]!.log_path!), "utf8").split("\n")[0], folder);
    assert.match(
      said.join("\n"),
      /^\[00:00\] 1 of 2 bad: Scenario bad\n\[00:0\d\] {3}failed, 1 test, \d+\.\d s: It ended with exit code 3\./,
    );
  });

  const vacuous: Record<string, [string, RegExp]> = {
    "fits no test": [
      `printf '${cargoSays(0)}'`,
      /executed no test: no test fits; see that the filter fits a test by its whole path, or leave --exact out\.$/,
    ],
    "skips all of its tests": [`printf '${cargoSays(0, 0, 4)}'`, /executed no test: all of 4 were skipped/],
    "says nothing of tests": ["echo fine", /executed no test: no test fits/],
    "hides that a test failed": [`printf '${cargoSays(3, 1)}'`, /ended with exit code 0, and 1 of its tests failed/],
  };
  for (const [what, [text, says]] of Object.entries(vacuous)) {
    it(`fails a command that ends with 0 and ${what}`, async () => {
      const { scenarios } = await run(matrixOf([shellScenario("vacuous", text)]));
      assert.equal(scenarios[0]!.status, "failed");
      assert.match(scenarios[0]!.detail, says);
    });
  }

  it("fails a command that is not there", async () => {
    const { scenarios } = await run(matrixOf([{ ...shellScenario("gone", ""), command: ["no-such-program-here"] }]));
    assert.match(
      scenarios[0]!.detail,
      /no-such-program-here cannot be run \(ENOENT\); see that it is installed and on PATH/,
    );
  });

  it("ends a command at its time limit, and all that it has begun", async () => {
    const text = `sleep 300 & echo $! >${folder}/helper; trap '' TERM; ${one}; sleep 300`;
    const { scenarios } = await run(matrixOf([shellScenario("endless", text, { time_limit_seconds: 1 })]));
    assert.equal(scenarios[0]!.status, "failed");
    assert.match(scenarios[0]!.detail, /did not end within 1 s and was ended/);
    assert.equal(processIdentity(Number(readFileSync(join(folder, "helper"), "utf8"))), undefined);
  });

  it("ends what a command leaves behind when it is done", async () => {
    const { scenarios } = await run(
      matrixOf([shellScenario("leaves", `sleep 300 & echo $! >${folder}/helper; ${one}`)]),
    );
    assert.equal(scenarios[0]!.status, "passed");
    const left = processIdentity(Number(readFileSync(join(folder, "helper"), "utf8")));
    for (let i = 0; i < 50 && left && isAlive(left); i++) await sleep(100);
    assert.ok(!left || !isAlive(left));
  });

  it("ends what runs when it is interrupted, and runs nothing more", async () => {
    const controller = new AbortController();
    const running = run(
      matrixOf([shellScenario("long", `touch ${folder}/begun; sleep 300`), shellScenario("after", one)]),
      { signal: controller.signal },
    );
    while (!existsSync(join(folder, "begun"))) await sleep(50);
    controller.abort();
    const { scenarios } = await running;
    assert.deepEqual(
      scenarios.map(({ status, detail }) => [status, detail]),
      [
        ["failed", "It was interrupted."],
        ["skipped", "The run was interrupted."],
      ],
    );
  });

  it("stops at a setup step that fails, and runs no scenario then", async () => {
    const steps = [
      shellStep("first", "true"),
      shellStep("second", "exit 7"),
      shellStep("third", `touch ${folder}/third`),
    ];
    const { setup, scenarios } = await run(matrixOf([shellScenario("any", `touch ${folder}/any; ${one}`)], steps));
    assert.deepEqual(
      setup.map(({ status, detail }) => [status, detail]),
      [
        ["passed", ""],
        ["failed", "It ended with exit code 7."],
        ["skipped", "The step second before it failed."],
      ],
    );
    assert.deepEqual([scenarios[0]!.status, scenarios[0]!.detail], ["skipped", "The setup step second failed."]);
    assert.deepEqual([existsSync(join(folder, "third")), existsSync(join(folder, "any"))], [false, false]);
  });

  it("keeps the last 40 lines, of them the last 4,000 characters, and both streams in their order", async () => {
    const { scenarios } = await run(
      matrixOf([
        shellScenario("lines", `for i in $(seq 1 100); do echo line $i; echo error $i >&2; done; ${one}`),
        shellScenario("wide", `head -c 20000 /dev/zero | tr '\\0' x; echo; ${one}`),
      ]),
    );
    const lines = scenarios[0]!.output_excerpt.split("\n");
    assert.equal(lines.length, 40);
    const at = lines.indexOf("line 99");
    assert.deepEqual(lines.slice(at, at + 3), ["line 99", "error 99", "line 100"]);
    assert.equal(scenarios[1]!.output_excerpt.length, 4000);
  });

  const junit = { proof: { command: { counted: "junit" as const, files: ["report.xml"] } } };
  const report = (cases: string): string => `<testsuite name="s">${cases}</testsuite>`;
  it("counts the tests of a JUnit report that the command writes", async () => {
    const text = `printf '%s' '${report('<testcase name="a"/><testcase name="b"/>')}' >report.xml`;
    const { scenarios } = await run(matrixOf([shellScenario("writes", text, junit)]));
    assert.deepEqual([scenarios[0]!.status, scenarios[0]!.tests.executed], ["passed", 2]);
  });
  it("fails it when the report is missing, older than the run, without tests, or none", async () => {
    const details: string[] = [];
    const attempt = async (text: string): Promise<void> => {
      const { scenarios } = await run(matrixOf([shellScenario("writes", text, junit)]));
      assert.equal(scenarios[0]!.status, "failed");
      details.push(scenarios[0]!.detail);
    };
    await attempt("true");
    writeFileSync(join(folder, "report.xml"), report('<testcase name="a"/>'));
    utimesSync(join(folder, "report.xml"), new Date("2026-01-01"), new Date("2026-01-01"));
    await attempt("true");
    await attempt(`printf '%s' '${report("")}' >report.xml`);
    await attempt("echo no >report.xml");
    assert.match(details[0]!, /did not write report\.xml/);
    assert.match(details[1]!, /report\.xml is older than this run/);
    assert.match(details[2]!, /executed no test/);
    assert.match(details[3]!, /report\.xml (is no XML|begins with)/);
  });

  it("runs only what is asked for, and says of the rest how it is proven", async () => {
    const machine = { machine: { kind: "server", checks: ["smoke/a"] } };
    const { command: _c, time_limit_seconds: _t, ...bare } = shellScenario("installed", "");
    const matrix = matrixOf([shellScenario("a", one), shellScenario("b", one), { ...bare, proof: machine }]);
    const { scenarios } = await run(matrix, { only: ["b"] });
    assert.deepEqual(
      scenarios.map(({ status, detail }) => [status, detail]),
      [
        ["skipped", "It was not asked for."],
        ["passed", ""],
        ["skipped", "It is proven on a machine, by smoke/a."],
      ],
    );
    await assert.rejects(run(matrix, { only: ["c"] }), /The profile fast has no scenario c; it has a, b, installed\./);
    await assert.rejects(
      run(matrix, { only: ["installed"] }),
      /No command proves the scenario installed\. It is proven on a machine/,
    );
    await assert.rejects(
      run(matrixOf([{ ...bare, proof: machine }])),
      /No command proves any scenario of the profile fast/,
    );
  });

  it("gives commands no credentials and nothing of the engine", () => {
    const kept = surroundings({
      PATH: "p",
      HOME: "h",
      CARGO_HOME: "c",
      GH_TOKEN: "1",
      PULUMI_HOME: "2",
      AWS_PROFILE: "3",
      SIGNING_KEY: "4",
      DB_PASSWORD: "5",
    });
    assert.deepEqual(kept, { PATH: "p", HOME: "h", CARGO_HOME: "c" });
  });
});
