/**
 * The guard gives every machine its end: `timeout -s KILL LIMIT setpriv --pdeathsig KILL qemu…` in a session of its own
 * with closed standard streams. At the limit both die; when the guard is killed QEMU dies with it; when QEMU ends, so
 * does the guard. Nothing has to live on for that, neither this process nor the engine: so it is started by Node itself, since
 * execa waits for every child that it starts.
 */
import { spawn } from "node:child_process";
import { closeSync, openSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isAlive, processIdentity } from "../../storage/process-identity.ts";
import type { ProcessIdentity } from "../../storage/process-identity.ts";

/** The arguments after `timeout`, for the record and for tests. */
export function guardArguments(lifeSeconds: number, qemu: string[]): string[] {
  return ["-s", "KILL", String(lifeSeconds), "setpriv", "--pdeathsig", "KILL", "qemu-system-x86_64", ...qemu];
}

/** Starts QEMU under a guard that outlives this process. QEMU's complaints go to `qemu.log` in `folder`. */
export function startGuarded(folder: string, lifeSeconds: number, qemu: string[]): ProcessIdentity {
  return launch("timeout", guardArguments(lifeSeconds, qemu), folder, true);
}

/** Starts QEMU under a guard that dies with this process: for what is only being built. */
export function startBound(folder: string, lifeSeconds: number, qemu: string[]): ProcessIdentity {
  return launch("setpriv", ["--pdeathsig", "KILL", "timeout", ...guardArguments(lifeSeconds, qemu)], folder, false);
}

function launch(command: string, args: string[], folder: string, detached: boolean): ProcessIdentity {
  const log = openSync(join(folder, "qemu.log"), "w", 0o600);
  try {
    // `detached` makes the child the leader of a new session, as setsid does.
    const child = spawn(command, args, { stdio: ["ignore", log, log], detached, cwd: "/" });
    child.on("error", () => undefined);
    child.unref();
    const identity = child.pid === undefined ? undefined : processIdentity(child.pid);
    if (!identity) throw new Error(`${command} could not be started`);
    return identity;
  } finally {
    closeSync(log);
  }
}

/** The QEMU that a guard watches: its only child. */
export function guardedQemu(guard: ProcessIdentity): ProcessIdentity | undefined {
  try {
    const pid = Number(readFileSync(`/proc/${guard.pid}/task/${guard.pid}/children`, "utf8").trim().split(" ")[0]);
    return pid > 0 ? processIdentity(pid) : undefined;
  } catch {
    return undefined;
  }
}

/** Kills the very processes named, and waits until nothing of them is left. A number that was reused is left alone. */
export async function endProcesses(processes: (ProcessIdentity | undefined)[]): Promise<void> {
  const these = processes.filter((p) => p !== undefined);
  for (const p of these) {
    try {
      if (isAlive(p)) process.kill(p.pid, "SIGKILL");
    } catch {
      // It ended by itself.
    }
  }
  for (let i = 0; i < 500 && these.some(lingers); i++) await sleep(10);
}

/** Whether a process still holds anything: a killed one looks dead when its first thread is, while others still keep its files open. */
function lingers(p: ProcessIdentity): boolean {
  try {
    const stat = readFileSync(`/proc/${p.pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (fields[19] !== p.startTime) return false;
    return fields[0] !== "Z" || readdirSync(`/proc/${p.pid}/task`).length > 1;
  } catch {
    return false;
  }
}

/** Processes that run the machine of this name (`-name greenlight-<id>`), found in the process list: for one whose creator died before it could write them down. */
export function processesNamed(name: string): ProcessIdentity[] {
  const found: ProcessIdentity[] = [];
  for (const entry of readdirSync("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const args = readFileSync(`/proc/${entry}/cmdline`, "utf8").split("\0");
      if (args[args.indexOf("-name") + 1] !== name || !args.includes("-name")) continue;
      const identity = processIdentity(Number(entry));
      if (identity) found.push(identity);
    } catch {
      // It ended meanwhile.
    }
  }
  return found;
}

/** What QEMU said last before it ended, for a sentence. */
export function lastWords(folder: string): string {
  try {
    return readFileSync(join(folder, "qemu.log"), "utf8").trim().split("\n").pop() ?? "";
  } catch {
    return "";
  }
}
