/** MachineImage: makes sure that the user's cache holds the image, and says what it is. */
import { machineImageContract } from "../contract/index.ts";
import { ensureImage, findImage, imageBlueprint } from "../machines/index.ts";
import type { ResourceType } from "./resource.ts";

export const machineImage: ResourceType<typeof machineImageContract> = {
  contract: machineImageContract,

  prepare: async (inputs) => ({ inputs: { ...inputs, blueprint: imageBlueprint(inputs.target).digest }, failures: [] }),

  diff: (previous, inputs) => {
    const replaces = (["target", "blueprint"] as const).filter((key) => previous[key] !== inputs[key]);
    return { changes: replaces.length > 0, replaces };
  },

  create: async (inputs, call) => {
    const { digest, packagesDigest, kernel, accelerator, qemu } = await ensureImage(inputs.target, {
      report: call.report,
    });
    return { id: digest, outputs: { ...inputs, digest, packagesDigest, kernel, accelerator, qemu } };
  },

  read: async (id, previous) => {
    const image = await findImage(previous.target);
    return image && image.digest === id ? previous : undefined;
  },

  // The user's cache owns images: destroying a stack deletes none.
};
