/** VirtualMachine: a clean machine for one subject archive, used up by proving it. Another fleet offers the same outputs. */
import { z } from "zod";
import { Sha256Schema } from "../edges/names.ts";
import { TargetSchema } from "../products/index.ts";
import { contract } from "./contract.ts";

const Args = z.object({
  cell: z.string().min(1),
  target: TargetSchema,
  /** digest of the image that it is forked from */
  image: z.string().min(1),
  /** SHA-256 of the archive that it proves */
  subject: Sha256Schema,
  /** what else it will be given (a recipe), by SHA-256 */
  companions: z.array(z.string()),
  /** digest of everything that it will be told to do: what is told differently is told to a fresh machine */
  work: z.string().min(1),
  /** how much that is; where machines wait for one another, the one with the most begins first */
  load: z.number().int().min(0),
  lifeMinutes: z.number().int().min(1),
  /** raised by a person who wants a proof again */
  attempt: z.number().int().min(1),
});

/** raised by check when the machine before was started and left no evidence */
const incarnation = z.number().int().min(1).optional();

export const virtualMachineContract = contract({
  token: "greenlight:index:VirtualMachine",
  args: Args,
  inputs: Args.extend({ incarnation }),
  outputs: z.object({
    incarnation,
    machineId: z.string(),
    host: z.string(),
    port: z.number(),
    user: z.string(),
    privateKey: z.string(),
    hostKey: z.string(),
    bootId: z.string(),
    kernel: z.string(),
    accelerator: z.string(),
    qemu: z.string(),
    imageDigest: z.string(),
    packagesDigest: z.string(),
    startedAt: z.string(),
    /** seconds from the request to the first verified command */
    seconds: z.number(),
  }),
  secrets: ["privateKey"],
});
