/** `checksums.txt` as read: a SHA-256, two spaces and a path a line. */
import { isAscii } from "node:buffer";
import { isSha256 } from "../edges/names.ts";
import { CHECKSUMS, type Entry } from "./content.ts";

export interface ChecksumLines {
  /** it is, byte for byte, the one that our writer makes of the entries: nothing is wrong with it, and its lines are not listed */
  exact: boolean;
  lines: { number: number; sha256: string; path: string }[];
  /** numbers of lines that are neither blank nor a checksum */
  malformed: number[];
  /** what keeps the text from being the one that our writer makes: LF alone, sorted, once each, a line feed at the end */
  unusual: string[];
}

const ascii = /^[\0-\x7f]*$/;

/** By their bytes in UTF-8, as `LC_ALL=C sort` does; `plain` says that both are ASCII. */
function comparePaths(a: string, b: string, plain: boolean): number {
  if (plain) return a < b ? -1 : a > b ? 1 : 0;
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** Whether the text at `at` is this part. */
function isAt(text: Buffer, at: number, part: string): boolean {
  return text.toString("latin1", at, at + part.length) === part;
}

/**
 * Whether the text has one line for each entry but itself, sorted, and nothing else. Of nearly every archive this is all that is
 * asked: lines as objects and maps of them take most of the time that rules take.
 */
function isExact(text: Buffer, entries: readonly Entry[]): boolean {
  if (!isAscii(text)) return false;
  let [at, previous] = [0, ""];
  for (const { path, type, content } of entries) {
    if (path === CHECKSUMS) continue;
    if (type !== "file" || !content || path <= previous || path.includes("\n") || path.includes("\r")) return false;
    if (!isAt(text, at, content.sha256) || !isAt(text, at + 64, `  ${path}\n`)) return false;
    at += 64 + 2 + path.length + 1;
    previous = path;
  }
  return at === text.length;
}

/** Reads the text of an archive or a folder with these entries; both kinds of line ends are understood. */
export function readChecksums(bytes: Buffer, entries: readonly Entry[]): ChecksumLines {
  const read: ChecksumLines = { exact: isExact(bytes, entries), lines: [], malformed: [], unusual: [] };
  if (read.exact) return read;
  const text = bytes.toString("utf8");
  if (text.includes("\r")) read.unusual.push("has carriage returns, which `sha256sum -c` takes for a part of the name");
  if (text !== "" && !text.endsWith("\n")) read.unusual.push("does not end with a line feed");
  const seen = new Set<string>();
  let previous: string | undefined;
  const plain = ascii.test(text);
  const all = text.split("\n");
  for (const [index, raw] of all.entries()) {
    const number = index + 1;
    const line = raw.endsWith("\r") ? raw.slice(0, -1) : raw;
    if (line === "") {
      if (number < all.length) read.unusual.push(`has an empty line ${number}`);
      continue;
    }
    const [sha256, path] = [line.slice(0, 64), line.slice(66)];
    if (path === "" || line.slice(64, 66) !== "  " || !isSha256(sha256)) {
      read.malformed.push(number);
      continue;
    }
    read.lines.push({ number, sha256, path });
    if (seen.has(path)) read.unusual.push(`lists ${path} a second time in line ${number}`);
    else if (previous !== undefined && comparePaths(previous, path, plain) > 0)
      read.unusual.push(`is not sorted: line ${number} (${path}) belongs before the one above it`);
    if (path === CHECKSUMS) read.unusual.push("lists itself");
    previous = path;
    seen.add(path);
  }
  return read;
}
