/**
 * Size, mode and digest of files below a folder. Every byte is read each time: a remembered digest would have to be
 * believed, and these digests end in a publication. Small files are read in this thread: for tens of thousands of them,
 * handing each to another thread and back costs many times what reading and hashing it does.
 */
import { hash } from "node:crypto";
import { lstatSync, type Stats } from "node:fs";
import { join } from "node:path";
import { beginningOf, HEAD, readBeginning, type Beginning } from "../binaries/index.ts";
import { sha256File } from "../storage/digest.ts";
import { secretIn, secretInFile } from "../secret-search/index.ts";
import { readSmall, SMALL } from "../storage/small-files.ts";

/** What a file is, and what secret it holds: or, when it is none that can be released, why not (a clause that follows its path in a sentence). */
export type FileFacts =
  | { sha256: string; size: number; mode: number; beginning: Beginning; secret?: string; fault?: undefined }
  | { fault: string };

/** Other work gets its turn after so many files. */
const TURN = 64;

/** Judges paths one after another, and each folder on the way once. */
class Places {
  readonly #folder: string;
  /** faults of folders, as clauses; undefined for those that are fine */
  readonly #folders = new Map<string, string | undefined>([["", undefined]]);
  constructor(folder: string) {
    this.#folder = folder;
  }

  #look(path: string): Stats | { fault: string } {
    try {
      return lstatSync(`${this.#folder}/${path}`);
    } catch (e) {
      const code = (e as NodeJS.ErrnoException).code;
      return { fault: code === "ENOENT" || code === "ENOTDIR" ? "does not exist" : `cannot be read (${code})` };
    }
  }

  #folderFault(path: string): string | undefined {
    if (this.#folders.has(path)) return this.#folders.get(path);
    let fault = this.#folderFault(path.slice(0, Math.max(0, path.lastIndexOf("/"))));
    if (fault === undefined) {
      const found = this.#look(path);
      if ("fault" in found) fault = found.fault;
      // A link could lead out of the folder, and would be packed as whatever it points to today.
      else if (found.isSymbolicLink()) fault = `lies behind the symbolic link ${path}`;
    }
    this.#folders.set(path, fault);
    return fault;
  }

  /** Size and mode of a regular file that no link leads to. */
  regularFile(path: string): { size: number; mode: number } | { fault: string } {
    if (path === "") return { fault: "is empty" };
    const fault = this.#folderFault(path.slice(0, Math.max(0, path.lastIndexOf("/"))));
    if (fault !== undefined) return { fault };
    const found = this.#look(path);
    if ("fault" in found) return found;
    if (found.isSymbolicLink()) return { fault: "is a symbolic link" };
    if (!found.isFile()) return { fault: found.isDirectory() ? "is a folder" : "is not a regular file" };
    return { size: found.size, mode: found.mode };
  }
}

const held = (secret: string | undefined): { secret?: string } => (secret === undefined ? {} : { secret });

const unread = (e: unknown): FileFacts => ({
  fault: `cannot be read (${(e as NodeJS.ErrnoException).code ?? (e as Error).message})`,
});

function smallFacts(file: string, { size, mode }: { size: number; mode: number }): FileFacts {
  try {
    const bytes = readSmall(file, size);
    // What grows or shrinks while it is read is what it is now: its size is compared with what was sealed.
    return {
      size: bytes.length,
      mode,
      beginning: beginningOf(bytes.subarray(0, HEAD)),
      sha256: hash("sha256", bytes, "hex"),
      ...held(secretIn(bytes)),
    };
  } catch (e) {
    return unread(e);
  }
}

async function largeFacts(file: string, found: { size: number; mode: number }): Promise<FileFacts> {
  try {
    return { ...found, beginning: readBeginning(file), sha256: await sha256File(file), ...held(secretInFile(file)) };
  } catch (e) {
    return unread(e);
  }
}

/** Facts of every named file, large ones a few at a time; paths are POSIX, relative to `folder`, and already known to be safe names. */
export async function fileFacts(folder: string, paths: readonly string[]): Promise<Map<string, FileFacts>> {
  const result = new Map<string, FileFacts>();
  const places = new Places(folder);
  const large: { path: string; found: { size: number; mode: number } }[] = [];
  let turn = 0;
  for (const path of paths) {
    if (result.has(path)) continue;
    const found = places.regularFile(path);
    if (!("fault" in found) && found.size > SMALL) {
      large.push({ path, found });
      // Its place among the others is kept.
      result.set(path, { fault: "was not read" });
    } else result.set(path, "fault" in found ? found : smallFacts(`${folder}/${path}`, found));
    if (++turn % TURN === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let one = large[next++]; one; one = large[next++])
      result.set(one.path, await largeFacts(join(folder, one.path), one.found));
  };
  await Promise.all(Array.from({ length: 4 }, worker));
  return result;
}
