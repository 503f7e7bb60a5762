/**
 * Whether a stream is what it must be. Of long output only an excerpt is known: then an expectation holds or fails only
 * when the excerpt decides it, and otherwise it fails and says so.
 */
import { isDeepStrictEqual } from "node:util";
import { keptMisses } from "./kept-judge.ts";
import type { Stream } from "./record.ts";
import type { TextExpectation } from "./suite.ts";

/** One expectation that does not hold: what was expected and what was seen instead, as parts of a sentence. */
export interface Miss {
  expected: string;
  observed: string;
}

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

function valueAt(value: unknown, path: string): unknown {
  return path.split(".").reduce<unknown>((v, key) => {
    if (v === null || typeof v !== "object" || !Object.hasOwn(v, key)) return undefined;
    return (v as Record<string, unknown>)[key];
  }, value);
}

// A pattern that looks around itself, or refers to the ends of the whole text, can be decided only with all of the text.
const looksAround = /\(\?(?:[=!]|<[=!])/;

/** Everything about `stream` that is not as expected; an empty list when all holds. `name` is how sentences call it. */
export function misses(name: string, expectation: TextExpectation, stream: Stream): Miss[] {
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
  if (expectation.kept !== undefined) {
    if (whole)
      list.push(
        ...keptMisses(
          expectation.kept,
          Buffer.concat([Buffer.from(stream.head, "base64"), Buffer.from(stream.tail, "base64")]),
        ),
      );
    else
      list.push({ expected: `all of ${name}`, observed: `${stream.bytes} bytes, which are more than come back of it` });
  }
  if (expectation.json !== undefined)
    list.push(...jsonMisses(name, expectation.json, whole ? text : undefined, undecided, seen));
  return list;
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

function jsonMisses(
  name: string,
  wanted: { path: string; equals: unknown }[],
  text: string | undefined,
  undecided: (expected: string) => void,
  seen: string,
): Miss[] {
  if (text === undefined) {
    undecided(`${name} to be JSON`);
    return [];
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return [{ expected: `${name} to be JSON`, observed: seen }];
  }
  return wanted
    .map(({ path, equals }) => ({ path, equals, found: valueAt(value, path) }))
    .filter(({ equals, found }) => !isDeepStrictEqual(found, equals))
    .map(({ path, equals, found }) => ({
      expected: `${name} to be JSON with ${path} = ${JSON.stringify(equals)}`,
      observed: found === undefined ? `no ${path} in ${seen}` : `${path} = ${JSON.stringify(found)}`,
    }));
}
