/** `checksums.txt`: `<64 lower-case hex>  <path>` a line, LF, sorted by path; what `sha256sum -c` reads on every platform. */
import type { Finding } from "../edges/edges.ts";
import { byPath } from "./zip-writer.ts";

/** The text for these files; the file itself is never in its own list. */
export function renderChecksums(files: readonly { path: string; sha256: string }[]): string {
  return [...files].sort(byPath).map(({ path, sha256 }) => `${sha256}  ${path}\n`).join("");
}

/** Digest by path of a checksum text, and every line that is none. */
export function parseChecksums(text: string): { digests: Map<string, string>; faults: Finding[] } {
  const digests = new Map<string, string>();
  const faults: Finding[] = [];
  const fault = (message: string): void => void faults.push({ path: "checksums.txt", message });
  if (text.includes("\r")) fault("has carriage returns, which `sha256sum -c` takes for a part of the name; write it with LF alone");
  if (text !== "" && !text.endsWith("\n")) fault("does not end with a line feed");
  let previous = "";
  for (const [index, raw] of text.split("\n").entries()) {
    const line = raw.replace(/\r$/, "");
    if (line === "") continue;
    const found = /^([0-9a-f]{64}) {2}(.+)$/.exec(line);
    if (!found) {
      fault(`line ${index + 1} is not a SHA-256, two spaces and a path`);
      continue;
    }
    const [, digest = "", path = ""] = found;
    if (digests.has(path)) fault(`line ${index + 1} lists ${path} a second time`);
    else if (previous !== "" && byPath({ path: previous }, { path }) > 0) fault(`line ${index + 1} is not in order: ${path} comes before ${previous}`);
    previous = path;
    digests.set(path, digest);
  }
  return { digests, faults };
}
