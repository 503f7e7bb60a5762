/**
 * Which stacks use which packed archive. Archives are content-addressed and shared by the stacks of a workspace, previews that
 * are in no state among them, so each stack leaves a note of what it uses, and what is removed is what nobody has a note of.
 * Notes and removals of one archive happen under the lock under which it is packed.
 */
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { isSha256 } from "../edges/names.ts";
import { workspacePath } from "../storage/folders.ts";
import { withLock } from "../storage/lock.ts";

/** Archives that this process has packed or found packed for a stack: a replaced twin that goes does not take them along. */
const inUseHere = new Set<string>();

const archives = (workspace: string, ...parts: string[]): string => workspacePath(workspace, "archives", ...parts);
const notes = (workspace: string, stack: string): string => archives(workspace, ".used", encodeURIComponent(stack));

function namesIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}

function locked<T>(workspace: string, identity: string, work: () => T): Promise<T> {
  return withLock(archives(workspace, `${identity}.lock`), 600, work);
}

/**
 * The digest by which the folder of a packed archive is named, or undefined when the path, relative to the workspace, is not one
 * of an archive: a state's text may name anything, and only archives are ever removed for it.
 */
export function archiveIdentity(path: string): string | undefined {
  const [top, middle, identity = "", file = "", ...rest] = path.split("/");
  const isArchive =
    top === ".greenlight" && middle === "archives" && isSha256(identity) && /^[^.]/.test(file) && rest.length === 0;
  return isArchive ? identity : undefined;
}

/** Packs, or finds packed, and notes that the stack uses it; packs again what was removed in between. */
export async function packForUse<T extends { identity: string; file: string }>(
  workspace: string,
  stack: string,
  pack: () => Promise<T>,
): Promise<T> {
  for (;;) {
    const packed = await pack();
    inUseHere.add(packed.identity);
    const there = await locked(workspace, packed.identity, () => {
      mkdirSync(notes(workspace, stack), { recursive: true });
      writeFileSync(join(notes(workspace, stack), packed.identity), "");
      return existsSync(packed.file);
    });
    if (there) return packed;
  }
}

/** Takes back the stack's note of an archive, and removes the archive unless another stack uses it. */
export async function endUse(workspace: string, stack: string, identity: string): Promise<void> {
  if (!isSha256(identity) || inUseHere.has(identity)) return;
  await locked(workspace, identity, () => {
    const used = isUsed(workspace, stack, identity);
    rmSync(join(notes(workspace, stack), identity), { force: true });
    if (used) return;
    for (const name of [identity, `${identity}.part`]) {
      const folder = archives(workspace, name);
      if (lstatSync(folder, { throwIfNoEntry: false })?.isDirectory()) rmSync(folder, { recursive: true, force: true });
    }
  });
}

/** Takes back all notes of a stack that was destroyed, and removes what it alone had used: archives that previews packed, too. */
export async function endAllUse(workspace: string, stack: string): Promise<void> {
  for (const identity of namesIn(notes(workspace, stack))) await endUse(workspace, stack, identity);
  for (const folder of [notes(workspace, stack), archives(workspace, ".used")]) {
    try {
      rmdirSync(folder);
    } catch {
      // Another stack has notes there, or there are none.
    }
  }
}

/** Whether another stack has a note of the archive, or names it in its state: one from before there were notes. */
function isUsed(workspace: string, stack: string, identity: string): boolean {
  const states = workspacePath(workspace, "state", ".pulumi", "stacks", "greenlight");
  // A stack that was only previewed has no state yet; one that is gone has no file of settings.
  const previewed = namesIn(archives(workspace, ".used"))
    .map(decodeURIComponent)
    .filter((other) => other !== stack && existsSync(join(workspace, `Pulumi.${other}.yaml`)));
  if (previewed.some((other) => existsSync(join(notes(workspace, other), identity)))) return true;
  return namesIn(states).some((name) => {
    const other = /^(.+?)\.json(\.gz)?$/.exec(name);
    if (!other || other[1] === stack) return false;
    if (existsSync(join(notes(workspace, other[1]!), identity))) return true;
    const bytes = readFileSync(join(states, name));
    return (other[2] ? gunzipSync(bytes) : bytes).includes(identity);
  });
}
