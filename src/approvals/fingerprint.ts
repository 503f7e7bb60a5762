/** The fingerprint of a failure: the same for the same failure seen again, whatever numbers, times and addresses it came with. */
import { isIPv6 } from "node:net";
import { canonicalJson, sha256 } from "../storage/digest.ts";

/** A gate's requirement, as far as it matters here: what gates judge is one, whatever else they say of it. */
export interface Judged {
  name: string;
  status: "satisfied" | "failed" | "missing" | "errored" | "stale" | "waived";
  /** the first check that is not as it must be */
  check?: string | undefined;
  expected?: string | undefined;
  observed?: string | undefined;
  /** how many checks did not pass, of how many */
  open?: { checks: number; of: number } | undefined;
  /** who let it pass */
  waiver?: { by: string; reason: string; expires: string } | undefined;
}

/** A word that is no part of a longer one. */
const before = "(?<![A-Za-z0-9])";
const after = "(?![A-Za-z0-9])";
const clock = "\\d{1,2}:\\d{2}(?::\\d{2}(?:[.,]\\d+)?)?";
const zone = "(?: ?(?:Z|UTC|GMT|[+-]\\d{2}:?\\d{2}))?";
const month = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)";
const dayName = "(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? )?";

/** The word for what was found, where its inner part is an address of IPv6. */
const addressIn = (found: string, inner = ""): string => (isIPv6(inner) ? "<address>" : found);

/** What a person would not call another failure, in the order in which it is looked for; each becomes its word. */
const passing: readonly [RegExp, string | typeof addressIn][] = [
  // Line feeds and tabs of quoted output.
  [/\\[nrt]|\s/g, " "],
  [
    /(?:\/private)?(?:\/var\/folders\/[^\s"'`:;,)\]}>]+\/T|\/var\/tmp|\/tmp|\/run\/user\/\d+)\/[^\s/"'`:;,)\]}>\\]+/g,
    "<temporary>",
  ],
  [/[A-Za-z]:(?:\\{1,2}[^\s\\"'`:;,]+)+?\\{1,2}Temp\\{1,2}[^\s\\"'`:;,)\]}>]+/g, "<temporary>"],
  [new RegExp(`${before}[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}${after}`, "gi"), "#"],
  [/\[([0-9a-f:.]+)(?:%\w+)?\](?::\d{1,5})?/gi, addressIn],
  [/(?<![A-Za-z0-9:.])(?=[0-9a-f]*:[0-9a-f]*:)([0-9a-f:.]*(?:[0-9a-f]|::))(?:%\w+)?(?![A-Za-z0-9])/gi, addressIn],
  [new RegExp(`${before}(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}${after}`, "gi"), "<address>"],
  [/(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.]*\d)(?::\d{1,5}(?!\d))?/g, "<address>"],
  [new RegExp(`${before}\\d{4}[-/]\\d{2}[-/]\\d{2}(?:[T ]${clock}${zone})?`, "g"), "<time>"],
  [new RegExp(`${before}${dayName}${month} +\\d{1,2} ${clock}(?: UTC)?(?: (?:19|20)\\d{2}${after})?`, "g"), "<time>"],
  [new RegExp(`${before}${dayName}\\d{1,2} ${month} \\d{4} ${clock}${zone}`, "g"), "<time>"],
  [new RegExp(`${before}${clock}${after}`, "g"), "<time>"],
  [new RegExp(`${before}(?:0x[0-9a-f]+|[0-9a-f]{16,})${after}`, "gi"), "#"],
  // A short one without a digit is a word, such as `defaced`.
  [new RegExp(`${before}(?=[a-f]*\\d)[0-9a-f]{7,15}${after}`, "gi"), "#"],
  [/(?<![A-Za-z0-9)\]>#])[-+]?\d+(?:[.,]\d+)*(?:e[-+]?\d+)?/gi, "#"],
  [/\d+(?:[.,]\d+)*/g, "#"],
  [/ +/g, " "],
];

/** Where a sentence leaves out the middle of a long text, the cut wanders with the length of its numbers: so much of each side counts. */
const side = 60;
const cut = " … ";

/** A text without what differs each time. */
function lasting(text: string): string {
  const plain = passing.reduce(
    (so, [pattern, word]) => (typeof word === "string" ? so.replace(pattern, word) : so.replace(pattern, word)),
    text,
  );
  const parts = plain.trim().split(cut);
  if (parts.length === 1) return parts[0]!;
  return [parts[0]!.slice(0, side), parts.at(-1)!.slice(-side)].join(cut);
}

/**
 * SHA-256 of a failure as it was observed: what is open, the check, what was expected and what was seen, and how many checks
 * did not pass. One more check that fails is another failure, though sentences show only the first.
 */
export function fingerprintOf({ name, status, check, expected, observed, open }: Judged): string {
  return sha256(
    canonicalJson({
      name,
      status,
      check: check ?? null,
      expected: expected === undefined ? null : lasting(expected),
      observed: observed === undefined ? null : lasting(observed),
      open: open?.checks ?? null,
    }),
  );
}

/** The failure in words, for people. */
export function failureText({ name, status, check, expected, observed }: Judged): string {
  const what = check ? `check ${check}` : name;
  const seen = `expected ${expected ?? "it to be proven"}; observed ${observed ?? "nothing"}`;
  return `${what} is ${status}: ${seen}`.slice(0, 2000).toWellFormed();
}
