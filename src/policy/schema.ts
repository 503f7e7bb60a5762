/** `infra/release/policy.json`: what the releaser asks of a release before a channel may hold it. Nothing in it has a default. */
import { z } from "zod";
import { ApprovalRulesSchema } from "../approvals/index.ts";
import { lowerCaseName } from "../edges/names.ts";
import { ProfileNameSchema } from "../matrix/index.ts";
import { suiteNames } from "../plan/index.ts";
import { didYouMean } from "../edges/nearest.ts";
import { products, TargetSchema } from "../products/index.ts";

const listOf = <T extends z.ZodType>(each: T, what: string) =>
  z
    .array(each)
    .min(1, `names no ${what}`)
    .refine((list) => new Set(list).size === list.length, `names a ${what} twice`);

/** A name that something has: one that nothing has would ask nothing of anybody, and nobody would see it. */
const knownName = (what: string, known: () => string[]) =>
  z.string().superRefine((name, context) => {
    if (known().includes(name)) return;
    const message = `is no ${what}; there are ${known().join(", ")}${didYouMean(name, known())}`;
    context.addIssue({ code: "custom", message });
  });
const ProductSchema = knownName("product", () => Object.keys(products));
const KindSchema = knownName("kind of a product", () => [
  ...new Set(Object.values(products).flatMap(({ kinds }) => Object.keys(kinds))),
]);

/** Hours after which a proof is stale. */
const MaxAgeHoursSchema = z
  .number()
  .positive()
  .max(10 * 366 * 24, "is more than ten years");

/** Suites that must have passed on a machine, of some archives or of all. */
export const SuiteRequirementSchema = z.strictObject({
  suites: listOf(z.enum(suiteNames), "suite"),
  /** the kinds that it is asked of; all without it */
  kinds: listOf(KindSchema, "kind").optional(),
  /** the targets that it is asked on; all of the release set without it */
  targets: listOf(TargetSchema, "target").optional(),
  /** how many checks each suite must have run at least; 1 without it */
  minimumChecks: z.int().min(1).optional(),
});
/** The same, also of a release that required suites that nobody has any more. */
export interface SuiteRequirement {
  suites: readonly string[];
  kinds?: readonly string[] | undefined;
  targets?: readonly string[] | undefined;
  minimumChecks?: number | undefined;
}

/** Machines: what has been proven of each archive. */
const MachinesRulesSchema = z.strictObject({
  requires: z.array(SuiteRequirementSchema).min(1, "requires no suite, which proves nothing"),
  maxAgeHours: MaxAgeHoursSchema,
});

/** The products that a gate is asked of; all without it. */
const forProducts = { products: listOf(ProductSchema, "product").optional() };

/** Of a gate that Greenlight does not have nothing can be asked; its type leaves the others theirs. */
const noRules: z.ZodType = z.strictObject({});

/**
 * The gates that a channel needs, by name, each with its rules. A gate that Greenlight does not have can be named, without
 * rules: nothing passes it, and the channel gets nothing.
 */
export const GatesSchema = z
  .object({
    machines: MachinesRulesSchema,
    /** code, policy files and checks name the same things */
    contract: z.strictObject({}).optional(),
    /** every scenario of the channel's profile is proven */
    matrix: z.strictObject({ ...forProducts, maxAgeHours: MaxAgeHoursSchema }).optional(),
    /** the product's checklist is ready */
    readiness: z.strictObject({ ...forProducts, maxAgeHours: MaxAgeHoursSchema }).optional(),
    /** people have passed every gate that waits for them */
    approvals: ApprovalRulesSchema.safeExtend(forProducts).optional(),
  })
  .catchall(noRules);

/** Gates other than machines, in the order in which they are judged. */
export const decisionNames = ["contract", "matrix", "readiness", "approvals"] as const;
export type DecisionName = (typeof decisionNames)[number];

export const ChannelPolicySchema = z.strictObject({
  /** how much of the regression matrix is asked for */
  profile: ProfileNameSchema,
  gates: GatesSchema,
  /** what each product's releases are to be deployed as: profiles of its deployment-promotion-gates.json */
  deploys: z.record(ProductSchema, listOf(lowerCaseName(), "deployment profile")).optional(),
});
export type ChannelPolicy = z.output<typeof ChannelPolicySchema>;

export const PolicySchema = z.strictObject({
  schema: z.literal(2, "is a form of the policy that is not read; see docs/policy.md for form 2"),
  channels: z.record(lowerCaseName("a channel is named with a-z, 0-9 and -"), ChannelPolicySchema),
});
export type Policy = z.output<typeof PolicySchema>;
