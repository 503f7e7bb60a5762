/** A stack on this host: made when it is missing, its settings changed as `pulumi config set` would, mended after a crash. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { EdgeError, parseJson, parseFile } from "../edges/edges.ts";
import { processIdentity } from "../storage/process-identity.ts";
import { workspacePath } from "../storage/folders.ts";
import { pulumi, pulumiOrFail } from "./engine.ts";

const project = "greenlight";

/**
 * Makes the stack when it does not exist yet. A stack is what has a file of settings; another name is a slip.
 * @throws EdgeError naming the stacks that there are.
 */
export async function ensureStack(workspace: string, stack: string): Promise<void> {
  const names = readdirSync(workspace).flatMap((name) => /^Pulumi\.([A-Za-z0-9_-]+)\.yaml$/.exec(name)?.[1] ?? []);
  if (!names.includes(stack)) throw new EdgeError(`There is no stack ${JSON.stringify(stack)} here; use one of ${names.join(", ") || "none"}, or write Pulumi.<name>.yaml with at least its greenlight:channel.`);
  mkdirSync(workspacePath(workspace, "state"), { recursive: true });
  const folder = workspacePath(workspace, "state", ".pulumi", "stacks", project);
  if (existsSync(join(folder, `${stack}.json`))) return;
  // The first stack becomes the one that plain `pulumi` works on; a later one does not take its place.
  const first = !existsSync(folder) || readdirSync(folder).length === 0;
  await pulumiOrFail(workspace, ["stack", "init", stack, "--secrets-provider", "passphrase", ...(first ? [] : ["--no-select"])]);
}

const ConfigSchema = z.record(z.string(), z.object({ value: z.string().optional(), objectValue: z.unknown().optional() }));

/** The stack's settings as the engine reads them. */
export async function stackConfig(workspace: string, stack: string): Promise<z.output<typeof ConfigSchema>> {
  const text = await pulumiOrFail(workspace, ["config", "--json", "--stack", stack]);
  return parseJson(ConfigSchema, text, { what: "`pulumi config --json`", remedy: "run it by hand to see what it says" });
}

/** Sets `greenlight:<key>` of the stack. */
export async function setConfig(workspace: string, stack: string, key: string, value: string, options: { path?: boolean; plaintext?: boolean } = {}): Promise<void> {
  await pulumiOrFail(workspace, ["config", "set", ...(options.path ? ["--path"] : []), "--stack", stack, `${project}:${key}`, "--", value]);
}

const LockSchema = z.object({ pid: z.number(), hostname: z.string(), timestamp: z.string() });

/** Ticks a second of the start times in /proc (USER_HZ, which is 100 on every architecture of Linux that Node runs on). */
const ticksPerSecond = 100;

/** Whether the process that took the lock still lives: one by its number that began later is another. */
function holds(lock: z.output<typeof LockSchema>): boolean {
  const now = processIdentity(lock.pid);
  if (!now) return false;
  const boot = Number(/^btime (\d+)$/m.exec(readFileSync("/proc/stat", "utf8"))?.[1] ?? 0);
  const began = boot + Number(now.startTime) / ticksPerSecond;
  return began <= Date.parse(lock.timestamp) / 1000 + 2;
}

/**
 * Clears what a killed engine left: its lock, if it names this host and a dead process, and the creates that it had begun,
 * which the machines' own ledger settles.
 * @throws EdgeError when another update of the stack is running.
 */
export async function recoverStack(workspace: string, stack: string, write: (line: string) => void): Promise<void> {
  const folder = workspacePath(workspace, "state", ".pulumi", "locks", "organization", project, stack);
  const locks = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".json")) : [];
  if (locks.length === 0) return;
  for (const name of locks) {
    const file = join(folder, name);
    const lock = parseFile(LockSchema, file, "run `pulumi cancel` when no update is running");
    if (lock.hostname !== hostname()) throw new EdgeError(`Stack ${stack} is locked by process ${lock.pid} on ${lock.hostname}; run \`pulumi cancel --stack ${stack}\` there when no update is running.`);
    if (holds(lock)) throw new EdgeError(`Stack ${stack} is being updated by process ${lock.pid}; wait for it or stop it, then try again.`);
    rmSync(file, { force: true });
    write(`The last update of ${stack} was killed (process ${lock.pid} is gone); its lock is cleared.`);
  }
  await forgetPendingCreates(workspace, stack, write);
}

/** Machines and archives that were being made when the engine died are found by their own records, so the state need not wait for them. */
async function forgetPendingCreates(workspace: string, stack: string, write: (line: string) => void): Promise<void> {
  const file = workspacePath(workspace, "state", ".pulumi", "stacks", project, `${stack}.json`);
  const checkpoint = JSON.parse(readFileSync(file, "utf8")) as { checkpoint?: { latest?: { pending_operations?: unknown[] } } };
  const pending = checkpoint.checkpoint?.latest?.pending_operations ?? [];
  if (pending.length === 0) return;
  const { code, stderr } = await pulumi(workspace, ["refresh", "--yes", "--skip-preview", "--clear-pending-creates", "--stack", stack]);
  if (code !== 0) throw new EdgeError(`The state of ${stack} has ${pending.length} unfinished operations that could not be cleared: ${stderr.trim()}`);
  write(`${pending.length} unfinished operations of the killed update are cleared.`);
}
