/**
 * Whether a stream is what it must be. Of long output only an excerpt is known: then an expectation holds or fails only
 * when the excerpt decides it, and otherwise it fails and says so.
 */
import { isDeepStrictEqual } from "node:util";
import type { SameAs, TextExpectation } from "../checks/check.ts";
import { EdgeError } from "../edges/edges.ts";
import { schemaMisses, valueAt } from "./json-schema.ts";
import { listed, type Miss } from "../checks/judging.ts";
import { wholeBytes, type Outputs } from "../checks/outputs.ts";
import type { Stream } from "../checks/record.ts";

/** What is known of a stream. */
interface Known {
  /** all of it is known: `pieces` and `lines` are the one text */
  whole: boolean;
  /** beginning and end, for looking for words */
  pieces: string[];
  /** the same without what may be half a line, for patterns */
  lines: string[];
}

function known(stream: Stream): Known {
  const head = Buffer.from(stream.head, "base64");
  const tail = Buffer.from(stream.tail, "base64");
  if (head.length + tail.length === stream.bytes) {
    const text = Buffer.concat([head, tail]).toString("utf8");
    return { whole: true, pieces: [text], lines: [text] };
  }
  // Half a character at the cut is no character of the text.
  const first = head.toString("utf8").replace(/\uFFFD+$/, "");
  const last = tail.toString("utf8").replace(/^\uFFFD+/, "");
  const lines = [
    ...(first.includes("\n") ? [first.slice(0, first.lastIndexOf("\n"))] : []),
    ...(last.includes("\n") ? [last.slice(last.indexOf("\n") + 1)] : []),
  ];
  return { whole: false, pieces: [first, last], lines };
}

/** Up to `most` characters of a text, quoted for a sentence. */
export function quoted(text: string, most = 300): string {
  const trimmed = text.trim();
  if (trimmed === "") return "nothing";
  const shown =
    trimmed.length > most
      ? `${trimmed.slice(0, Math.ceil(most / 2))} … ${trimmed.slice(-Math.floor(most / 2))}`
      : trimmed;
  return JSON.stringify(shown);
}

/** What is known of a stream, for a sentence. */
export function streamText(stream: Stream): string {
  return known(stream).pieces.join(" … ");
}

// A pattern that looks around itself, or refers to the ends of the whole text, can be decided only with all of the text.
const looksAround = /\(\?(?:[=!]|<[=!])/;

/**
 * Everything about `stream` that is not as expected; an empty list when all holds. `name` is how sentences call it, `other` what
 * another check did.
 */
export function misses(
  name: string,
  expectation: TextExpectation,
  stream: Stream,
  other: (check: string) => Outputs,
): Miss[] {
  const { whole, pieces, lines } = known(stream);
  const text = pieces[0]!;
  const seen = quoted(streamText(stream));
  const list: Miss[] = [];
  const undecided = (expected: string): void => {
    list.push({
      expected,
      observed: `${stream.bytes} bytes, of which only an excerpt was kept, and that does not decide it: ${seen}`,
    });
  };
  const holds = (expected: string, found: boolean, observed = seen): void => {
    if (found) return;
    if (whole) list.push({ expected, observed });
    else undecided(expected);
  };
  if (expectation.equals !== undefined) {
    const difference = whole ? lineDifference(name, expectation.equals, text) : undefined;
    if (difference) list.push(difference);
    else holds(`${name} to be ${quoted(expectation.equals)}`, whole && text.trim() === expectation.equals.trim());
  }
  for (const word of expectation.contains ?? []) {
    holds(
      `${name} to contain ${JSON.stringify(word)}`,
      pieces.some((piece) => piece.includes(word)),
    );
  }
  for (const word of expectation.absent ?? []) {
    const expected = `${name} not to contain ${JSON.stringify(word)}`;
    if (pieces.some((piece) => piece.includes(word))) list.push({ expected, observed: seen });
    else if (!whole) undecided(expected);
  }
  if (expectation.matches !== undefined) {
    const pattern = new RegExp(expectation.matches, "m");
    const decidable = whole || !looksAround.test(expectation.matches);
    holds(`${name} to match /${expectation.matches}/`, decidable && lines.some((line) => pattern.test(line)));
  }
  if (expectation.exactly !== undefined) {
    const [bytes, wanted] = [wholeBytes(stream) ?? Buffer.alloc(0), Buffer.from(expectation.exactly)];
    const differs = wanted.findIndex((byte, i) => byte !== bytes[i]);
    holds(
      `${name} to be ${quoted(expectation.exactly)} to the byte`,
      bytes.equals(wanted),
      `${bytes.length} bytes instead of ${wanted.length}, other ones after ${differs < 0 ? wanted.length : differs}: ${seen}`,
    );
  }
  if (expectation.lines !== undefined) {
    if (whole) list.push(...lineMisses(name, expectation.lines, text));
    else undecided(`${name} to be ${expectation.lines.length} lines`);
  }
  if (expectation.sha256 !== undefined && stream.sha256 !== expectation.sha256) {
    list.push({
      expected: `${name} to be the packaged file with SHA-256 ${expectation.sha256}`,
      observed: `SHA-256 ${stream.sha256}: ${seen}`,
    });
  }
  if (expectation.schema === undefined && expectation.sameAs === undefined) return list;
  if (!whole) {
    undecided(`all of ${name}`);
    return list;
  }
  if (expectation.schema !== undefined) {
    const value = parsed(text);
    if (value === undefined) list.push({ expected: `${name} to be JSON`, observed: seen });
    else list.push(...schemaMisses(name, expectation.schema, value.json));
  }
  if (expectation.sameAs !== undefined) list.push(...sameMisses(name, expectation.sameAs, text, other));
  return list;
}

function parsed(text: string): { json: unknown } | undefined {
  try {
    return { json: JSON.parse(text) as unknown };
  } catch {
    return undefined;
  }
}

/** Lines as a set: those that are missing, and those that nobody expected. */
export function lineMisses(name: string, wanted: readonly string[], text: string): Miss[] {
  const found = text.split("\n").filter((line) => line.trim() !== "");
  const missing = wanted.filter((line) => !found.includes(line));
  const unexpected = found.filter((line) => !wanted.includes(line));
  if (missing.length + unexpected.length === 0) return [];
  const observed = [
    ...(unexpected.length > 0 ? [`unexpected: ${listed(unexpected)}`] : []),
    ...(missing.length > 0 ? [`missing: ${listed(missing)}`] : []),
  ];
  const expected = missing.length > 0 ? `to have the lines ${listed(missing)}` : "to have no unexpected line";
  return [{ expected: `${name} ${expected}`, observed: observed.join("; ") }];
}

/** What two texts do not share, line by line; all of both where they differ in nothing but the order or in blanks. */
function otherLines(there: string, here: string): string {
  const [theirs, ours] = [there, here].map((text) => text.split("\n").filter((line) => line !== "")) as [
    string[],
    string[],
  ];
  const more = ours.filter((line) => !theirs.includes(line));
  const missing = theirs.filter((line) => !ours.includes(line));
  if (more.length + missing.length === 0) return `${quoted(here)} instead of ${quoted(there)}`;
  return `${listed(more, 10) || "nothing"}${missing.length > 0 ? ` instead of ${listed(missing, 10)}` : ""}`;
}

function sameMisses(name: string, same: SameAs, text: string, other: (check: string) => Outputs): Miss[] {
  const expected = `${name} to agree with ${same.check}${same.pointer ? ` at ${same.pointer}` : ""}`;
  try {
    const there = other(same.check).stdout;
    if (same.pointer === undefined) {
      return there === text ? [] : [{ expected, observed: otherLines(there, text) }];
    }
    const [theirs, ours] = [parsed(there), parsed(text)];
    if (!theirs || !ours) return [{ expected, observed: `${quoted(theirs ? text : there)}, which is not JSON` }];
    const wanted = valueAt(theirs.json, same.pointer);
    const found = valueAt(ours.json, same.own ?? same.pointer);
    if (wanted !== undefined && isDeepStrictEqual(wanted, found)) return [];
    return [{ expected, observed: `${JSON.stringify(found)} instead of ${JSON.stringify(wanted)}` }];
  } catch (e) {
    if (!(e instanceof EdgeError)) throw e;
    return [{ expected, observed: e.message }];
  }
}

/** Of texts of several lines, those that only one of them has: what differs would otherwise be cut from the middle of a long sentence. */
function lineDifference(name: string, wanted: string, text: string): Miss | undefined {
  const [expected, found] = [wanted, text].map((whole) => whole.trim().split("\n")) as [string[], string[]];
  if (expected.length === 1 || found.length === 1) return undefined;
  const missing = expected.filter((line) => !found.includes(line));
  const instead = found.filter((line) => !expected.includes(line));
  if (missing.length + instead.length === 0) return undefined;
  return {
    expected:
      missing.length > 0
        ? `${name} to have ${quoted(missing.join("\n"))} among its ${expected.length} lines`
        : `${name} to have no more than the ${expected.length} lines that are known`,
    observed:
      instead.length > 0
        ? quoted(instead.join("\n"))
        : `only ${found.length} lines, without ${missing.length > 1 ? "those" : "that one"}`,
  };
}
