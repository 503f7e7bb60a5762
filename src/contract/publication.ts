/** Publication: a release in a channel. Destroying it takes nothing back. */
import { z } from "zod";
import { ReleasedSchema } from "../channel/index.ts";
import { DecisionSchema } from "../decisions/index.ts";
import { ChannelPolicySchema } from "../policy/index.ts";
import { PlatformSchema, TargetSchema } from "../products/index.ts";
import { contract } from "./contract.ts";
import { PromotionSchema, SettledResultSchema } from "./gate.ts";
import { FileSchema } from "./release-archive.ts";

/** A gate of the plan, with what its machine must have been given and told for its evidence to count. */
export const AskedGateSchema = z.object({
  name: z.string(),
  /** SHA-256 of the archive that it must have judged */
  subject: z.string(),
  target: TargetSchema,
  /** SHA-256 of what else its machine must have been given: recipe, release before */
  companions: z.array(z.string()),
  /** the suites that policy and plan ask of it, each by the digest of its definition */
  suites: z.array(z.object({ name: z.string(), digest: z.string() })).min(1, "a gate judges at least one suite"),
  result: SettledResultSchema,
});
export type AskedGate = z.output<typeof AskedGateSchema>;

/** An archive with the files beside it, relative to the workspace. */
export const ArchiveToPublishSchema = z.object({
  base: z.string(),
  kind: z.string(),
  platform: PlatformSchema,
  sha256: z.string(),
  path: z.string(),
  sidecars: z.array(FileSchema),
  recipe: FileSchema.nullable(),
});
export type ArchiveToPublish = z.output<typeof ArchiveToPublishSchema>;

/** Gates beside the machines, each as it was asked and what it said. */
const DecisionsSchema = z.array(z.object({ asked: DecisionSchema, result: SettledResultSchema }));

/** Publishing what this stack packed and proved. */
const ReleaseAsked = z.object({
  channel: z.string().min(1),
  product: z.string().min(1),
  version: z.string().min(1),
  revision: z.string().nullable(),
  archives: z.array(ArchiveToPublishSchema),
  gates: z.array(AskedGateSchema).min(1, "a release needs at least one gate"),
  /** every gate that policy names beside the machines */
  decisions: DecisionsSchema,
  policy: ChannelPolicySchema,
  withheld: z.array(z.object({ base: z.string(), reason: z.string() })),
  /** the release before that upgrades were to start from; empty for the newest that the channel holds */
  previous: z.string(),
  maxAgeHours: z.number().positive(),
});
export type ReleaseArgs = z.input<typeof ReleaseAsked>;
export type ReleaseAsked = z.output<typeof ReleaseAsked>;

/** Publishing what another stack released. */
const PromotionToPublish = z.object({
  channel: z.string().min(1),
  promotion: PromotionSchema,
  gate: SettledResultSchema,
  /** every gate that the policy of the destination names beside the machines */
  decisions: DecisionsSchema,
});
export type PromotionToPublish = z.output<typeof PromotionToPublish>;

const Releasing = z.object({ release: ReleaseAsked });
const Promoting = z.object({ promotion: PromotionToPublish });
/** set by check: why the channel does not hold what was published, empty when it does */
const checked = { drift: z.string().optional() };

export const publicationContract = contract({
  token: "greenlight:index:Publication",
  args: z.union([Releasing, Promoting]),
  inputs: z.union([Releasing.extend(checked), Promoting.extend(checked)]),
  outputs: z.object({ released: ReleasedSchema }),
  secrets: [],
});
