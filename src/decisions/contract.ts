/** Gate `contract`: the product's code, its policy files and its checks name the same things. */
import { checkContract } from "../agreement/index.ts";
import type { Requirement } from "../gates/index.ts";
import { productNamed } from "../products/index.ts";
import type { Decision } from "./asked.ts";

/** What the contract comes to. With a candidate, what it was sealed with is compared as well. */
export function contractRequirements(
  { product, candidate }: Pick<Decision, "product" | "candidate">,
  root?: string,
): Requirement[] {
  const { compared, found } = checkContract({
    product: productNamed(product),
    ...(candidate !== null && { candidate }),
    ...(root !== undefined && { root }),
  });
  if (found.length === 0) return [{ name: "contract", status: "satisfied", observed: compared.join(", ") }];
  return found.map(({ about, message }) => ({
    name: about,
    status: "failed",
    expected: "code, policy and checks to name the same things",
    observed: message,
  }));
}
