/** MachineImage: a system image and its booted, stopped parent in the user's cache, from which machines are forked. */
import { z } from "zod";
import { ensureImage, findImage, imageRecipe } from "../machines/index.ts";
import { TargetSchema } from "../products/index.ts";
import type { ResourceType } from "./resource.ts";

const Inputs = z.object({
  target: TargetSchema,
  /** digest of what the image is made from; set by check, so that a preview shows a replacement */
  recipeDigest: z.string().optional(),
});
type Inputs = z.output<typeof Inputs>;

interface Outputs extends Inputs {
  digest: string;
  packagesDigest: string;
  kernel: string;
  accelerator: string;
  qemu: string;
}

export const machineImage: ResourceType<Inputs, Outputs> = {
  inputs: Inputs,

  prepare: async (inputs) => ({ inputs: { ...inputs, recipeDigest: imageRecipe(inputs.target).digest }, failures: [] }),

  diff: (previous, inputs) => {
    const replaces = (["target", "recipeDigest"] as const).filter((key) => previous[key] !== inputs[key]);
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
