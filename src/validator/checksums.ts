/** `checksums.txt` as read: a SHA-256, two spaces and a path a line. */
import { isSha256 } from "../edges/names.ts";

export interface ChecksumLines {
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

/** Reads the text; both kinds of line ends are understood. */
export function readChecksums(text: string): ChecksumLines {
  const read: ChecksumLines = { lines: [], malformed: [], unusual: [] };
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
    if (path === "checksums.txt") read.unusual.push("lists itself");
    previous = path;
    seen.add(path);
  }
  return read;
}
