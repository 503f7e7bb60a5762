/**
 * A running machine's folder in the user's cache: overlay, console, client key and the record of the processes that keep
 * it alive. Everything about a machine that is not in the workspace's ledger is here, and goes with it.
 */
import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { writeAtomic } from "../../storage/atomic-write.ts";
import { cachePath } from "../../storage/folders.ts";
import { isAlive } from "../../storage/process-identity.ts";

const ProcessSchema = z.object({ pid: z.number().int().positive(), startTime: z.string() });

/** Who a machine belongs to: the workspace's folder, the stack's name and the resource's URN. */
export const OwnerSchema = z.object({ workspace: z.string(), stack: z.string(), urn: z.string() });
export type Owner = z.output<typeof OwnerSchema>;

/** `record.json` of a machine's folder. */
export const RecordSchema = z.object({
  schema: z.literal(1),
  id: z.string(),
  owner: OwnerSchema,
  cell: z.string(),
  /** the process that is starting the machine; it does not matter any more once the machine is ready */
  creator: ProcessSchema,
  /** the process that ends the machine at its limit, and whose death ends it too */
  guard: ProcessSchema.optional(),
  qemu: ProcessSchema.optional(),
  ready: z.boolean(),
  createdAt: z.string(),
  /** when the guard ends it */
  until: z.string(),
  /** folder of the sockets, elsewhere when the cache's path is too long for them */
  runFolder: z.string(),
  port: z.number().int().optional(),
  hostKey: z.string().optional(),
});
export type MachineRecord = z.output<typeof RecordSchema>;

/** Longest path of a Unix socket, sun_path of sockaddr_un (108 bytes with its end), less the longest socket name here. */
const longestRunFolder = 107 - "/identity.sock".length;

/** Ids are ten hex digits; nothing else becomes part of a path. */
export function isMachineId(id: string): boolean {
  return /^[0-9a-f]{10}$/.test(id);
}

export function machineFolder(id: string): string {
  return cachePath("machines", id);
}

/** Makes the machine's folder and, where its path is too long for sockets, a short one besides. Answers the latter. */
export function makeFolders(id: string): string {
  const folder = machineFolder(id);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700);
  const run = runFolderFor(folder, id);
  if (run !== folder) mkdirSync(run, { mode: 0o700 });
  return run;
}

/** Where a machine's sockets go. */
export function runFolderFor(folder: string, id: string): string {
  if (Buffer.byteLength(folder) <= longestRunFolder) return folder;
  const short = join(tmpdir(), `greenlight-${id}`);
  return Buffer.byteLength(short) <= longestRunFolder ? short : `/tmp/greenlight-${id}`;
}

export function writeRecord(record: MachineRecord): void {
  writeAtomic(join(machineFolder(record.id), "record.json"), JSON.stringify(record, null, 2) + "\n", 0o600);
}

/** The record of a machine that has a folder; undefined when it has none or it cannot be read. */
export function readRecord(id: string): MachineRecord | undefined {
  if (!isMachineId(id)) return undefined;
  try {
    return RecordSchema.parse(JSON.parse(readFileSync(join(machineFolder(id), "record.json"), "utf8")));
  } catch {
    return undefined;
  }
}

/** Names of all machine folders. */
export function machineIds(): string[] {
  return existsSync(cachePath("machines")) ? readdirSync(cachePath("machines")).filter(isMachineId) : [];
}

/** Whether the machine runs, or is being started by a process that lives. */
export function isRunning(record: MachineRecord): boolean {
  if (!record.ready && isAlive(record.creator)) return true;
  return record.ready && record.guard !== undefined && isAlive(record.guard);
}

/** Removes a machine's folders. */
export function removeFolders(id: string, record: MachineRecord | undefined): void {
  const folder = machineFolder(id);
  const run = record?.runFolder ?? runFolderFor(folder, id);
  // Only ever a folder of this very machine, whatever the record says.
  if (run !== folder && run.endsWith(`/greenlight-${id}`)) rmSync(run, { recursive: true, force: true });
  rmSync(folder, { recursive: true, force: true });
}

/** Seconds since a folder was last changed, for one without a record (its creator died, or has just begun). */
export function folderAge(id: string): number {
  try {
    return (Date.now() - statSync(machineFolder(id)).mtimeMs) / 1000;
  } catch {
    return 0;
  }
}
