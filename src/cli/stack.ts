/** A stack on this host: made when it is missing, its settings changed as `pulumi config set` would, mended after a crash. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { EdgeError, parseJson, parseFile } from "../edges/edges.ts";
import { processIdentity } from "../storage/process-identity.ts";
import { workspacePath } from "../storage/folders.ts";
import { pulumi, pulumiOrFail } from "./engine.ts";
import { didYouMean } from "../edges/nearest.ts";
import type { StateCopy } from "./state-copy.ts";
import { project, readState, stateFolder, stateNames } from "./state-file.ts";

/** The stacks that have a file of settings: another name is a slip. */
export function stacksWithSettings(workspace: string): string[] {
  return readdirSync(workspace).flatMap((name) => /^Pulumi\.([A-Za-z0-9_.-]+)\.yaml$/.exec(name)?.[1] ?? []);
}

/**
 * Looks before anything runs: whether there is such a stack, and whether its state can be used.
 * @returns whether the stack was made already
 * @throws EdgeError naming the stacks that there are, or what is wrong with the state.
 */
export function requireStack(workspace: string, stack: string): boolean {
  const names = stacksWithSettings(workspace);
  if (!names.includes(stack)) {
    const known = `use one of ${names.join(", ") || "none"}, or write Pulumi.<name>.yaml with at least its greenlight:channel`;
    throw new EdgeError(`There is no stack ${JSON.stringify(stack)} here; ${known}${didYouMean(stack, names) || "."}`);
  }
  return readState(workspace, stack) !== undefined;
}

/** Makes the stack when it does not exist yet. @throws EdgeError as {@link requireStack} does */
export async function ensureStack(workspace: string, stack: string): Promise<void> {
  if (requireStack(workspace, stack)) return;
  mkdirSync(workspacePath(workspace, "state"), { recursive: true });
  // The first stack becomes the one that plain `pulumi` works on; a later one does not take its place.
  const first = stateNames(workspace).length === 0;
  await pulumiOrFail(workspace, [
    "stack",
    "init",
    stack,
    "--secrets-provider",
    "passphrase",
    ...(first ? [] : ["--no-select"]),
  ]);
}

const ConfigSchema = z.record(
  z.string(),
  z.object({ value: z.string().optional(), objectValue: z.unknown().optional() }),
);

/** The stack's settings as the engine reads them, or those of a copy of its state. */
export async function stackConfig(
  workspace: string,
  stack: string,
  copy?: StateCopy,
): Promise<z.output<typeof ConfigSchema>> {
  const args = ["config", "--json", "--stack", stack, ...(copy ? ["--config-file", copy.settings] : [])];
  const text = await pulumiOrFail(workspace, args, copy ? { backend: copy.backend } : {});
  return parseJson(ConfigSchema, text, {
    what: "`pulumi config --json`",
    remedy: "run it by hand to see what it says",
  });
}

/**
 * What a stack that promotes asks before anything runs.
 * @param from the stack that it promotes from
 * @param candidate what was given as `--candidate`
 * @throws EdgeError when a candidate is given, which it would not use, or when the stack that is promoted from is not there, perhaps
 *   under its name any more, or its state is not usable
 */
export function requireSource(workspace: string, stack: string, from: string, candidate: string | undefined): void {
  if (candidate !== undefined)
    throw new EdgeError(
      `Stack ${stack} promotes what stack ${from} released and takes no candidate; leave out --candidate, or name another stack with --stack.`,
    );
  // A stack that was renamed leaves a backup under its old name, and its file of settings goes along.
  const settings = stacksWithSettings(workspace);
  if (settings.includes(from) && readState(workspace, from) !== undefined) return;
  const others = settings.filter((name) => name !== stack && name !== from);
  const remedy =
    others.length > 0 && !settings.includes(from)
      ? `there are ${others.join(", ")}: set greenlight:promoteFrom in Pulumi.${stack}.yaml to the one that is meant`
      : `release with \`npm start -- up --stack ${from}\` first`;
  throw new EdgeError(`Stack ${stack} promotes from stack ${from}, which does not exist; ${remedy}.`);
}

/** Sets `greenlight:<key>` of the stack. */
export async function setConfig(
  workspace: string,
  stack: string,
  key: string,
  value: string,
  options: { path?: boolean; plaintext?: boolean } = {},
): Promise<void> {
  await pulumiOrFail(workspace, [
    "config",
    "set",
    ...(options.path ? ["--path"] : []),
    "--stack",
    stack,
    `${project}:${key}`,
    "--",
    value,
  ]);
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

/** The files by which the engine knows that a stack is locked. */
function locksOf(workspace: string, stack: string): string[] {
  const folder = stateFolder(workspace, "locks", "organization", project, stack);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith(".json"))
    .map((name) => join(folder, name));
}

/** Whether another update of the stack is at work: one on another host is taken for alive. */
export function isLocked(workspace: string, stack: string): boolean {
  return locksOf(workspace, stack).some((file) => {
    try {
      const lock = parseFile(LockSchema, file, "wait for it");
      return lock.hostname !== hostname() || holds(lock);
    } catch (e) {
      if (e instanceof EdgeError) return false;
      throw e;
    }
  });
}

/**
 * Clears what a killed engine left: its lock, if it names this host and a dead process, and the creates that it had begun,
 * which the machines' own ledger settles.
 * @throws EdgeError when another update of the stack is running.
 */
export async function recoverStack(workspace: string, stack: string, write: (line: string) => void): Promise<void> {
  const state = readState(workspace, stack);
  const locks = locksOf(workspace, stack);
  if (locks.length === 0) return;
  for (const file of locks) {
    const lock = parseFile(LockSchema, file, "run `pulumi cancel` when no update is running");
    if (lock.hostname !== hostname())
      throw new EdgeError(
        `Stack ${stack} is locked by process ${lock.pid} on ${lock.hostname}; run \`pulumi cancel --stack ${stack}\` there when no update is running.`,
        "busy",
      );
    if (holds(lock))
      throw new EdgeError(
        `Stack ${stack} is being updated by process ${lock.pid}; wait for it or stop it, then try again.`,
        "busy",
      );
    rmSync(file, { force: true });
    write(`The last update of ${stack} was killed (process ${lock.pid} is gone); its lock is cleared.`);
  }
  await forgetPendingCreates(workspace, stack, state?.checkpoint.latest?.pending_operations?.length ?? 0, write);
}

/** Machines and archives that were being made when the engine died are found by their own records, so the state need not wait for them. */
async function forgetPendingCreates(
  workspace: string,
  stack: string,
  pending: number,
  write: (line: string) => void,
): Promise<void> {
  if (pending === 0) return;
  const { code, stderr } = await pulumi(workspace, [
    "refresh",
    "--yes",
    "--skip-preview",
    "--clear-pending-creates",
    "--stack",
    stack,
  ]);
  if (code !== 0)
    throw new EdgeError(
      `The state of ${stack} has ${pending} unfinished operations that could not be cleared: ${stderr.trim()}`.split(
        "\n",
      ),
      "stored",
    );
  write(`${pending} unfinished operations of the killed update are cleared.`);
}
