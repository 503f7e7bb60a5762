/** A gate's policy, as data: what must have been proven, and how old the proof may be. */
import { z } from "zod";
import { canonicalJson, sha256 } from "../storage/digest.ts";

export const GatePolicySchema = z.strictObject({
  schema: z.literal(1),
  /** suites that must have passed; a policy that asks for nothing is a mistake */
  suites: z.array(z.string().min(1)).min(1, "a gate must require at least one suite"),
  /** hours after which evidence is stale */
  maxAgeHours: z.number().positive(),
});
export type GatePolicy = z.output<typeof GatePolicySchema>;

/** SHA-256 by which a policy is known; a changed policy makes its gate judge again. */
export function gatePolicyDigest(policy: GatePolicy): string {
  return sha256(canonicalJson(policy));
}
