/** JUnit XML, read and written by a library: reports of the product's own tests come in, and ours go out. */
import { DOMImplementation, DOMParser, XMLSerializer, type Element, type Node } from "@xmldom/xmldom";
import { EdgeError } from "../edges/edges.ts";
import { oneLine } from "../edges/one-line.ts";
import { addTests, noTests, testsOf, type Tests } from "./count.ts";

/** One test of a report. */
export interface JunitCase {
  /** with the class or package that it belongs to, where the report says it: `package::test` */
  names: string[];
  result: "passed" | "failed" | "skipped";
  /** what the report says of a test that failed, in a few words */
  message: string;
}

/** Larger reports are none that anybody reads. */
export const JUNIT_BYTES = 64 << 20;

function elements(node: Node): Element[] {
  return [...node.childNodes].filter((child): child is Element => child.nodeType === 1);
}

/** What an element is called, whatever its prefix and the case of its letters. */
const kindOf = ({ localName, tagName }: Element): string => (localName ?? tagName).toLowerCase();
const attribute = (element: Element, name: string): string => (element.getAttribute(name) ?? "").trim();
const textOf = (element: Element): string => (element.getAttribute("message") || element.textContent || "").trim();

const failing = ["failure", "error"];
/** Results that a test went through before its last one: it has failed at least once, and no later success undoes that. */
const unsteady = ["flakyfailure", "flakyerror", "rerunfailure", "rerunerror"];
/** What attributes `status` and `result` of a test call it; GoogleTest has no element for a test that was not run. */
const failedWords = ["failed", "fail", "failure", "error", "errored"];
const skippedWords = ["notrun", "disabled", "skipped"];

/** What is known of an element and of all in it. */
interface Found {
  cases: JunitCase[];
  /** how many failed by the least and by the most that writers count: flaky ones or not, each of several failures of one test */
  failures: { least: number; most: number };
}

const failed = (message: string): Pick<JunitCase, "result" | "message"> => ({
  result: "failed",
  message: oneLine(message.slice(0, 300)),
});

function caseOf(element: Element): Found {
  const [name, className] = [element.getAttribute("name") ?? "", element.getAttribute("classname") ?? ""];
  const names =
    className === "" ? [name] : [name, ...["::", ".", "/", "#"].map((between) => `${className}${between}${name}`)];
  const inside = elements(element);
  const said = ["status", "result"].map((each) => attribute(element, each));
  const bad = inside.filter((each) => [...failing, ...unsteady].includes(kindOf(each)));
  const word = said.find((each) => failedWords.includes(each.toLowerCase()));
  const last = word !== undefined || bad.some((each) => failing.includes(kindOf(each)));
  if (bad[0] || word !== undefined) {
    const how = bad[0] && unsteady.includes(kindOf(bad[0])) ? "failed before it passed: " : "";
    const message = bad[0] ? `${how}${textOf(bad[0])}` : `it says of itself: ${word}`;
    const failures = { least: last ? 1 : 0, most: Math.max(bad.length, 1) };
    return { cases: [{ names, ...failed(message) }], failures };
  }
  const left =
    inside.some((each) => ["skipped", "disabled"].includes(kindOf(each))) ||
    said.some((each) => skippedWords.includes(each.toLowerCase()));
  return { cases: [{ names, result: left ? "skipped" : "passed", message: "" }], failures: { least: 0, most: 0 } };
}

/** Refuses a suite that says of itself that it has other tests than it holds, or other failures. */
function requireCounts(suite: Element, { cases, failures: { least, most } }: Found, file: string): void {
  const refuse = (what: string): never => {
    const name = JSON.stringify(suite.getAttribute("name") ?? "");
    throw new EdgeError(`${file} says of ${suite.tagName} ${name} that ${what}; bring the whole report.`);
  };
  const tests = attribute(suite, "tests");
  if (tests !== "" && Number(tests) !== cases.length) refuse(`it has ${tests} tests, and holds ${cases.length}`);
  const counts = ["failures", "errors"].map((each) => attribute(suite, each)).filter((each) => each !== "");
  const said = counts.reduce((sum, each) => sum + Number(each), 0);
  // Where one of the two is not said, there may be more of it.
  if (counts.length > 0 && !(said <= most && (said >= least || counts.length === 1)))
    refuse(`${Number.isNaN(said) ? counts.join(" and ") : said} of its tests failed, and holds ${least} that did`);
}

/** The tests of a suite and of the suites in it. @throws EdgeError when it says of itself that it has others */
function testsIn(suite: Element, file: string): Found {
  const inside = elements(suite);
  const of = inside.flatMap((each) =>
    kindOf(each) === "testcase" ? [caseOf(each)] : kindOf(each) === "testsuite" ? [testsIn(each, file)] : [],
  );
  // What went wrong around tests, before or after them, went wrong for each of them.
  const around = inside.filter((each) => failing.includes(kindOf(each)));
  const sum = (by: (each: Found) => number): number => of.reduce((all, each) => all + by(each), 0);
  const found: Found = {
    cases: of.flatMap(({ cases }) => cases),
    failures: { least: sum((each) => each.failures.least), most: sum((each) => each.failures.most) + around.length },
  };
  requireCounts(suite, found, file);
  if (!around[0]) return found;
  const fault = failed(`its suite: ${textOf(around[0])}`);
  const { cases, failures } = found;
  if (cases.length === 0) return { cases: [{ names: [suite.getAttribute("name") ?? ""], ...fault }], failures };
  return { cases: cases.map((each) => (each.result === "passed" ? { ...each, ...fault } : each)), failures };
}

/** The times that suites and tests name. */
function timestampsIn(element: Element): string[] {
  const inside = elements(element).filter((each) => ["testsuite", "testcase"].includes(kindOf(each)));
  return [attribute(element, "timestamp"), ...inside.flatMap(timestampsIn)].filter((each) => each !== "");
}

const timePattern = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?) ?(Z|[+-]\d\d:?\d\d)?$/;
/** The zone in which a time of day is earliest: a time without a zone is never taken for a later one than it is. */
const EARLIEST = "+14:00";
/** How far clocks of two machines may be apart. */
const APART_MS = 5 * 60_000;

/**
 * The latest of the times that a report names; undefined when it names none.
 * @throws EdgeError for one that is no time, or that is yet to come.
 */
export function junitTime(timestamps: readonly string[], file: string, now: Date): Date | undefined {
  if (timestamps.length === 0) return undefined;
  const times = timestamps.map((text) => {
    const [, day, clock, zone = EARLIEST] = timePattern.exec(text) ?? [];
    const time = Date.parse(`${day}T${clock}${zone.length === 5 ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone}`);
    if (Number.isNaN(time))
      throw new EdgeError(
        `${file} has the timestamp ${JSON.stringify(text.slice(0, 80))}, which is no time like 2026-01-31T12:00:00Z; mend what writes the report.`,
        "refused",
      );
    return time;
  });
  const latest = new Date(times.reduce((a, b) => Math.max(a, b)));
  if (latest.getTime() > now.getTime() + APART_MS)
    throw new EdgeError(
      `${file} was made at ${latest.toISOString()}, which is yet to come; see the clocks of this machine and of the one that made it.`,
      "refused",
    );
  return latest;
}

/** A report as it was read. */
export interface JunitReport {
  cases: JunitCase[];
  /** the times that it names, as they stand there */
  timestamps: string[];
}

/**
 * A report, with every test of it.
 * @throws EdgeError when the text is no JUnit XML, or holds other tests or failures than it says.
 */
export function readJunitReport(xml: string, file: string): JunitReport {
  const refuse = (what: string): never => {
    throw new EdgeError(`${file} ${what}; bring a report in JUnit XML.`);
  };
  if (xml.length > JUNIT_BYTES) refuse(`has more than ${JUNIT_BYTES >> 20} MiB`);
  // Nothing that tests report needs one, and entities could make a small file endless.
  if (/<!DOCTYPE|<!ENTITY/i.test(xml)) refuse("declares a document type, which a report has no use for");
  let root: Element | null = null;
  let fault: string | undefined;
  try {
    root = new DOMParser({
      onError: (_level, message) => {
        // A character that some writer put in the place of one that XML cannot hold is no fault of the report.
        if (!message.startsWith("Unicode replacement character")) fault ??= message;
      },
    }).parseFromString(xml, "text/xml").documentElement;
  } catch (e) {
    fault ??= (e as Error).message;
  }
  if (fault !== undefined) refuse(`is no XML (${oneLine(fault.split("\n")[0]!).slice(0, 200)})`);
  if (!root || !["testsuites", "testsuite"].includes(kindOf(root)))
    refuse(`begins with ${root ? `<${root.tagName}>` : "nothing"} instead of <testsuites> or <testsuite>`);
  return { cases: testsIn(root!, file).cases, timestamps: timestampsIn(root!) };
}

/** Every test of a report. @throws EdgeError as `readJunitReport` does */
export function readJunit(xml: string, file: string): JunitCase[] {
  return readJunitReport(xml, file).cases;
}

/** What became of the tests of a report, in all. */
export function junitTests(cases: readonly JunitCase[]): Tests {
  return cases.reduce((sum, { result }) => addTests(sum, testsOf({ [result]: 1 })), noTests);
}

/** A case of a report that is written. */
export interface WrittenCase {
  name: string;
  className: string;
  seconds: number;
  result: "passed" | "failed" | "skipped";
  /** why, in a sentence, where it has not passed */
  message: string;
  /** the end of its output */
  output: string;
}

export interface WrittenSuite {
  name: string;
  started: Date;
  seconds: number;
  properties: Record<string, string>;
  cases: readonly WrittenCase[];
}

/** What XML 1.0 cannot hold in any form: most control characters and halves of surrogate pairs. */
const unwritable = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu;
const writable = (text: string): string => text.replace(unwritable, "�");

/** One suite as a JUnit report. */
export function writeJunit({ name, started, seconds, properties, cases }: WrittenSuite): string {
  const document = new DOMImplementation().createDocument(null, "testsuites", null);
  const add = (parent: Element, tag: string, attributes: Record<string, string>, text = ""): Element => {
    const element = document.createElement(tag);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, writable(value));
    if (text !== "") element.appendChild(document.createTextNode(writable(text)));
    parent.appendChild(element);
    return element;
  };
  const count = (result: WrittenCase["result"]): string =>
    String(cases.filter((each) => each.result === result).length);
  const totals = {
    tests: String(cases.length),
    failures: count("failed"),
    errors: "0",
    skipped: count("skipped"),
    time: seconds.toFixed(3),
  };
  for (const [key, value] of Object.entries({ name, ...totals })) document.documentElement!.setAttribute(key, value);
  const suite = add(document.documentElement!, "testsuite", { name, ...totals, timestamp: started.toISOString() });
  const list = add(suite, "properties", {});
  for (const [key, value] of Object.entries(properties)) add(list, "property", { name: key, value });
  for (const each of cases) {
    const element = add(suite, "testcase", {
      name: each.name,
      classname: each.className,
      time: each.seconds.toFixed(3),
    });
    if (each.result === "failed") add(element, "failure", { message: each.message }, each.output);
    if (each.result === "skipped") add(element, "skipped", { message: each.message });
    if (each.result === "passed" && each.output !== "") add(element, "system-out", {}, each.output);
  }
  return `<?xml version="1.0" encoding="UTF-8"?>\n${new XMLSerializer().serializeToString(document)}\n`;
}
