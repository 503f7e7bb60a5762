/** What this host runs and remembers of machines: its tools, QEMU and the way to talk to it, guards, records. */
export { endProcesses, guardedQemu, lastWords, processesNamed, startBound, startGuarded } from "./guard.ts";
export { machineType, memoryMiB, qemuArguments, type Accelerator, type QemuPlaces } from "./qemu.ts";
export { Qmp, connectSoon, forwardedPort } from "./qmp.ts";
export {
  folderAge,
  isMachineId,
  isRunning,
  machineFolder,
  machineIds,
  makeFolders,
  readRecord,
  removeFolders,
  writeRecord,
  type MachineRecord,
  type Owner,
} from "./record.ts";
export { elapsed, runTool, type Report } from "./tool.ts";
