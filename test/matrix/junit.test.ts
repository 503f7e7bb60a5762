import assert from "node:assert/strict";
import fc from "fast-check";
import { junitTests, junitTime, readJunit, readJunitReport, writeJunit } from "../../src/matrix/junit.ts";

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

  it("has failed by an element of any case and prefix, by what its case or its suite says of itself", () => {
    const results = (xml: string): string[] =>
      read(xml).map(({ names, result, message }) => [names[0], result, message].join(" "));
    assert.deepEqual(
      results(`<testsuite xmlns:j="urn:junit"><testcase name="a"><FAILURE message="m"/></testcase>
        <j:testcase name="b"><j:failure message="m"/></j:testcase><TestCase name="c" status="Failed"/>
        <testcase name="d" result="error"/><testcase name="e" result="skipped"/>
        <testcase name="f" status="run" result="completed"/></testsuite>`),
      [
        "a failed m",
        "b failed m",
        "c failed it says of itself: Failed",
        "d failed it says of itself: error",
        "e skipped ",
        "f passed ",
      ],
    );
    assert.deepEqual(
      results(`<testsuites errors="0" failures="1"><testsuite name="s" failures="1"><testcase name="a"/>
        <testsuite><testcase name="b"/><testcase name="c"><skipped/></testcase></testsuite>
        <failure message="torn down badly"/></testsuite><testsuite name="t"><testcase name="d"/></testsuite></testsuites>`),
      ["a failed its suite: torn down badly", "b failed its suite: torn down badly", "c skipped ", "d passed "],
    );
    assert.deepEqual(results('<testsuite name="s" tests="0"><error>never began</error></testsuite>'), [
      "s failed its suite: never began",
    ]);
  });

  it("takes counts as writers make them: of flaky tests or not, failures and errors of one test, both in one", () => {
    for (const xml of [
      '<testsuite failures="0"><testcase name="a"><flakyFailure/></testcase></testsuite>',
      '<testsuite failures="1"><testcase name="a"><flakyFailure/></testcase></testsuite>',
      '<testsuite failures="1" errors="1"><testcase name="a"><failure/><error/></testcase></testsuite>',
      '<testsuite failures="1"><testcase name="a"><error/></testcase></testsuite>',
      '<testsuite failures="" errors="1"><testcase name="a" status="failed"/></testsuite>',
    ])
      assert.deepEqual(
        read(xml).map(({ result }) => result),
        ["failed"],
        xml,
      );
  });

  it("is as old as the latest time that it names", () => {
    const now = new Date("2026-03-05T12:00:00Z");
    const time = (xml: string): string | undefined =>
      junitTime(readJunitReport(xml, "report.xml").timestamps, "report.xml", now)?.toISOString();
    assert.equal(time('<testsuite><testcase name="a"/></testsuite>'), undefined);
    assert.equal(
      time(`<testsuites timestamp="2026-03-01T10:00:00Z"><testsuite timestamp="2026-03-02T10:00:00.5+02:00">
        <testcase name="a" timestamp="2026-03-01T23:00:00Z"/></testsuite></testsuites>`),
      "2026-03-02T08:00:00.500Z",
    );
    // Without a zone it may have been written anywhere: the earliest that it may mean.
    assert.equal(time('<testsuite timestamp="2026-03-02T20:00:00"/>'), "2026-03-02T06:00:00.000Z");
    assert.throws(
      () => time('<testsuite timestamp="2026-03-05T13:00:00Z"/>'),
      /report\.xml was made at 2026-03-05T13:00:00\.000Z, which is yet to come; see the clocks/,
    );
    for (const text of ["yesterday", "2026-13-02T10:00:00Z", "5 March 2026"])
      assert.throws(() => time(`<testsuite timestamp="${text}"/>`), /which is no time like 2026-01-31T12:00:00Z/);
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
    "more failures than it holds": [
      '<testsuite name="s" failures="1"><testcase name="a"/></testsuite>',
      /says of testsuite "s" that 1 of its tests failed, and holds 0 that did; bring the whole report/,
    ],
    "more errors than it holds": [
      '<testsuites errors="2"><testsuite><testcase name="a"><failure/></testcase></testsuite></testsuites>',
      /says of testsuites "" that 2 of its tests failed, and holds 1 that did/,
    ],
    "fewer failures than it holds": [
      '<testsuite name="s" failures="0" errors="0"><testcase name="a"><error/></testcase></testsuite>',
      /says of testsuite "s" that 0 of its tests failed, and holds 1 that did/,
    ],
    "a failure that its case alone says": [
      '<testsuite name="s" failures="0" errors="0"><testcase name="a" status="failed"/></testsuite>',
      /says of testsuite "s" that 0 of its tests failed, and holds 1 that did/,
    ],
    "failures that are no number": [
      '<testsuite name="s" failures="none"><testcase name="a"/></testsuite>',
      /says of testsuite "s" that none of its tests failed, and holds 0 that did/,
    ],
    "a prefix that stands for nothing": [
      '<testsuite name="s"><testcase name="a"><j:failure/></testcase></testsuite>',
      /is no XML \(/,
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
