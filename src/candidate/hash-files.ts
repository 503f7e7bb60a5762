/**
 * Size, mode and digest of files below a folder. Every byte is read each time: a remembered digest would have to be
 * believed, and these digests end in a publication.
 */
import { lstat } from "node:fs/promises";
import { join } from "node:path";
import { sha256File } from "../storage/digest.ts";

/** What a file is: or, when it is none that can be released, why not (a clause that follows its path in a sentence). */
export type FileFacts = { sha256: string; size: number; mode: number; fault?: undefined } | { fault: string };

async function regularFile(folder: string, path: string): Promise<{ size: number; mode: number } | { fault: string }> {
  const segments = path.split("/");
  for (let n = 1; n <= segments.length; n++) {
    const part = segments.slice(0, n).join("/");
    let stat;
    try {
      stat = await lstat(join(folder, part));
    } catch (e) {
      const code = (e as NodeJS.ErrnoException).code;
      return { fault: code === "ENOENT" || code === "ENOTDIR" ? "does not exist" : `cannot be read (${code})` };
    }
    // A link could lead out of the folder, and would be packed as whatever it points to today.
    if (stat.isSymbolicLink()) return { fault: n === segments.length ? "is a symbolic link" : `lies behind the symbolic link ${part}` };
    if (n < segments.length) continue;
    if (!stat.isFile()) return { fault: stat.isDirectory() ? "is a folder" : "is not a regular file" };
    return { size: stat.size, mode: stat.mode };
  }
  return { fault: "is empty" };
}

async function facts(folder: string, path: string): Promise<FileFacts> {
  const found = await regularFile(folder, path);
  if ("fault" in found) return found;
  try {
    return { ...found, sha256: await sha256File(join(folder, path)) };
  } catch (e) {
    return { fault: `cannot be read (${(e as NodeJS.ErrnoException).code ?? (e as Error).message})` };
  }
}

/** Facts of every named file, hashed a few at a time; paths are POSIX, relative to `folder`, and already known to be safe names. */
export async function fileFacts(folder: string, paths: readonly string[]): Promise<Map<string, FileFacts>> {
  const wanted = [...new Set(paths)];
  const result = new Map<string, FileFacts>();
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let path = wanted[next++]; path !== undefined; path = wanted[next++]) result.set(path, await facts(folder, path));
  };
  await Promise.all(Array.from({ length: 4 }, worker));
  return result;
}
