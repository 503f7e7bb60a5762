/** A command as users run it, measured whole: its time, the processor's time in all of its processes, and the most memory that they held. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";

export interface Measured {
  /** seconds from its start to its end */
  wall: number;
  /** seconds of processors, user and system, in it and its children */
  processor: number;
  /** MB of all of its processes together, at the most */
  memory: number;
}

/** Ticks of Linux's clock in a second, in which /proc counts. */
const TICKS = 100;
/** Milliseconds between looks at memory; what a process held at the most is kept by the system until it ends. */
const LOOK = 15;

const statOf = (pid: number | string): string[] => {
  const text = readFileSync(`/proc/${pid}/stat`, "utf8");
  return text.slice(text.lastIndexOf(")") + 2).split(" ");
};

/** Seconds that ended children of this process took. */
function childrenTime(): number {
  const fields = statOf("self");
  return (Number(fields[13]) + Number(fields[14])) / TICKS;
}

/** A process and all that it has started. */
function treeOf(root: number): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync("/proc"))
    if (/^\d+$/.test(name))
      try {
        parents.set(Number(name), Number(statOf(name)[1]));
      } catch {
        // It has ended meanwhile.
      }
  const tree = [root];
  for (const pid of tree) for (const [child, parent] of parents) if (parent === pid) tree.push(child);
  return tree;
}

/** Most memory of each of the processes so far, in MB; nothing for those that have ended. */
function look(root: number, most: Map<number, number>): void {
  for (const pid of treeOf(root))
    try {
      const found = /VmHWM:\s*(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
      if (found) most.set(pid, (Number(found[1]) * 1024) / 1e6);
    } catch {
      // It has ended meanwhile.
    }
}

/** Runs a command to its end. `memory`: also look at its memory, which takes time from it. @throws Error when it does not end with 0 */
export async function measured(
  command: string,
  args: readonly string[],
  { cwd, memory = false }: { cwd: string; memory?: boolean },
): Promise<Measured> {
  const most = new Map<number, number>();
  const [began, used] = [performance.now(), childrenTime()];
  const child = spawn(command, args, { cwd, stdio: "ignore" });
  const looking = memory ? setInterval(() => look(child.pid!, most), LOOK) : undefined;
  const [code] = (await once(child, "close")) as [number | null];
  clearInterval(looking);
  const wall = (performance.now() - began) / 1000;
  if (code !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${code}`);
  return { wall, processor: childrenTime() - used, memory: [...most.values()].reduce((sum, mb) => sum + mb, 0) };
}
