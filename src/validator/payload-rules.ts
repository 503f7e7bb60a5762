/** What an archive must and must not hold: the product's own rules, the general ones, or those of a validator that the product had before. */
import { excludedPatterns } from "../candidate/index.ts";
import type { JudgedPayload } from "../products/index.ts";
import type { Content } from "./content.ts";

/** For products without rules of their own. */
const general: JudgedPayload = {
  required: ["README.txt"],
  forbiddenNames: excludedPatterns.filter((pattern) => !pattern.includes("/")),
  forbiddenFragments: excludedPatterns
    .filter((pattern) => pattern.endsWith("/*"))
    .map((pattern) => pattern.slice(0, -1)),
  minimumRecipes: 0,
};

export function payloadRules({ upstream, product }: Content): JudgedPayload {
  return (upstream ? product?.upstreamValidator?.payload : product?.payload) ?? general;
}
