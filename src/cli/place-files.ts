/**
 * Putting files that belong together into a folder: all of them or none, over earlier ones of the same names. What was begun
 * is written down in a folder of our own beside them, so that the next run takes back what a killed one has left half done.
 */
import { existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { lstat } from "node:fs/promises";
import { basename, join } from "node:path";
import { z } from "zod";
import { EdgeError, parseJson } from "../edges/edges.ts";
import { syncFolder, writeAtomic } from "../storage/atomic-write.ts";
import { processIdentity } from "../storage/process-identity.ts";

/** A stage's name: of this kind, and of the process that it belongs to. */
const stageName = /^\.part-(\d+)-/;
const JOURNAL = "placing.json";
const JournalSchema = z.array(z.object({ name: z.string(), from: z.string() }));

/** @throws EdgeError when something that is no file has one of these names: it would be found out when half of them are there. */
export async function requireFree(files: readonly string[], remedy: string): Promise<void> {
  for (const file of files) {
    const there = await lstat(file).catch(() => undefined);
    if (there && !there.isFile() && !there.isSymbolicLink())
      throw new EdgeError(
        `${file} is ${there.isDirectory() ? "a folder" : "not a regular file"}; take it away, or ${remedy}.`,
      );
  }
}

/** Whether anything has the name, be it a link that leads nowhere. */
function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

/** Puts back what was there before a placing that did not come to its end. */
function takeBack(folder: string, stage: string, journal: z.output<typeof JournalSchema>): void {
  for (const { name, from } of journal) {
    if (!existsSync(join(stage, from))) rmSync(join(folder, name), { force: true });
    const earlier = join(stage, "earlier", name);
    if (isThere(earlier)) renameSync(earlier, join(folder, name));
  }
  rmSync(join(stage, JOURNAL), { force: true });
}

/** Removes the stages of processes that are gone; what one had placed in part is taken back first. */
function sweepStages(folder: string): void {
  for (const name of readdirSync(folder)) {
    const pid = stageName.exec(name)?.[1];
    if (pid === undefined || processIdentity(Number(pid))) continue;
    const stage = join(folder, name);
    if (existsSync(join(stage, JOURNAL)))
      takeBack(
        folder,
        stage,
        parseJson(JournalSchema, readFileSync(join(stage, JOURNAL), "utf8"), {
          what: join(stage, JOURNAL),
          remedy: `look into ${stage}, then remove it`,
        }),
      );
    rmSync(stage, { recursive: true, force: true });
  }
}

/** @throws EdgeError when nothing can be made in `folder` */
function makeStage(folder: string, remedy: string): string {
  try {
    sweepStages(folder);
    return mkdtempSync(join(folder, `.part-${process.pid}-`));
  } catch (e) {
    if (e instanceof EdgeError) throw e;
    throw new EdgeError(
      `${folder} cannot be written into (${(e as NodeJS.ErrnoException).code}); make it writable, or ${remedy}.`,
    );
  }
}

/**
 * Does `work` with an empty folder below `folder`, which goes with it: when it ends, when the process is ended from outside,
 * or, after a process was killed, with the next call.
 * @throws EdgeError when nothing can be made in `folder`
 */
export async function withStage<T>(
  folder: string,
  interrupted: number,
  remedy: string,
  work: (stage: string) => Promise<T>,
): Promise<T> {
  let stage: string | undefined;
  const remove = (): void => {
    if (stage !== undefined) rmSync(stage, { recursive: true, force: true });
  };
  const end = (): never => {
    remove();
    process.exit(interrupted);
  };
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  // Before the folder is made, and that without waiting: no signal finds a folder that nobody would remove.
  for (const signal of signals) process.on(signal, end);
  try {
    return await work((stage = makeStage(folder, remedy)));
  } finally {
    remove();
    for (const signal of signals) process.off(signal, end);
  }
}

/**
 * Moves `files`, which lie below `stage`, into `folder`, in this order. In one go: no signal comes between.
 * @returns where they are, in the same order
 * @throws EdgeError when one of them cannot be placed; what was there before is there again
 */
export function placeTogether(files: readonly string[], folder: string, stage: string): string[] {
  const journal = files.map((file) => ({ name: basename(file), from: file.slice(stage.length + 1) }));
  try {
    mkdirSync(join(stage, "earlier"), { recursive: true });
    writeAtomic(join(stage, JOURNAL), JSON.stringify(journal));
    for (const { name } of journal)
      if (isThere(join(folder, name))) renameSync(join(folder, name), join(stage, "earlier", name));
    for (const { name, from } of journal) renameSync(join(stage, from), join(folder, name));
    syncFolder(folder);
    rmSync(join(stage, JOURNAL));
  } catch (e) {
    if (existsSync(join(stage, JOURNAL))) takeBack(folder, stage, journal);
    throw new EdgeError(
      `The archives cannot be put into ${folder} (${(e as NodeJS.ErrnoException).code ?? (e as Error).message}); what was there is there again.`,
    );
  }
  return journal.map(({ name }) => join(folder, name));
}
