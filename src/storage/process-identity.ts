/** A process by more than its number, which is used again: what machines and slots belong to. */
import { readFileSync } from "node:fs";

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
