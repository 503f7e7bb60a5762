/** Entries and lines of checksums.txt by their paths: a dozen rules ask for them, and each list of tens of thousands is made once. */
import type { Content, Entry } from "./content.ts";

const entries = new WeakMap<Content, ReadonlyMap<string, Entry>>();
const lines = new WeakMap<Content, ReadonlyMap<string, string>>();

function once<T>(known: WeakMap<Content, T>, content: Content, make: () => T): T {
  let made = known.get(content);
  if (made === undefined) known.set(content, (made = make()));
  return made;
}

/** The entries of a content; of several with one path, the last. */
export function entriesByPath(content: Content): ReadonlyMap<string, Entry> {
  return once(entries, content, () => {
    const all = new Map<string, Entry>();
    for (const entry of content.entries) all.set(entry.path, entry);
    return all;
  });
}

/** The SHA-256 that checksums.txt states for each path, the last where it states several; empty without such a file. */
export function statedDigests(content: Content): ReadonlyMap<string, string> {
  return once(lines, content, () => {
    const all = new Map<string, string>();
    for (const { path, sha256 } of content.checksums?.lines ?? []) all.set(path, sha256);
    return all;
  });
}
