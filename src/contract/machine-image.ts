/** MachineImage: a system image and its booted, stopped parent in the user's cache, from which machines are forked. */
import { z } from "zod";
import { TargetSchema } from "../products/index.ts";
import { contract } from "./contract.ts";

const Args = z.object({ target: TargetSchema });

/** digest of what the image is made from; set by check, so that a preview shows a replacement */
const blueprint = z.string();

export const machineImageContract = contract({
  token: "greenlight:index:MachineImage",
  args: Args,
  inputs: Args.extend({ blueprint: blueprint.optional() }),
  outputs: z.object({
    blueprint: blueprint.optional(),
    digest: z.string(),
    packagesDigest: z.string(),
    kernel: z.string(),
    accelerator: z.string(),
    qemu: z.string(),
  }),
  secrets: [],
});
