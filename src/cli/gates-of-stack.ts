/** What a stack's gates said in its last update, read from the state without starting the engine. */
import { z } from "zod";
import { RequirementSchema, VerdictSchema, type Requirement } from "../gates/index.ts";
import { DecisionSchema, type Decision } from "../decisions/index.ts";
import { readState } from "./state-file.ts";

const GateStateSchema = z.object({
  type: z.literal("greenlight:index:Gate"),
  urn: z.string(),
  outputs: z.object({
    result: z.object({ verdict: VerdictSchema, requirements: z.array(RequirementSchema).optional() }),
    reasons: z.array(z.string()).catch([]),
    decision: DecisionSchema.optional(),
    proof: z.object({ cell: z.string() }).optional(),
  }),
});

const StackStateSchema = z.object({
  type: z.literal("pulumi:pulumi:Stack"),
  outputs: z
    .object({
      channel: z.string().optional(),
      candidate: z.object({ product: z.string(), version: z.string() }).optional(),
      released: z.object({ product: z.string(), version: z.string() }).nullish(),
    })
    .optional(),
});

/** A gate as its resource stands in the state. */
export interface GateState {
  name: string;
  /** a machine's, one of those that policy names beside them, or the one that judges a promotion */
  of: "machine" | "release" | "promotion";
  verdict: z.output<typeof VerdictSchema>;
  /** why it is not green */
  reasons: string[];
  requirements: Requirement[];
  /** what it was asked, for a gate of the whole release */
  decision?: Decision;
}

/** Of a gate that did not come into being, or whose words another version left: nothing is known, so it is not green. */
const unread = {
  verdict: "inconclusive",
  reasons: ["What it said in the last update cannot be read."],
  requirements: [],
} satisfies Partial<GateState>;

/** A stack as its last update left it. */
export interface StackState {
  stack: string;
  channel?: string;
  candidate?: { product: string; version: string };
  released?: { product: string; version: string };
  gates: GateState[];
}

/** @returns undefined for a stack that was never updated. @throws EdgeError when its state cannot be used */
export function stackState(workspace: string, stack: string): StackState | undefined {
  const resources = readState(workspace, stack)?.checkpoint.latest?.resources;
  if (!resources) return undefined;
  const outputs = resources.flatMap((each) => StackStateSchema.safeParse(each).data?.outputs ?? [])[0];
  const gates = resources.flatMap((each): GateState[] => {
    if (each["type"] !== "greenlight:index:Gate") return [];
    const gate = GateStateSchema.safeParse(each).data;
    if (!gate) return [{ name: each.urn.split("::").at(-1)!, of: "machine", ...unread }];
    const { result, reasons, decision, proof } = gate.outputs;
    return [
      {
        name: gate.urn.split("::").at(-1)!,
        of: proof ? "machine" : decision ? "release" : "promotion",
        verdict: result.verdict,
        reasons,
        requirements: result.requirements ?? [],
        ...(decision && { decision }),
      },
    ];
  });
  const { channel, candidate, released } = outputs ?? {};
  return {
    stack,
    ...(channel !== undefined && { channel }),
    ...(candidate && { candidate }),
    ...(released && { released }),
    gates,
  };
}
