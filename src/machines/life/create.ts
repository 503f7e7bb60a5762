/** Makes a clean machine: a slot, a birth, and where that fails one more; both attempts are told. */
import { randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { EdgeError } from "../../edges/edges.ts";
import { processIdentity } from "../../storage/process-identity.ts";
import type { ProcessIdentity } from "../../storage/process-identity.ts";
import { giveBirth } from "./birth.ts";
import type { Born } from "./birth.ts";
import { makeIdentity, type Identity } from "../identity/index.ts";
import { ensureParent, hostOf, type MachineImage } from "../images/index.ts";
import { enter, strike } from "./ledger.ts";
import { machineFolder, makeFolders, writeRecord, type MachineRecord, type Owner, type Report } from "../host/index.ts";
import { claimSlot, passSlot } from "./slots.ts";
import { stopMachine, sweep } from "./sweep.ts";

/** One try to bring a machine up. */
export interface BootAttempt {
  /** ISO 8601 */
  startedAt: string;
  seconds: number;
  outcome: "ready" | "failed";
  /** why it failed, a clause */
  reason?: string;
}

/** What {@link createMachine} is asked for. */
export interface MachineRequest {
  image: MachineImage;
  owner: Owner;
  incarnation: number;
  cell: string;
  /** how much it will be asked to do; of those that wait for a slot, the one with the most is next (when not given: 0) */
  load?: number;
  /** SHA-256 of the archive that it is to prove */
  subject: string;
  /** seconds until the guard ends it, whatever happens */
  lifeSeconds: number;
  report: Report;
  signal?: AbortSignal;
  /** `cold` boots instead of forking: slower by half a minute, for hosts where forking is not possible */
  boot?: "fork" | "cold";
  /** for tests: called with the guard of each attempt as soon as it runs */
  onAttempt?: (attempt: number, guard: ProcessIdentity) => void;
}

/** A clean machine that runs and has answered. */
export interface Machine {
  /** ten hex digits */
  id: string;
  host: "127.0.0.1";
  port: number;
  user: "root";
  /** OpenSSH format */
  privateKey: string;
  /** `ssh-ed25519 AAAA…` */
  hostKey: string;
  /** nonce of its birth, in the machine at /run/greenlight/boot-id until it reboots */
  bootId: string;
  kernel: string;
  accelerator: string;
  qemu: string;
  imageDigest: string;
  packagesDigest: string;
  /** ISO 8601 */
  startedAt: string;
  /** from the request for a slot to the first verified command, without the wait for the slot */
  seconds: number;
  attempts: BootAttempt[];
  /** seconds from the last attempt's start: QEMU runs, identity taken, first command verified */
  times: Born["times"];
}

/** No machine could be had: the cell is inconclusive, neither red nor green. Its message is a sentence for a person. */
export class MachineError extends EdgeError {
  readonly attempts: BootAttempt[];
  constructor(sentence: string, attempts: BootAttempt[]) {
    super(sentence, "machine");
    this.attempts = attempts;
  }
}

const tries = 2;

/**
 * A clean machine with an identity of its own, reachable over SSH.
 * @throws MachineError when two attempts failed; EdgeError when the host lacks something; the signal's reason when aborted.
 */
export async function createMachine(request: MachineRequest): Promise<Machine> {
  const { image, cell, report, signal } = request;
  await sweep();
  const host = hostOf(image);
  const cold = request.boot === "cold";
  const parent = cold ? undefined : await ensureParent(image, host, report, signal);
  const attempts: BootAttempt[] = [];
  for (let attempt = 1; attempt <= tries; attempt++) {
    const id = randomBytes(5).toString("hex");
    await claimSlot({ machine: id, cell, load: request.load ?? 0 }, report, signal);
    const startedAt = new Date().toISOString();
    const started = performance.now();
    const seconds = () => Math.round(performance.now() - started) / 1000;
    const identity = makeIdentity(id);
    let guard: ProcessIdentity | undefined;
    try {
      const record = begin(request, id, startedAt);
      const born = await giveBirth({
        id,
        image,
        host,
        parent,
        identity,
        folder: machineFolder(id),
        runFolder: record.runFolder,
        lifeSeconds: request.lifeSeconds,
        ...(signal ? { signal } : {}),
        onProcesses: async (theGuard, qemu) => {
          const first = guard === undefined;
          guard = theGuard;
          Object.assign(record, { guard, ...(qemu ? { qemu } : {}) });
          writeRecord(record);
          if (!first) return;
          await passSlot(id, guard);
          request.onAttempt?.(attempt, guard);
        },
      });
      finishRecord(record, identity, born);
      attempts.push({ startedAt, seconds: seconds(), outcome: "ready" });
      report(`machine ${id} of ${cell} is up, ${seconds().toFixed(1)} s`);
      return machine(request, id, identity, born, attempts);
    } catch (e) {
      await stopMachine(id);
      await strike(request.owner.workspace, id);
      signal?.throwIfAborted();
      const reason = (e as Error).message;
      attempts.push({ startedAt, seconds: seconds(), outcome: "failed", reason });
      report(`machine of ${cell} did not come up: ${reason}${attempt < tries ? "; trying another" : ""}`);
    }
  }
  const reasons = attempts.map((a, i) => `attempt ${i + 1}: ${a.reason}`).join("; ");
  throw new MachineError(`${cell} is inconclusive: no machine came up in ${tries} attempts (${reasons}).`, attempts);
}

/** Writes the machine down, in its folder and in the ledger, before there is any process of it. */
function begin(request: MachineRequest, id: string, createdAt: string): MachineRecord {
  const { owner, cell, subject, incarnation, image } = request;
  const record: MachineRecord = {
    schema: 1,
    id,
    owner,
    cell,
    creator: processIdentity(process.pid)!,
    ready: false,
    createdAt,
    until: new Date(Date.now() + request.lifeSeconds * 1000).toISOString(),
    runFolder: makeFolders(id),
  };
  writeRecord(record);
  const { stack, urn } = owner;
  enter(owner.workspace, {
    schema: 1,
    id,
    stack,
    urn,
    incarnation,
    cell,
    subject,
    image: image.digest,
    stage: "fresh",
    createdAt,
  });
  return record;
}

/** From here on the machine lives by its guard alone; `shell` finds the client's key in its folder. */
function finishRecord(record: MachineRecord, identity: Identity, born: Born): void {
  const folder = machineFolder(record.id);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "key"), identity.privateKey, { mode: 0o600 });
  Object.assign(record, { ready: true, port: born.port, hostKey: identity.hostKeyPublic });
  writeRecord(record);
}

function machine(
  request: MachineRequest,
  id: string,
  identity: Identity,
  born: Born,
  attempts: BootAttempt[],
): Machine {
  const { image } = request;
  const last = attempts.at(-1)!;
  return {
    id,
    host: "127.0.0.1",
    port: born.port,
    user: "root",
    privateKey: identity.privateKey,
    hostKey: identity.hostKeyPublic,
    bootId: identity.nonce,
    kernel: born.kernel,
    accelerator: image.accelerator,
    qemu: image.qemu,
    imageDigest: image.digest,
    packagesDigest: image.packagesDigest,
    startedAt: last.startedAt,
    seconds: attempts.reduce((sum, a) => sum + a.seconds, 0),
    attempts,
    times: born.times,
  };
}
