/** Gate: judges a cell's evidence, what policy asks beside it, or whether a release may be promoted. Green, or what depends on it waits. */
import { z } from "zod";
import { ReleasedSchema } from "../channel/index.ts";
import { settledSchema } from "../edges/settled.ts";
import { MachineFactsSchema, ObservationsSchema, ProvenSchema } from "../evidence/index.ts";
import { RequirementSchema, VerdictSchema } from "../gates/index.ts";
import { DecisionSchema } from "../decisions/index.ts";
import { ChannelPolicySchema } from "../policy/index.ts";
import { TargetSchema } from "../products/index.ts";
import { SuitesSchema } from "../suites/index.ts";
import { contract } from "./contract.ts";

/** What a cell's machine was, was asked and printed. */
const ProofArgs = z.object({
  cell: z.string().min(1),
  target: TargetSchema,
  attempt: z.number().int().min(1),
  subject: ProvenSchema,
  companions: z.array(z.string()),
  suites: SuitesSchema,
  machine: settledSchema(MachineFactsSchema),
  /** what the machine's commands printed, one text a phase, and why there are no more */
  proof: z.union([
    z.strictObject({ value: z.array(z.string()), failed: z.string().optional() }),
    z.strictObject({ failed: z.string() }),
  ]),
  maxAgeHours: z.number().positive(),
  /** leave the machine running when the gate is not green */
  keepRed: z.boolean(),
});
export type ProofArgs = z.input<typeof ProofArgs>;

const ProofInputs = ProofArgs.extend({
  /** set by check: what is wrong with the stored evidence, empty when nothing is */
  drift: z.string().optional(),
});
export type ProofAsked = z.output<typeof ProofInputs>;

/** What is asked to be promoted, and what the other stack says of it. */
export const PromotionSchema = z.object({
  fromChannel: z.string().min(1),
  /** the channel whose requirements and history decide */
  toChannel: z.string().min(1),
  product: z.string().min(1),
  /** what the other stack exports as released, or nothing */
  released: ReleasedSchema.omit({ folder: true }).nullable(),
  /** verdicts of that stack's gates for its current candidate */
  verdicts: z.record(z.string(), z.string()),
  candidateVersion: z.string().nullable(),
  /** empty: what was released last */
  version: z.string(),
  /** kinds that it must hold, no more and no fewer; empty for whatever it holds */
  kinds: z.array(z.string()),
  policy: ChannelPolicySchema,
  maxAgeHours: z.number().positive(),
});
export type PromotionAsked = z.output<typeof PromotionSchema>;

/** What a gate says, which publications take as input; a red one stays in the state with it. */
export const GateResultSchema = z.object({
  gate: z.string(),
  verdict: VerdictSchema,
  /** SHA-256 of what was judged */
  subject: z.string(),
  evidence: z.string(),
  /** of a cell: the digest of the policy, and what it asks for */
  policy: z.string().optional(),
  requirements: z.array(RequirementSchema).optional(),
});
export type GateResult = z.output<typeof GateResultSchema>;

/** What a gate said as others are told of it, or why it said nothing. What is more in it is passed on. */
export const SettledResultSchema = settledSchema(z.looseObject(GateResultSchema.shape));
export type SettledResult = z.output<typeof SettledResultSchema>;

const Promoting = z.object({ promotion: PromotionSchema });

const Deciding = z.object({ decision: DecisionSchema });
const DecisionInputs = DecisionSchema.extend({
  /** set by check: what keeps it closed as things are now, so that reports and approvals on disk count as inputs */
  open: z.array(z.string()).optional(),
});
export type DecisionAsked = z.output<typeof DecisionInputs>;
const DecidingInputs = z.object({ decision: DecisionInputs });

export const gateContract = contract({
  token: "greenlight:index:Gate",
  args: z.union([z.object({ proof: ProofArgs }), Promoting, Deciding]),
  inputs: z.union([z.object({ proof: ProofInputs }), Promoting, DecidingInputs]),
  outputs: z.object({
    result: GateResultSchema,
    /** why it is not green */
    reasons: z.array(z.string()),
    /** kept because it goes with the machine, and evidence that got lost is made again */
    observed: ObservationsSchema.optional(),
  }),
  secrets: [],
});
