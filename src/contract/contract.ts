/**
 * What the program and the plugin agree on about a resource type, stated once. The program's classes (infra/resources.ts)
 * and the plugin's types (src/provider) are both derived from it.
 */
import type { z } from "zod";

export interface Contract<
  Args extends z.ZodType = z.ZodType,
  Inputs extends z.ZodType = z.ZodType,
  Outputs extends z.ZodObject = z.ZodObject,
> {
  /** the engine's name of the type */
  token: string;
  /** what the program states */
  args: Args;
  /** that, and what the plugin's check adds to it */
  inputs: Inputs;
  /** what the plugin adds, in check or when it makes the resource */
  outputs: Outputs;
  /** outputs that the engine must encrypt in its state */
  secrets: readonly string[];
}

/** What the program states. */
export type ArgsOf<C extends Contract> = z.input<C["args"]>;

/** What the plugin is asked for, once it is checked. */
export type InputsOf<C extends Contract> = z.output<C["inputs"]>;

/** What the plugin knows and the program does not. */
export type MadeOf<C extends Contract> = z.output<C["outputs"]>;

/** The resource as it stands in the state: its inputs and what the plugin added. */
export type OutputsOf<C extends Contract> = InputsOf<C> & MadeOf<C>;

/** The same contract with its exact types. */
export const contract = <A extends z.ZodType, I extends z.ZodType, O extends z.ZodObject>(
  agreed: Contract<A, I, O>,
): Contract<A, I, O> => agreed;
