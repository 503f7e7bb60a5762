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

const textOf = (element: Element): string => (element.getAttribute("message") || element.textContent || "").trim();

/** Results that a test went through before its last one: it has failed at least once, and no later success undoes that. */
const unsteady = ["flakyFailure", "flakyError", "rerunFailure", "rerunError"];

function caseOf(element: Element): JunitCase {
  const [name, className] = [element.getAttribute("name") ?? "", element.getAttribute("classname") ?? ""];
  const names =
    className === "" ? [name] : [name, ...["::", ".", "/", "#"].map((between) => `${className}${between}${name}`)];
  const inside = elements(element);
  const bad = inside.find(({ tagName }) => tagName === "failure" || tagName === "error" || unsteady.includes(tagName));
  if (bad) {
    const how = unsteady.includes(bad.tagName) ? "failed before it passed: " : "";
    return { names, result: "failed", message: oneLine(`${how}${textOf(bad)}`.slice(0, 300)) };
  }
  // GoogleTest has no element for a test that was not run.
  const left =
    inside.some(({ tagName }) => tagName === "skipped" || tagName === "disabled") ||
    ["notrun", "disabled", "skipped"].includes(element.getAttribute("status") ?? "");
  return { names, result: left ? "skipped" : "passed", message: "" };
}

/** The tests of a suite and of the suites in it. @throws EdgeError when it says of itself that it has others */
function casesOf(suite: Element, file: string): JunitCase[] {
  const cases = elements(suite).flatMap((child) =>
    child.tagName === "testcase" ? [caseOf(child)] : child.tagName === "testsuite" ? casesOf(child, file) : [],
  );
  const said = suite.getAttribute("tests");
  if (said !== null && said !== "" && Number(said) !== cases.length)
    throw new EdgeError(
      `${file} says of ${suite.tagName} ${JSON.stringify(suite.getAttribute("name") ?? "")} that it has ${said} tests, and holds ${cases.length}; bring the whole report.`,
    );
  return cases;
}

/**
 * Every test of a report.
 * @throws EdgeError when the text is no JUnit XML, or holds fewer tests than it says.
 */
export function readJunit(xml: string, file: string): JunitCase[] {
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
  if (!root || (root.tagName !== "testsuites" && root.tagName !== "testsuite"))
    refuse(`begins with ${root ? `<${root.tagName}>` : "nothing"} instead of <testsuites> or <testsuite>`);
  return casesOf(root!, file);
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
