/**
 * Looks for many words in bytes at once, in one pass that steps over what cannot begin one (Wu and Manber). A regular expression
 * of the same alternatives tries each of them at every place, which takes ten times as long.
 */

/** Words of fewer bytes keep the steps of the search short: they are made longer by the class that follows them. */
const LONG = 4;

/** A class of letters, digits, spaces, tabs and a few signs, and how often it is at least there. */
const oneOf = "\\[((?:\\\\t|\\w-\\w|[\\w =])+)\\]";
const repeated = new RegExp(`${oneOf}\\{[1-9]`, "y");
// A character, an escaped one that means itself, or a class; each only where nothing repeats it or makes it optional.
const part = new RegExp(`(?:\\\\([^\\w\\s])|${oneOf}|([^\\\\[\\](){}|.*+?^$]))(?![*+?{])`, "y");

/** The characters of a class. */
function lettersOf(either: string): string[] {
  return (either.match(/\\t|\w-\w|[^]/g) ?? []).flatMap((one) => {
    if (one === "\\t") return ["\t"];
    const [from, to] = [one.charCodeAt(0), one.charCodeAt(one.length - 1)];
    return Array.from({ length: to - from + 1 }, (_, n) => String.fromCharCode(from + n));
  });
}

/** What stands before the first part of a regular expression that has no fixed text, in each of its forms: `gh[po]_x*` has `ghp_` and `gho_`. */
export function beginningsOf(expression: string): string[] {
  let found = [""];
  const add = (letters: readonly string[]): void =>
    void (found = found.flatMap((beginning) => letters.map((letter) => beginning + letter)));
  let at = 0;
  for (;;) {
    part.lastIndex = at;
    const match = part.exec(expression);
    if (!match) break;
    at = part.lastIndex;
    const [, escaped, either, plain] = match;
    add(either === undefined ? [(escaped ?? plain)!] : lettersOf(either));
  }
  repeated.lastIndex = at;
  const more = found[0]!.length < LONG ? repeated.exec(expression) : undefined;
  if (more) add(lettersOf(more[1]!));
  return found;
}

interface Word {
  bytes: Buffer;
  group: number;
  /** where in the word the part begins that it is looked for by */
  from: number;
}

/** How seldom texts have a byte: most of them are small letters and white space. */
const seldom = (byte: number): number => (byte === 0x20 || byte === 0x0a ? 0 : byte >= 0x61 && byte <= 0x7a ? 1 : 3);

/** The place of `length` bytes of the word that are met least often, their last two above all: by these it is found. */
function rarest(bytes: Buffer, length: number): number {
  const sum = (from: number): number =>
    bytes.subarray(from, from + length).reduce((all, byte, n) => all + seldom(byte) * (n < length - 2 ? 1 : 4), 0);
  let best = 0;
  for (let from = 1; from + length <= bytes.length; from++) if (sum(from) > sum(best)) best = from;
  return best;
}

const none: ReadonlySet<number> = new Set();

/** Finds out which groups of words have one in some bytes. */
export class WordSearch {
  readonly #shortest: number;
  /** by two bytes: how far the next place is where the part of a word could end; 0 where one could right here */
  readonly #steps = new Uint8Array(1 << 16);
  readonly #words = new Map<number, Word[]>();

  /** `groups`: words as Latin-1. @throws Error for a word of less than two characters */
  constructor(groups: readonly (readonly string[])[]) {
    const all = groups.flatMap((texts, group) => texts.map((text) => ({ bytes: Buffer.from(text, "latin1"), group })));
    const shortest = Math.min(255, ...all.map(({ bytes }) => bytes.length));
    if (shortest < 2) throw new Error("a word of one character would be found everywhere");
    this.#shortest = shortest;
    this.#steps.fill(shortest - 1);
    for (const { bytes, group } of all) {
      const from = rarest(bytes, shortest);
      for (let at = 1; at < shortest; at++) {
        const pair = bytes[from + at - 1]! | (bytes[from + at]! << 8);
        this.#steps[pair] = Math.min(this.#steps[pair]!, shortest - 1 - at);
        if (at === shortest - 1) this.#words.set(pair, [...(this.#words.get(pair) ?? []), { bytes, group, from }]);
      }
    }
  }

  /** Groups, by their index, that have a word in `bytes`. */
  groupsIn(bytes: Uint8Array): ReadonlySet<number> {
    let found: Set<number> | undefined;
    const steps = this.#steps;
    const { length } = bytes;
    for (let at = this.#shortest - 1; at < length;) {
      const pair = bytes[at - 1]! | (bytes[at]! << 8);
      const step = steps[pair]!;
      if (step > 0) at += step;
      else {
        for (const { bytes: word, group, from } of this.#words.get(pair)!) {
          const start = at - this.#shortest + 1 - from;
          if (start < 0) continue;
          let same = 0;
          while (same < word.length && bytes[start + same] === word[same]) same++;
          if (same === word.length) (found ??= new Set()).add(group);
        }
        at++;
      }
    }
    return found ?? none;
  }
}
