/** Slots: as many machines run at a time on this host as it has cores, over all workspaces of the user; others wait. */
import { readFileSync, readdirSync, rmSync } from "node:fs";
import { availableParallelism } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { writeAtomic } from "../../storage/atomic-write.ts";
import { cachePath } from "../../storage/folders.ts";
import { withLock } from "../../storage/lock.ts";
import { isAlive, processIdentity } from "../../storage/process-identity.ts";
import type { ProcessIdentity } from "../../storage/process-identity.ts";
import { elapsed, type Report } from "../host/index.ts";

const SlotSchema = z.object({
  machine: z.string(),
  cell: z.string(),
  owner: z.object({ pid: z.number(), startTime: z.string() }),
});
type Slot = z.output<typeof SlotSchema>;

function slotFile(n: number): string {
  return cachePath("slots", `${n}.json`);
}

function readSlot(n: number): Slot | undefined {
  try {
    return SlotSchema.parse(JSON.parse(readFileSync(slotFile(n), "utf8")));
  } catch {
    return undefined;
  }
}

/** How many machines may run at a time. */
export function slotCount(): number {
  return Math.max(1, availableParallelism());
}

async function locked<T>(work: () => T): Promise<T> {
  return withLock(cachePath("slots", "lock"), 120, work);
}

/** A machine that wants a slot. */
export interface Claim {
  machine: string;
  cell: string;
  /** how much it will be asked to do, compared with the others' only */
  load: number;
}

/** Those of this process that wait. */
const waiting = new Set<Claim>();

/** Milliseconds between two tries; those who ask within the first of them are taken by their load. */
const pause = 200;

/** Whether it is a claim's turn: nobody who waits has more to do. Begun last, the longest would keep everybody waiting with the other slots empty. */
function isNext(claim: Claim): boolean {
  return [...waiting].every((other) => other.load <= claim.load);
}

/**
 * Takes a slot for a machine that is about to be started; while all are taken it waits and says for whom.
 * The slot belongs to this process until {@link passSlot} gives it to the machine's guard.
 */
export async function claimSlot(claim: Claim, report: Report, signal?: AbortSignal): Promise<void> {
  waiting.add(claim);
  try {
    await waitForSlot(claim, report, signal);
  } finally {
    waiting.delete(claim);
  }
}

async function waitForSlot(claim: Claim, report: Report, signal?: AbortSignal): Promise<void> {
  const { machine, cell } = claim;
  const started = performance.now();
  for (let said = -Infinity; ;) {
    await sleep(pause, undefined, signal ? { signal } : {});
    const holders = await locked(() => {
      const cells: string[] = [];
      for (let n = 0; n < slotCount(); n++) {
        const slot = readSlot(n);
        if (slot && isAlive(slot.owner)) cells.push(slot.cell);
        else if (isNext(claim)) {
          writeAtomic(
            slotFile(n),
            JSON.stringify({ machine, cell, owner: processIdentity(process.pid)! } satisfies Slot),
          );
          return undefined;
        }
      }
      return cells;
    });
    if (!holders) return;
    if (holders.length === slotCount() && performance.now() - said > 10_000) {
      report(
        `waiting for a machine slot (${holders.length} of ${holders.length} used by ${holders.join(", ")}), ${elapsed(started)}`,
      );
      said = performance.now();
    }
  }
}

/** Gives a claimed slot to the process whose end frees it. */
export async function passSlot(machine: string, owner: ProcessIdentity): Promise<void> {
  await locked(() =>
    eachSlot((n, slot) => slot.machine === machine && writeAtomic(slotFile(n), JSON.stringify({ ...slot, owner }))),
  );
}

/** Frees a machine's slot, also while the machine lives on (it has been used up and only waits to be looked at). */
export async function freeSlot(machine: string): Promise<void> {
  await locked(() => eachSlot((n, slot) => slot.machine === machine && rmSync(slotFile(n), { force: true })));
}

/** Removes slots whose owners are dead, and half-written files of dead processes. */
export async function sweepSlots(): Promise<void> {
  await locked(() => {
    eachSlot((n, slot) => !isAlive(slot.owner) && rmSync(slotFile(n), { force: true }));
    for (const name of readdirSync(cachePath("slots"))) {
      const pid = /^\.tmp-(\d+)-/.exec(name)?.[1];
      if (pid && !processIdentity(Number(pid))) rmSync(cachePath("slots", name), { force: true });
    }
  });
}

function eachSlot(work: (n: number, slot: Slot) => unknown): void {
  let names: string[] = [];
  try {
    names = readdirSync(cachePath("slots"));
  } catch {
    // No slot was ever taken.
  }
  for (const name of names) {
    const n = Number(/^(\d+)\.json$/.exec(name)?.[1] ?? NaN);
    const slot = Number.isNaN(n) ? undefined : readSlot(n);
    if (slot) work(n, slot);
  }
}
