/** `checksums.txt`: `<64 lower-case hex>  <path>` a line, LF, sorted by path; what `sha256sum -c` reads on every platform. */
import { byPath } from "./zip-writer.ts";

/** The text for these files; the file itself is never in its own list. */
export function renderChecksums(files: readonly { path: string; sha256: string }[]): string {
  return [...files]
    .sort(byPath)
    .map(({ path, sha256 }) => `${sha256}  ${path}\n`)
    .join("");
}
