/** What a gate beside the machines is asked, and what it answers. */
import { z } from "zod";
import { Sha256Schema } from "../edges/names.ts";
import { ChannelPolicySchema } from "../policy/index.ts";

/** What a channel's release is known by, where it is to be promoted: whoever judges reads the rest of it there. */
const HeldSchema = z.object({
  /** the channel that holds it */
  channel: z.string().min(1),
  /** SHA-256 of its release.json; empty where that stack has released nothing */
  release: Sha256Schema.or(z.literal("")),
});

/** A release as it is to be published: what decides about it, known by digests alone. */
export const DecisionSchema = z.object({
  /** the gate's name in policy */
  gate: z.string().min(1),
  /** the channel whose policy decides */
  channel: z.string().min(1),
  product: z.string().min(1),
  /** empty where there is nothing to promote */
  version: z.string(),
  /** source revision of the candidate; null where the candidate does not say it */
  revision: z.string().nullable(),
  /** the sealed candidate's folder, absolute or from the project's; null where only the release is there */
  candidate: z.string().nullable(),
  archives: z.array(z.object({ base: z.string(), kind: z.string(), sha256: Sha256Schema })),
  /** digests of the machines' evidence, as stored in the workspace */
  evidence: z.array(Sha256Schema),
  /** where it is promoted from; null where it is published for the first time */
  from: HeldSchema.nullable(),
  policy: ChannelPolicySchema,
});
export type Decision = z.output<typeof DecisionSchema>;
