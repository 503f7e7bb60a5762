/** The contract between the program and the plugin: each resource type's inputs and outputs, stated once. */
export type { ArgsOf, Contract, InputsOf, MadeOf, OutputsOf } from "./contract.ts";
export {
  gateContract,
  type DecisionAsked,
  type GateResult,
  type PromotionAsked,
  type ProofArgs,
  type ProofAsked,
  type SettledResult,
} from "./gate.ts";
export { machineImageContract } from "./machine-image.ts";
export {
  publicationContract,
  type ArchiveToPublish,
  type AskedGate,
  type PromotionToPublish,
  type ReleaseArgs,
  type ReleaseAsked,
} from "./publication.ts";
export { releaseArchiveContract, PackedSchema, type File, type Packed } from "./release-archive.ts";
export { virtualMachineContract } from "./virtual-machine.ts";
