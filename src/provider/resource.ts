/** What a resource of the plugin is: its contract with the program, and the engine's five questions about it. */
import type { z } from "zod";
import type { Contract, InputsOf, OutputsOf } from "../contract/index.ts";
import { findings } from "../edges/edges.ts";
import { unknownWithin } from "./wire.ts";

/** One input that cannot be used; the engine shows it beside the property. */
export interface CheckFailure {
  property: string;
  reason: string;
}

/** What a resource may need to know of the call. */
export interface Call {
  urn: string;
  /** the stack's name, from the URN */
  stack: string;
  /** shows a line of progress to the person */
  report: (line: string) => void;
  /** aborted when the person cancels the update */
  signal: AbortSignal;
}

/** What a difference means: nothing, an update in place, or a replacement because of these properties. */
export interface Difference {
  changes: boolean;
  replaces?: string[];
  deleteBeforeReplace?: boolean;
}

/** A resource type, as the plugin works it. */
export interface ResourceType<C extends Contract = Contract, I = InputsOf<C>, O = OutputsOf<C>> {
  contract: C;
  /** adds what is computed from the inputs; called in previews too, so it changes nothing that others see */
  prepare?(inputs: I, previous: I | undefined, call: Call): Promise<{ inputs: I; failures: CheckFailure[] }>;
  diff(previous: O, inputs: I): Difference;
  create(inputs: I, call: Call): Promise<{ id: string; outputs: O }>;
  update?(id: string, previous: O, inputs: I, call: Call): Promise<O>;
  /** the outputs as they are now, or undefined when it is gone */
  read?(id: string, previous: O, call: Call): Promise<O | undefined>;
  delete?(id: string, previous: O, call: Call): Promise<void>;
}

/** A resource that came into being and is not what it should be: the engine keeps the outputs and holds back what depends on it. */
export class PartialFailure extends Error {
  readonly id: string;
  readonly properties: unknown;
  readonly reasons: string[];
  constructor(id: string, properties: unknown, reasons: string[]) {
    super(reasons.join("\n"));
    this.id = id;
    this.properties = properties;
    this.reasons = reasons;
  }
}

/** All that is wrong with a resource's inputs, leaving out what is not known yet. */
export function checkInputs(schema: z.ZodType, inputs: unknown): CheckFailure[] {
  return findings(schema, inputs)
    .filter((finding) => !unknownWithin(inputs, finding.path === "" ? [] : finding.path.split(".")))
    .map((finding) => ({
      property: finding.path,
      reason: `${finding.path || "the resource"}: ${finding.message}; correct it where the program sets it.`,
    }));
}
