import assert from "node:assert/strict";
import fc from "fast-check";
import { junitTests, readJunit, writeJunit } from "../../src/matrix/junit.ts";

const read = (xml: string) => readJunit(xml, "report.xml");

describe("a JUnit report", () => {
  it("is read with its suites in suites, and every way of not having passed", () => {
    const cases = read(`<?xml version="1.0"?>
      <testsuites tests="7"><testsuite name="outer" tests="7">
        <testcase name="a" classname="pkg"/>
        <testsuite name="inner" tests="5">
          <testcase name="b"><failure message="no &lt;luck&gt;">text</failure></testcase>
          <testcase name="c"><error>it broke</error></testcase>
          <testcase name="d"><skipped/></testcase>
          <testcase name="e" status="notrun"/>
          <testcase name="f"><flakyFailure message="once"/></testcase>
        </testsuite>
        <testcase name="g"><system-out>fine</system-out></testcase>
      </testsuite></testsuites>`);
    assert.deepEqual(
      cases.map(({ names, result, message }) => [names[0], result, message]),
      [
        ["a", "passed", ""],
        ["b", "failed", "no <luck>"],
        ["c", "failed", "it broke"],
        ["d", "skipped", ""],
        ["e", "skipped", ""],
        ["f", "failed", "failed before it passed: once"],
        ["g", "passed", ""],
      ],
    );
    assert.ok(cases[0]!.names.includes("pkg::a"));
    assert.deepEqual(junitTests(cases), { executed: 5, passed: 2, failed: 3, skipped: 2 });
  });

  const refused: Record<string, [string, RegExp]> = {
    "no XML": ["not xml at all", /report\.xml (is no XML|begins with)/],
    "XML that ends too early": ["<testsuites><testsuite>", /report\.xml is no XML \(/],
    nothing: ["", /report\.xml (is no XML|begins with)/],
    "another document": [
      "<html/>",
      /report\.xml begins with <html> instead of <testsuites> or <testsuite>; bring a report in JUnit XML\./,
    ],
    entities: ['<!DOCTYPE x [<!ENTITY a "b">]><testsuites/>', /declares a document type/],
    "fewer tests than it says": [
      '<testsuite name="s" tests="2"><testcase name="a"/></testsuite>',
      /says of testsuite "s" that it has 2 tests, and holds 1; bring the whole report/,
    ],
  };
  for (const [what, [xml, says]] of Object.entries(refused)) {
    it(`is refused for ${what}`, () => assert.throws(() => read(xml), says));
  }

  it("that we write is read as it was meant, whatever the texts are", () => {
    const text = fc.string({ unit: "binary", maxLength: 40 });
    const result = fc.constantFrom("passed" as const, "failed" as const, "skipped" as const);
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            name: fc.stringMatching(/^[a-z_]+$/),
            className: text,
            seconds: fc.nat(99),
            result,
            message: text,
            output: text,
          }),
          { minLength: 1 },
        ),
        (cases) => {
          const xml = writeJunit({
            name: "p fast",
            started: new Date(0),
            seconds: 1,
            properties: { commit: "c" },
            cases,
          });
          assert.deepEqual(
            read(xml).map((each) => [each.names[0], each.result]),
            cases.map((each) => [each.name, each.result]),
          );
        },
      ),
      { numRuns: 100 },
    );
  });
});
