/** A lock between processes of one host that a killed owner cannot keep: it names the process and when that started. */
import { readFileSync, renameSync, rmSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { randomBytes } from "node:crypto";
import { createAtomic } from "./atomic-write.ts";
import { EdgeError } from "../edges/edges.ts";

/** A process by number and start time (clock ticks since boot, /proc/PID/stat field 22), so that a reused number is told apart. */
export interface ProcessIdentity {
  pid: number;
  startTime: string;
}

/** Identity of a living process, or undefined when there is none by that number (a zombie counts as gone). */
export function processIdentity(pid: number): ProcessIdentity | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (fields[0] === "Z" || fields[0] === "X") return undefined;
    return { pid, startTime: fields[19] ?? "" };
  } catch {
    return undefined;
  }
}

/** Whether that very process still lives. */
export function isAlive(identity: ProcessIdentity): boolean {
  return processIdentity(identity.pid)?.startTime === identity.startTime;
}

function ownerOf(file: string): ProcessIdentity | undefined {
  try {
    const value = JSON.parse(readFileSync(file, "utf8")) as ProcessIdentity;
    return typeof value.pid === "number" ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Takes the lock if it is free or its owner is dead; answers a release function, or undefined when somebody has it. */
export function tryLock(file: string): (() => void) | undefined {
  const me = JSON.stringify(processIdentity(process.pid) ?? { pid: process.pid, startTime: "" });
  for (let attempt = 0; attempt < 2; attempt++) {
    if (createAtomic(file, me)) return () => rmSync(file, { force: true });
    const owner = ownerOf(file);
    if (owner && isAlive(owner)) return undefined;
    // The owner is dead. Of several who see that, one wins the rename; it looks again at what it took, since a
    // quicker one may have taken the lock in between.
    const taken = `${file}.dead-${randomBytes(6).toString("hex")}`;
    try {
      renameSync(file, taken);
    } catch {
      continue;
    }
    const moved = ownerOf(taken);
    if (moved && isAlive(moved)) {
      createAtomic(file, JSON.stringify(moved));
      rmSync(taken, { force: true });
      return undefined;
    }
    rmSync(taken, { force: true });
  }
  return undefined;
}

/**
 * Runs `work` while holding the lock; waits up to `waitSeconds` for it.
 * @throws EdgeError naming the owner when the lock stays taken.
 */
export async function withLock<T>(file: string, waitSeconds: number, work: () => Promise<T> | T): Promise<T> {
  const until = Date.now() + waitSeconds * 1000;
  for (;;) {
    const release = tryLock(file);
    if (release) {
      try {
        return await work();
      } finally {
        release();
      }
    }
    if (Date.now() >= until) {
      const owner = ownerOf(file);
      throw new EdgeError(
        `${file} is held by process ${owner?.pid ?? "unknown"} since more than ${waitSeconds} s; let it finish or stop it, then try again.`,
      );
    }
    await sleep(100);
  }
}
