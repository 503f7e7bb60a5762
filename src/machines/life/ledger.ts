/**
 * The ledger: a machine is a consumable, `fresh → started → spent`, and the workspace remembers it after the machine is
 * gone. A spent machine has left evidence and needs no process any more; one that was begun and left none proves
 * nothing and is replaced. Keys never get here.
 */
import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { EdgeError, parseFile } from "../../edges/edges.ts";
import { writeAtomic } from "../../storage/atomic-write.ts";
import { workspacePath } from "../../storage/folders.ts";
import { withLock } from "../../storage/lock.ts";

/** How far a machine has been used up. */
export const LifeStageSchema = z.enum(["fresh", "started", "spent"]);
export type LifeStage = z.output<typeof LifeStageSchema>;

/** One machine's entry: `.greenlight/machines/<id>.json`; times in ISO 8601, digests SHA-256 in hex. */
const EntryShape = z.object({
  schema: z.literal(1),
  id: z.string().regex(/^[0-9a-f]{10}$/),
  stack: z.string(),
  urn: z.string(),
  incarnation: z.number().int(),
  cell: z.string(),
  subject: z.string(),
  image: z.string(),
  stage: LifeStageSchema,
  createdAt: z.string(),
  startedAt: z.string().optional(),
  spentAt: z.string().optional(),
  /** digest of the evidence that a spent machine left */
  evidence: z.string().optional(),
});
export type Entry = z.output<typeof EntryShape>;

const OlderShape = z.looseObject({ phase: LifeStageSchema });

/** Entries from before call the stage a phase. */
const EntrySchema = z.preprocess((entry) => {
  const { data } = OlderShape.safeParse(entry);
  return data ? { ...data, stage: data.phase } : entry;
}, EntryShape);

function entryFile(workspace: string, id: string): string {
  return workspacePath(workspace, "machines", `${id}.json`);
}

/** The entry as it becomes when a proof begins. A machine that has already been begun or spent stays as it is. */
export function started(entry: Entry, now: string): Entry {
  return entry.stage === "fresh" ? { ...entry, stage: "started", startedAt: now } : entry;
}

/**
 * The entry as it becomes when evidence is stored. The same evidence again changes nothing.
 * @throws EdgeError when other evidence was left before: a machine proves once.
 */
export function spent(entry: Entry, evidence: string, now: string): Entry {
  if (entry.stage === "spent") {
    if (entry.evidence === evidence) return entry;
    throw new EdgeError(
      `Machine ${entry.id} of ${entry.cell} has already left evidence ${entry.evidence?.slice(0, 12)} and cannot leave another; prove the cell again on a fresh machine (rerun ${entry.cell}).`,
      "stored",
    );
  }
  return { ...entry, stage: "spent", startedAt: entry.startedAt ?? now, spentAt: now, evidence };
}

/** Writes a new machine down. */
export function enter(workspace: string, entry: Entry): void {
  writeAtomic(entryFile(workspace, entry.id), JSON.stringify(entry, null, 2) + "\n");
}

/** A machine's entry, or undefined when the workspace knows no such machine. @throws EdgeError when it is spoiled. */
export function lookUp(workspace: string, id: string): Entry | undefined {
  const file = entryFile(workspace, id);
  return existsSync(file)
    ? parseFile(EntrySchema, file, "delete the file; its machine then counts as unknown and is replaced")
    : undefined;
}

/** Changes an entry in one step. @throws EdgeError when there is none. */
export async function amend(workspace: string, id: string, change: (entry: Entry) => Entry): Promise<Entry> {
  return withLock(`${entryFile(workspace, id)}.lock`, 10, () => {
    const entry = lookUp(workspace, id);
    if (!entry)
      throw new EdgeError(
        `The ledger knows no machine ${id}; run the update again, which makes another one.`,
        "stored",
      );
    const next = change(entry);
    if (next !== entry) enter(workspace, next);
    return next;
  });
}

/** Strikes a machine out; not between the halves of a change, which would write it down again. */
export async function strike(workspace: string, id: string): Promise<void> {
  await withLock(`${entryFile(workspace, id)}.lock`, 10, () => rmSync(entryFile(workspace, id), { force: true }));
}

/** All entries, oldest first; a spoiled one is left out. */
export function entries(workspace: string): Entry[] {
  const folder = workspacePath(workspace, "machines");
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => /^[0-9a-f]{10}\.json$/.test(name)) : [];
  return names
    .flatMap((name) => {
      try {
        return [parseFile(EntrySchema, join(folder, name), "")];
      } catch {
        return [];
      }
    })
    .sort((a, b) => (a.createdAt < b.createdAt ? -1 : 1));
}
