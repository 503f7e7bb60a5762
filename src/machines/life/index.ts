/** A machine's life: births, slots, the ledger, and its end. */
export { MachineError, createMachine, type BootAttempt, type Machine, type MachineRequest } from "./create.ts";
export type { Entry, LifeStage } from "./ledger.ts";
export {
  deleteMachine,
  latestMachine,
  listMachines,
  machineAccess,
  machineState,
  markSpent,
  markStarted,
  reap,
  stopMachine,
  stopOwnMachine,
  sweep,
  type MachineAccess,
  type MachineState,
  type RunningMachine,
} from "./sweep.ts";
export { runOnMachine, type Address, type Answer } from "./verify.ts";
