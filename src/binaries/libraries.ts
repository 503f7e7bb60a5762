/**
 * Libraries that a Linux program finds in its own archive, as ld.so does (ld.so(8)): breadth first, each name once, by the
 * folders that programs and libraries state relative to themselves (`$ORIGIN`), before those of the system.
 */
import { posix } from "node:path";
import type { BinaryFacts, GlibcNeed } from "./facts.ts";
import { compareLibraryVersions } from "./versions.ts";

/** What lies at a path of the archive; undefined when nothing does. */
export type Inside = (path: string) => BinaryFacts | undefined;

export interface Needed {
  /** libraries that the system must have, in the order in which they are looked for */
  host: string[];
  /** paths of the libraries that it finds in the archive */
  own: string[];
  /** newest version of glibc's symbols that the program or one of its own libraries needs */
  glibc: GlibcNeed | null;
  /** what keeps the program from being loaded, as clauses that follow its name */
  faults: string[];
}

interface Loaded {
  /** path in the archive */
  path: string;
  facts: BinaryFacts;
  /** what it was loaded for, and by */
  by?: Loaded;
}

/** A path in the archive that an entry of a search path, or a name of a library, leads to; undefined when it leads elsewhere. */
function withinArchive(stated: string, path: string): string | undefined {
  const rest = /^\$(?:ORIGIN|\{ORIGIN\})(?=\/|$)([^]*)$/.exec(stated)?.[1];
  if (rest === undefined || rest.includes("$")) return undefined;
  const place = posix.normalize(posix.join(posix.dirname(path), `./${rest}`)).replace(/\/$/, "");
  return place === ".." || place.startsWith("../") ? undefined : place;
}

/** Folders of the archive in which a library for `object` is looked for: its own DT_RUNPATH, or DT_RPATH of itself and of all that led to it. */
function foldersFor(object: Loaded): string[] {
  if (object.facts.runpath.length > 0)
    return object.facts.runpath.flatMap((entry) => withinArchive(entry, object.path) ?? []);
  const folders: string[] = [];
  for (let at: Loaded | undefined = object; at; at = at.by) {
    if (at.facts.runpath.length > 0) continue;
    for (const entry of at.facts.rpath) folders.push(...[withinArchive(entry, at.path) ?? []].flat());
  }
  return folders;
}

/** Names and paths of the libraries that `object` may find in the archive, whatever lies there. */
function placesOf(name: string, object: Loaded): string[] {
  if (name.includes("/")) return [withinArchive(name, object.path) ?? []].flat();
  return foldersFor(object).map((folder) => posix.join(folder, name));
}

/** Everything that the program at `path` is loaded with. */
export function neededBy(path: string, facts: BinaryFacts, inside: Inside): Needed {
  const needed: Needed = { host: [], own: [], glibc: facts.glibc, faults: [] };
  const queue: Loaded[] = [{ path, facts }];
  const known = new Set<string>();
  for (let object = queue.shift(); object; object = queue.shift()) {
    for (const name of object.facts.libraries) {
      if (known.has(name)) continue;
      known.add(name);
      const found = find(name, object, inside, needed.faults);
      if (found === undefined) needed.host.push(name);
      else if (found) {
        queue.push(found);
        needed.own.push(found.path);
        needed.glibc = newer(needed.glibc, found.facts.glibc);
      }
    }
  }
  return needed;
}

/** The library in the archive; undefined when the system must have it, null when what is there stops the loader. */
function find(name: string, object: Loaded, inside: Inside, faults: string[]): Loaded | undefined | null {
  for (const path of placesOf(name, object)) {
    const facts = inside(path);
    if (!facts) continue;
    // A library for another processor is passed over; anything else in its place ends the program.
    if (
      facts.format === "elf" &&
      facts.loadable &&
      !facts.architectures.some((a) => object.facts.architectures.includes(a))
    )
      continue;
    if (facts.format === "elf" && facts.loadable && facts.os === "linux") return { path, facts, by: object };
    faults.push(
      `finds ${path} for its library ${name}, which ${facts.loadable || facts.fault === null ? "is no library of Linux" : facts.fault}`,
    );
    return null;
  }
  return undefined;
}

function newer(a: GlibcNeed | null, b: GlibcNeed | null): GlibcNeed | null {
  if (!a || !b) return a ?? b;
  return compareLibraryVersions(a.version, b.version) < 0 ? b : a;
}
