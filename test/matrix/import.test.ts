import assert from "node:assert/strict";
import { importCases, readJunit, readPolicy } from "../../src/matrix/index.ts";

const { matrix } = readPolicy("palyra");
const nats = readPolicy("nats").matrix.value;

/** The results that are not skipped, by the report's cases. */
function imported(xml: string, of = matrix.value, profile: "fast" | "full" = "full") {
  return importCases(of, profile, readJunit(`<testsuites>${xml}</testsuites>`, "ci.xml"), "ci.xml").filter(
    ({ status, detail }) => status !== "skipped" || /has no test|was skipped/.test(detail),
  );
}

describe("a report that is brought in", () => {
  it("proves scenarios by the tests that the matrix names, wherever they live", () => {
    const results = imported(
      `<testsuite name="palyra-daemon">
         <testcase name="gateway::tests::networked_worker_lifecycle_events_are_journaled" classname="palyra-daemon"/>
         <testcase name="unrelated"/></testsuite>
       <testsuite name="contract"><testcase name="flow_transitions_contract" classname="palyra-cli::workflow_regression_contract"/></testsuite>`,
    ).filter(({ status }) => status === "passed");
    assert.deepEqual(
      results.map(({ id, tests }) => [id, tests.executed]),
      [
        ["flow_transitions_contract", 1],
        ["networked_worker_lifecycle_runtime_preview", 1],
      ],
    );
  });

  it("does not take a test whose name only ends alike", () => {
    assert.throws(
      () => imported('<testsuite name="s"><testcase name="not_flow_transitions_contract"/></testsuite>'),
      /has none of the tests that prove scenarios of the profile full/,
    );
  });

  it("says of each scenario that it is not about that it is not", () => {
    const results = importCases(
      nats,
      "full",
      readJunit('<testsuite name="s"><testcase name="TestClientSimplePubSub"/></testsuite>', "ci.xml"),
      "ci.xml",
    );
    assert.deepEqual(
      results.map(({ status, detail }) => [status, detail]),
      [
        ["skipped", "No report proves it."],
        ["skipped", "No report proves it."],
        ["skipped", "No report proves it."],
        ["passed", ""],
        ["skipped", "ci.xml has no test TestJetStreamBasicAckPublish."],
      ],
    );
  });

  it("fails a scenario whose test failed, once failed, or was skipped", () => {
    const rest = '<testcase name="TestJetStreamBasicAckPublish"/>';
    const details = ['<failure message="too late"/>', "<skipped/>", '<flakyFailure message="once"/>'].map((inside) => {
      const [result] = imported(
        `<testsuite name="s"><testcase name="TestClientSimplePubSub">${inside}</testcase>${rest}</testsuite>`,
        nats,
      );
      assert.equal(result!.status, "failed");
      return result!.detail;
    });
    assert.deepEqual(details, [
      "TestClientSimplePubSub failed: too late",
      "TestClientSimplePubSub was skipped; nothing was executed.",
      "TestClientSimplePubSub failed: failed before it passed: once",
    ]);
  });

  it("needs every test that a scenario names, and takes all cases of a name", () => {
    const two = structuredClone(nats);
    two.scenarios[3]!.proof = { report: { tests: ["A", "B"] } };
    const one = (xml: string) =>
      imported(`<testsuite name="s">${xml}</testsuite>`, two).find(({ id }) => id === two.scenarios[3]!.id)!;
    const other = '<testcase name="TestJetStreamBasicAckPublish"/>';
    assert.deepEqual(
      [one(`<testcase name="A"/>${other}`).status, one(`<testcase name="A"/>${other}`).detail],
      ["skipped", "ci.xml has no test B."],
    );
    assert.equal(one('<testcase name="A"/><testcase name="B"/>').status, "passed");
    assert.equal(
      one('<testcase name="A"/><testcase name="B"/><testcase name="B"><failure/></testcase>').status,
      "failed",
    );
  });

  const nothing: Record<string, [string, RegExp]> = {
    "no suite": ["", /ci\.xml holds no test, which proves nothing/],
    "a suite without tests": ['<testsuite name="s" tests="0"/>', /holds no test/],
    "tests that were all skipped": [
      '<testsuite name="s"><testcase name="TestClientSimplePubSub"><skipped/></testcase></testsuite>',
      /holds 1 tests, all of them skipped/,
    ],
    "other tests": [
      '<testsuite name="s"><testcase name="Another"/></testsuite>',
      /has none of the tests that prove scenarios of the profile full; it would need TestClientSimplePubSub, TestJetStreamBasicAckPublish\./,
    ],
  };
  for (const [what, [xml, says]] of Object.entries(nothing)) {
    it(`is refused for ${what}`, () => assert.throws(() => imported(xml, nats), says));
  }
  it("is refused where no scenario of the profile is proven by a report", () => {
    assert.throws(
      () => imported('<testsuite name="s"><testcase name="TestClientSimplePubSub"/></testsuite>', nats, "fast"),
      /no scenario of the profile fast is proven by a report; name its tests in the matrix/,
    );
  });
});
