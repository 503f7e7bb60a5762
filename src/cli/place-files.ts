/** Putting files that belong together into a folder: all of them or none, over earlier ones of the same names. */
import { lstat, mkdir, rename, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { EdgeError } from "../edges/edges.ts";

/** @throws EdgeError when something that is no file has one of these names: it would be found out when half of them are there. */
export async function requireFree(files: readonly string[], remedy: string): Promise<void> {
  for (const file of files) {
    const there = await lstat(file).catch(() => undefined);
    if (there && !there.isFile() && !there.isSymbolicLink()) throw new EdgeError(`${file} is ${there.isDirectory() ? "a folder" : "not a regular file"}; take it away, or ${remedy}.`);
  }
}

/** Moves `files` into `folder`, in this order, and answers where they are; `stage` is a folder of our own on the same file system. */
export async function placeTogether(files: readonly string[], folder: string, stage: string): Promise<string[]> {
  const earlier = join(stage, "earlier");
  await mkdir(earlier, { recursive: true });
  const placed: string[] = [];
  const kept: string[] = [];
  try {
    for (const file of files) {
      const name = basename(file);
      if (await lstat(join(folder, name)).then(() => true, () => false)) {
        await rename(join(folder, name), join(earlier, name));
        kept.push(name);
      }
      await rename(file, join(folder, name));
      placed.push(name);
    }
  } catch (e) {
    for (const name of placed) await rm(join(folder, name), { force: true });
    for (const name of kept) await rename(join(earlier, name), join(folder, name));
    throw e;
  }
  return placed.map((name) => join(folder, name));
}
