/** What somebody reads in a text who also opens what is packed in it: evidence and the state hold output of checks as base64. */

import { gunzipSync } from "node:zlib";

/** Characters of base64 that are worth opening: shorter ones hold no secret. */
const packed = /[A-Za-z0-9+/]{16,}={0,2}/g;

/** Bytes as text; of what is packed with gzip, what is in it. */
function opened(bytes: Buffer): string {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes.toString("latin1");
  try {
    return gunzipSync(bytes).toString("latin1");
  } catch {
    // Cut off, as an excerpt may be.
    return bytes.toString("latin1");
  }
}

/** The text, and after it all that base64 in it says. */
export function revealed(text: string): string {
  return [text, ...(text.match(packed) ?? []).map((each) => opened(Buffer.from(each, "base64")))].join("\n");
}

/** Patterns of secrets that an installation of Palyra makes for itself, and where each belongs. */
const made: readonly [what: string, pattern: RegExp][] = [
  ["an admin token", /palyra_admin_[0-9A-Z]{26}_[0-9A-Z]{26}/],
  ["a key of the browser's state", /PALYRA_BROWSERD_STATE_ENCRYPTION_KEY="?[A-Za-z0-9+/=_-]{16,}/],
  ["a private key", /BEGIN OPENSSH PRIVATE KEY/],
];

/** The secrets that a text shows, of those that are planted and those that are made; none when it shows none. */
export function secretsIn(text: string, planted: readonly string[]): string[] {
  const all = revealed(text);
  return [
    ...made.filter(([, pattern]) => pattern.test(all)).map(([what]) => what),
    ...(planted.some((secret) => all.includes(secret)) ? ["a planted secret"] : []),
  ];
}
