/** Making a folder that a person named, with what is missing above it; what keeps it from being made is said by name. */
import { lstat, mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { EdgeError } from "../edges/edges.ts";

/**
 * Makes the folder where it is not there; `remedy` is an imperative clause. One folder at a time, since asking for all of
 * them at once never ends where the system makes none, as in /proc.
 * @throws EdgeError naming the path that is no folder or cannot be made.
 */
export async function makeFolder(path: string, remedy: string): Promise<void> {
  const refuse = (at: string, what: string): never => {
    throw new EdgeError(`${at} ${what}; ${remedy}.`);
  };
  const there = await stat(path).catch((e: NodeJS.ErrnoException) => e.code ?? e.message);
  if (typeof there !== "string") return there.isDirectory() ? undefined : refuse(path, "is not a folder");
  if (there === "ENOTDIR" && dirname(path) !== path) return makeFolder(dirname(path), remedy);
  if (there !== "ENOENT") refuse(path, `cannot be made (${there})`);
  if (
    await lstat(path).then(
      (found) => found.isSymbolicLink(),
      () => false,
    )
  )
    refuse(path, "is a link that leads nowhere");
  if (dirname(path) !== path) await makeFolder(dirname(path), remedy);
  await mkdir(path).catch((e: NodeJS.ErrnoException) => {
    // Somebody else may have made it meanwhile.
    if (e.code !== "EEXIST") refuse(path, `cannot be made (${e.code})`);
  });
}
