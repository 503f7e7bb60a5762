/** VirtualMachine: a clean machine for one subject archive, used up by proving it. */
import { virtualMachineContract } from "../contract/index.ts";
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
import { canonicalJson } from "../storage/digest.ts";
import { workspaceFolder } from "../storage/folders.ts";
import { recordFailures } from "./failures.ts";
import type { Call, ResourceType } from "./resource.ts";

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

export const virtualMachine: ResourceType<typeof virtualMachineContract> = {
  contract: virtualMachineContract,

  prepare: async (inputs, previous, call) => {
    const before = previous?.incarnation ?? 1;
    const last = await latestMachine({ workspace: workspaceFolder(), stack: call.stack, urn: call.urn });
    // A machine that somebody began to use and that left no evidence proves nothing and is not clean any more; one that
    // the ledger does not know is no better.
    const stands = previous === undefined || (last?.incarnation === before && last.stage === "spent");
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
    // What else is known of a machine is no business of the state's.
    const made = virtualMachineContract.outputs.parse({ ...machine, machineId: machine.id });
    return { id: machine.id, outputs: { ...made, ...inputs } };
  },

  // Only the life limit of a future machine changes.
  update: async (_id, previous, inputs) => ({ ...previous, ...inputs }),

  read: async (id, previous) => {
    const state = await machineState(workspaceFolder(), id);
    return state.stage === "spent" || state.alive ? previous : undefined;
  },

  delete: (id, _previous, call) => deleteMachine(workspaceFolder(), id, call.stack),
};
