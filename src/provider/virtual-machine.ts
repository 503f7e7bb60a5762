/** VirtualMachine: a clean machine for one subject archive, used up by proving it. */
import { z } from "zod";
import {
  createMachine,
  deleteMachine,
  ensureImage,
  latestMachine,
  MachineError,
  machineState,
  markStarted,
  reap,
  type Machine,
  type MachineRequest,
} from "../machines/index.ts";
import { TargetSchema } from "../products/index.ts";
import { canonicalJson } from "../storage/digest.ts";
import { workspaceFolder } from "../storage/folders.ts";
import { secret } from "./wire.ts";
import { recordFailures } from "./failures.ts";
import type { Call, ResourceType } from "./resource.ts";

const Inputs = z.object({
  cell: z.string().min(1),
  target: TargetSchema,
  /** digest of the image that it is forked from */
  image: z.string().min(1),
  /** SHA-256 of the archive that it proves */
  subject: z.string().regex(/^[0-9a-f]{64}$/, "a SHA-256 in lower-case hex"),
  /** what else it will be given (a recipe), by SHA-256 */
  companions: z.array(z.string()),
  /** digest of everything that it will be told to do: what is told differently is told to a fresh machine */
  work: z.string().min(1),
  /** how much that is, only to begin the longest first */
  load: z.number().int().min(0),
  lifeMinutes: z.number().int().min(1),
  /** raised by a person who wants a proof again */
  attempt: z.number().int().min(1),
  /** raised by check when the machine before was started and left no evidence */
  incarnation: z.number().int().min(1).optional(),
});
type Inputs = z.output<typeof Inputs>;

interface Outputs extends Inputs {
  machineId: string;
  host: string;
  port: number;
  user: string;
  privateKey: unknown;
  hostKey: string;
  bootId: string;
  kernel: string;
  accelerator: string;
  qemu: string;
  imageDigest: string;
  packagesDigest: string;
  startedAt: string;
  /** seconds from the request to the first verified command */
  seconds: number;
}

/** A difference in one of these makes another machine: a proof belongs to one archive on one image. */
const identity = ["cell", "target", "image", "subject", "companions", "work", "attempt", "incarnation"] as const;

/** A machine; when none comes up, the cell's gate is told what was tried. */
async function createdMachine(cell: string, call: Call, request: MachineRequest): Promise<Machine> {
  try {
    return await createMachine(request);
  } catch (e) {
    if (e instanceof MachineError)
      recordFailures(
        workspaceFolder(),
        call.stack,
        cell,
        e.attempts.map((a, i) => `attempt ${i + 1} of ${a.startedAt}, ${a.seconds} s: ${a.reason ?? a.outcome}`),
      );
    throw e;
  }
}

export const virtualMachine: ResourceType<Inputs, Outputs> = {
  inputs: Inputs,

  prepare: async (inputs, previous, call) => {
    const before = previous?.incarnation ?? 1;
    const last = await latestMachine({ workspace: workspaceFolder(), stack: call.stack, urn: call.urn });
    // A machine that somebody began to use and that left no evidence proves nothing and is not clean any more; one that
    // the ledger does not know is no better.
    const stands = previous === undefined || (last?.incarnation === before && last.phase === "spent");
    return {
      inputs: { ...inputs, incarnation: stands ? before : Math.max(before, last?.incarnation ?? 0) + 1 },
      failures: [],
    };
  },

  diff: (previous, inputs) => {
    const replaces = identity.filter((key) => canonicalJson(previous[key]) !== canonicalJson(inputs[key]));
    // The old machine goes first: it holds one of the few slots.
    return {
      changes: replaces.length > 0 || previous.lifeMinutes !== inputs.lifeMinutes,
      replaces: [...replaces],
      deleteBeforeReplace: true,
    };
  },

  create: async (inputs, call) => {
    const owner = { workspace: workspaceFolder(), stack: call.stack, urn: call.urn };
    await reap(owner);
    const image = await ensureImage(inputs.target, { report: call.report });
    const machine = await createdMachine(inputs.cell, call, {
      image,
      owner,
      incarnation: inputs.incarnation ?? 1,
      cell: inputs.cell,
      load: inputs.load,
      subject: inputs.subject,
      lifeSeconds: inputs.lifeMinutes * 60,
      report: call.report,
      signal: call.signal,
    });
    // From here on commands may begin to use it without our hearing of it.
    await markStarted(owner.workspace, machine.id);
    const {
      id,
      host,
      port,
      user,
      privateKey,
      hostKey,
      bootId,
      kernel,
      accelerator,
      qemu,
      imageDigest,
      packagesDigest,
      startedAt,
      seconds,
    } = machine;
    return {
      id,
      outputs: {
        ...inputs,
        machineId: id,
        host,
        port,
        user,
        privateKey: secret(privateKey),
        hostKey,
        bootId,
        kernel,
        accelerator,
        qemu,
        imageDigest,
        packagesDigest,
        startedAt,
        seconds,
      },
    };
  },

  // Only the life limit of a future machine changes.
  update: async (_id, previous, inputs) => ({
    ...previous,
    ...inputs,
    privateKey: secret(previous.privateKey as string),
  }),

  read: async (id, previous) => {
    const state = await machineState(workspaceFolder(), id);
    const there = state.phase === "spent" || state.alive;
    return there ? { ...previous, privateKey: secret(previous.privateKey as string) } : undefined;
  },

  delete: (id, _previous, call) => deleteMachine(workspaceFolder(), id, call.stack),
};
