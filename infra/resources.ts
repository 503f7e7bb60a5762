/** The resources of the `greenlight` plugin as the program sees them: classes made from the contract with it (src/contract). */
import * as pulumi from "@pulumi/pulumi";
import {
  gateContract,
  machineImageContract,
  publicationContract,
  releaseArchiveContract,
  virtualMachineContract,
  type ArgsOf,
  type Contract,
  type MadeOf,
} from "../src/contract/index.ts";
import type { MachineFacts } from "../src/evidence/index.ts";
import { unlessLeftOut } from "./settled.ts";

/** What the program states, of which anything may be another resource's output. */
type Args<C extends Contract> = EachInput<ArgsOf<C>>;
type EachInput<T> = T extends unknown ? { [K in keyof T]: pulumi.Input<T[K]> } : never;

type Made<C extends Contract> = { readonly [K in keyof MadeOf<C>]-?: pulumi.Output<MadeOf<C>[K]> };

type ResourceClass<C extends Contract> = new (
  name: string,
  args: Args<C>,
  opts?: pulumi.CustomResourceOptions,
) => pulumi.CustomResource & Made<C>;

/**
 * The class of a resource type. What is made of an output of its fails, instead of being made of nothing, when the engine
 * was told to leave the resource out; outputs that are settled first (settled.ts) need no such guard.
 */
function resourceClass<C extends Contract>(
  { token, outputs, secrets }: C,
  { settled = false, ...options }: pulumi.CustomResourceOptions & { settled?: boolean } = {},
): ResourceClass<C> {
  const names = Object.keys(outputs.shape);
  class Resource extends pulumi.CustomResource {
    constructor(name: string, args: Args<C>, opts?: pulumi.CustomResourceOptions) {
      // Outputs that only the plugin knows are named, so that they exist on the resource.
      const unknown = Object.fromEntries(names.map((output) => [output, undefined]));
      super(token, name, { ...unknown, ...args }, { ...opts, ...options, additionalSecretOutputs: [...secrets] });
      const own = this as unknown as Record<string, pulumi.Output<unknown>>;
      if (!settled) for (const output of names) own[output] = unlessLeftOut(own[output]!);
    }
  }
  return Resource as unknown as ResourceClass<C>;
}

/** A packed archive with its sidecars and recipe; digests are exact in a preview. */
export class ReleaseArchive extends resourceClass(releaseArchiveContract) {}

/** A system image and its fork parent in the user's cache. */
export class MachineImage extends resourceClass(machineImageContract) {}

/** A clean machine, reached by SSH. Another fleet is another component that offers the same outputs. */
export class VirtualMachine extends resourceClass(virtualMachineContract) {
  /** What evidence says of the machine. */
  get facts(): pulumi.Output<MachineFacts> {
    const { machineId: id, imageDigest, packagesDigest, kernel, accelerator, qemu, bootId, startedAt } = this;
    return pulumi.output({ id, imageDigest, packagesDigest, kernel, accelerator, qemu, bootId, startedAt });
  }
}

/** Judges evidence; green, or the update fails here and what depends on it waits. */
export class Gate extends resourceClass(gateContract, { settled: true }) {}

/** A release in a channel. Destroying it takes nothing back. */
export class Publication extends resourceClass(publicationContract, { settled: true, retainOnDelete: true }) {}
