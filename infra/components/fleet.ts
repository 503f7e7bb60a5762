/** Where machines come from. A stack chooses a fleet; a cell only knows this interface. */
import * as pulumi from "@pulumi/pulumi";
import { MachineImage, VirtualMachine } from "../resources.ts";
import type { Target } from "../../src/products/index.ts";

/** A fleet hands out clean machines: the outputs of a VirtualMachine, whoever runs it. */
export interface Fleet {
  machine(
    cell: { name: string; target: Target; attempt: number },
    request: {
      subject: pulumi.Input<string>;
      companions: pulumi.Input<string[]>;
      work: pulumi.Input<string>;
      load: pulumi.Input<number>;
    },
    opts: pulumi.CustomResourceOptions,
  ): VirtualMachine;
}

/** Machines by QEMU on this host, forked from one booted image a target. */
export class LocalFleet extends pulumi.ComponentResource implements Fleet {
  declare private readonly images: Map<Target, MachineImage>;
  declare private readonly lifeMinutes: number;

  constructor(
    name: string,
    args: { targets: readonly Target[]; lifeMinutes: number },
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("greenlight:fleet:Local", name, {}, opts);
    this.lifeMinutes = args.lifeMinutes;
    this.images = new Map(
      args.targets.map((target) => [target, new MachineImage(target.replace("/", "-"), { target }, { parent: this })]),
    );
    this.registerOutputs({});
  }

  machine(...[cell, request, opts]: Parameters<Fleet["machine"]>): VirtualMachine {
    const { name, target, attempt } = cell;
    const image = this.images.get(target)!.digest;
    return new VirtualMachine(
      name,
      { cell: name, target, attempt, image, lifeMinutes: this.lifeMinutes, ...request },
      opts,
    );
  }
}
