/** Everything that lies below a folder, as it is: links are not followed, and folders without a file are listed too. */
import { lstatSync, type Dirent } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { EdgeError } from "../edges/edges.ts";

export interface Lying {
  /** relative to the folder that was walked from, `/` between segments; names are as the system has them */
  path: string;
  /** `empty`: a folder with nothing in it */
  type: "file" | "link" | "special" | "empty";
}

/** @throws EdgeError naming what cannot be listed or looked at */
function unreadable(folder: string): (e: NodeJS.ErrnoException) => never {
  return (e) => {
    throw new EdgeError(
      `${e.path ?? folder} ${e.code === "ENOENT" ? "does not exist" : `cannot be read (${e.code})`}; make all of ${folder} readable, or name another folder.`,
    );
  };
}

/** @throws EdgeError when a name, as the system gave it, is no text: it cannot even be asked for again */
export function requireUnicode(root: string, path: string): void {
  if (path.includes("\ufffd"))
    throw new EdgeError(
      `${join(root, path)} has a name that is not valid Unicode (UTF-8), which other systems cannot store; rename it, or take it out of ${root}.`,
    );
}

/** What an entry of a listed folder is that is no folder. */
export function typeOf(entry: Dirent): "file" | "link" | "special" {
  return entry.isFile() ? "file" : entry.isSymbolicLink() ? "link" : "special";
}

/** Bytes of something that lies there; nothing for an empty folder. @throws EdgeError when it cannot be looked at */
export function sizeOf(root: string, { path, type }: Lying): number {
  if (type === "empty") return 0;
  try {
    return lstatSync(join(root, path)).size;
  } catch (e) {
    return unreadable(join(root, path))(e as NodeJS.ErrnoException);
  }
}

/** All of `folder`, a folder below `root`, sorted by path. */
export async function walk(root: string, folder: string): Promise<Lying[]> {
  const found: Lying[] = [];
  const below = async (at: string): Promise<void> => {
    const names = await readdir(join(root, at), { withFileTypes: true }).catch(unreadable(join(root, at)));
    if (names.length === 0) found.push({ path: at, type: "empty" });
    for (const entry of names) {
      const path = `${at}/${entry.name}`;
      requireUnicode(root, path);
      if (entry.isDirectory()) await below(path);
      else found.push({ path, type: typeOf(entry) });
    }
  };
  await below(folder);
  return found.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}
