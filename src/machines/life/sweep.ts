/** Ending machines and clearing away: by one id, by owner, and whatever dead machines left. A live machine of others is never touched. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { EdgeError } from "../../edges/edges.ts";
import { amend, entries, lookUp, spent, started, strike } from "./ledger.ts";
import type { Entry, LifeStage } from "./ledger.ts";
import {
  endProcesses,
  folderAge,
  isMachineId,
  isRunning,
  machineFolder,
  machineIds,
  processesNamed,
  readRecord,
  removeFolders,
} from "../host/index.ts";
import { freeSlot, sweepSlots } from "./slots.ts";

/** What is known of a machine: from the ledger, and whether it runs now. */
export interface MachineState {
  stage: LifeStage | "unknown";
  alive: boolean;
  cell?: string;
  subject?: string;
  incarnation?: number;
  /** digest of the evidence that it left */
  evidence?: string;
}

/** A machine's state. `alive` is true only for one that is up, not while it is being made. */
export async function machineState(workspace: string, id: string): Promise<MachineState> {
  const entry = lookUp(workspace, id);
  const record = readRecord(id);
  const alive = record !== undefined && record.ready && isRunning(record);
  if (!entry) return { stage: "unknown", alive };
  const { stage, cell, subject, incarnation, evidence } = entry;
  return { stage, alive, cell, subject, incarnation, ...(evidence ? { evidence } : {}) };
}

/** The machine that was made last for a resource of a stack, or undefined when the ledger has none. */
export async function latestMachine(owner: {
  workspace: string;
  stack: string;
  urn: string;
}): Promise<Entry | undefined> {
  return entries(owner.workspace).findLast((entry) => entry.stack === owner.stack && entry.urn === owner.urn);
}

/** Writes down that a proof has begun. */
export async function markStarted(workspace: string, id: string): Promise<void> {
  await amend(workspace, id, (entry) => started(entry, new Date().toISOString()));
}

/** Writes down that evidence is stored, and frees the machine's slot; it may live on to be looked at, until it is stopped. */
export async function markSpent(workspace: string, id: string, evidence: string): Promise<void> {
  await amend(workspace, id, (entry) => spent(entry, evidence, new Date().toISOString()));
  await freeSlot(id);
}

/** Ends a machine and removes its folder; the ledger keeps it. Nothing happens when it is gone already. */
export async function stopMachine(id: string): Promise<void> {
  if (!isMachineId(id)) return;
  const record = readRecord(id);
  await endProcesses([record?.guard, record?.qemu, ...processesNamed(`greenlight-${id}`)]);
  removeFolders(id, record);
  await freeSlot(id);
}

/**
 * Whether a machine is of this workspace, and of the stack where one is given, by its own record or by the workspace's ledger.
 * An id may come from a state's text, which may name any.
 */
function isOwn(workspace: string, id: string, stack: string | undefined): boolean {
  const owner = readRecord(id)?.owner;
  const entry = entries(workspace).find((each) => each.id === id);
  const ofStack = (name: string): boolean => stack === undefined || name === stack;
  return (owner?.workspace === workspace && ofStack(owner.stack)) || (entry !== undefined && ofStack(entry.stack));
}

/** Ends a machine of a stack and removes its folder; the ledger keeps it. Another's is left alone. */
export async function stopOwnMachine(workspace: string, id: string, stack: string): Promise<void> {
  if (isOwn(workspace, id, stack)) await stopMachine(id);
}

/** Ends a machine and strikes it out of the ledger; one of another workspace, or of another stack than the one given, is left alone. */
export async function deleteMachine(workspace: string, id: string, stack?: string): Promise<void> {
  if (!isOwn(workspace, id, stack)) return;
  await stopMachine(id);
  await strike(workspace, id);
}

/** Ends all machines of a resource of a stack, or of the whole stack when no URN is given. The ledger keeps them. */
export async function reap(owner: { workspace: string; stack: string; urn?: string }): Promise<void> {
  for (const id of machineIds()) {
    const record = readRecord(id);
    if (!record || record.owner.workspace !== owner.workspace || record.owner.stack !== owner.stack) continue;
    if (owner.urn === undefined || record.owner.urn === owner.urn) await stopMachine(id);
  }
}

/** Removes what dead machines left: folders, overlays, sockets, keys, slots, and a QEMU whose creator died before it was written down. */
export async function sweep(): Promise<void> {
  for (const id of machineIds()) {
    const record = readRecord(id);
    // Without a record: either just begun, or its creator died in that moment.
    if (record ? isRunning(record) : folderAge(id) < 60) continue;
    await stopMachine(id);
  }
  await sweepSlots();
}

/** A machine that runs now. */
export interface RunningMachine {
  id: string;
  stack: string;
  urn: string;
  cell: string;
  alive: boolean;
  /** ISO 8601: created, and when its guard ends it */
  createdAt: string;
  until: string;
}

/** Machines that have a folder now, of a workspace and a stack or of all. */
export async function listMachines(which: { workspace?: string; stack?: string } = {}): Promise<RunningMachine[]> {
  return machineIds().flatMap((id) => {
    const record = readRecord(id);
    if (
      !record ||
      (which.workspace && record.owner.workspace !== which.workspace) ||
      (which.stack && record.owner.stack !== which.stack)
    )
      return [];
    const { stack, urn } = record.owner;
    return [
      {
        id,
        stack,
        urn,
        cell: record.cell,
        alive: record.ready && isRunning(record),
        createdAt: record.createdAt,
        until: record.until,
      },
    ];
  });
}

/** What is needed to connect to a machine that lives. */
export interface MachineAccess {
  host: "127.0.0.1";
  port: number;
  user: "root";
  privateKey: string;
  hostKey: string;
  /** file of the private key, 0600 */
  keyFile: string;
}

/** How to reach a live machine. @throws EdgeError when it is gone or of another workspace. */
export async function machineAccess(workspace: string, id: string): Promise<MachineAccess> {
  const record = readRecord(id);
  const keyFile = join(machineFolder(id), "key");
  if (
    !record?.ready ||
    !isRunning(record) ||
    record.owner.workspace !== workspace ||
    !record.port ||
    !record.hostKey ||
    !existsSync(keyFile)
  ) {
    throw new EdgeError(`Machine ${id} does not run any more; run the cell again to get another.`, "machine");
  }
  return {
    host: "127.0.0.1",
    port: record.port,
    user: "root",
    privateKey: readFileSync(keyFile, "utf8"),
    hostKey: record.hostKey,
    keyFile,
  };
}
