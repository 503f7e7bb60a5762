/**
 * Clean machines: images, births and the ledger.
 *
 *     const image = await ensureImage("linux-x64/debian-12", { report: console.log });
 *     const machine = await createMachine({
 *       image, owner: { workspace, stack, urn }, incarnation: 1, cell: "nats/debian-12", subject: sha256OfTheArchive,
 *       lifeSeconds: 1800, report: console.log,
 *     });
 *     // ssh root@127.0.0.1 -p machine.port with machine.privateKey, host key exactly machine.hostKey
 *     await markSpent(workspace, machine.id, evidenceDigest);   // evidence is stored; the slot is free
 *     await deleteMachine(workspace, machine.id);               // or stopMachine(machine.id): the ledger keeps it
 *
 * On the machine: `/run/greenlight/boot-id` holds `machine.bootId` until the first reboot; `/var/lib/greenlight` is an
 * empty folder of root for atomic markers (`mkdir /var/lib/greenlight/started` succeeds once, also after a reboot).
 * `systemctl reboot` inside keeps port, keys, machine-id and disk. There is no way out of a machine; what tries is seen by
 * {@link observePackets} as long as the machine has its folder. `/var/crash` holds core dumps, the journal survives reboots.
 */
export { imageBlueprint } from "./images/index.ts";
export type { ImageBlueprint } from "./images/index.ts";
export { ensureImage, findImage } from "./images/index.ts";
export type { MachineImage } from "./images/index.ts";
export { createMachine, MachineError } from "./life/index.ts";
export type { BootAttempt, Machine, MachineRequest } from "./life/index.ts";
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
} from "./life/index.ts";
export type { MachineAccess, MachineState, RunningMachine } from "./life/index.ts";
export type { Entry as LedgerEntry, LifeStage } from "./life/index.ts";
export { observePackets } from "./observation/index.ts";
export { runOnMachine } from "./life/index.ts";
export type { Address, Answer } from "./life/index.ts";
export type { Report } from "./host/index.ts";
