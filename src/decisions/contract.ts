/** Gate `contract`: the product's code, its policy files and its checks name the same things. */
import { checkContract } from "../agreement/index.ts";
import { lstatSync } from "node:fs";
import { join } from "node:path";
import type { Requirement } from "../gates/index.ts";
import { policyFolder, projectFolder, vocabularyFile } from "../matrix/index.ts";
import { productNamed, type Product } from "../products/index.ts";
import type { Decision } from "./asked.ts";

const isThere = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false }) !== undefined;

/** Whether anything is said of a product that its code could disagree with: files of its own, or rules in its definition. */
function hasPolicy({ name, readiness, sources }: Product, root = projectFolder): boolean {
  const files = [vocabularyFile(name), policyFolder(name)].some((path) => isThere(join(root, path)));
  return files || readiness !== undefined || sources?.policy !== undefined;
}

/** What the contract comes to. With a candidate, what it was sealed with is compared as well. */
export function contractRequirements(
  { product, candidate }: Pick<Decision, "product" | "candidate">,
  root?: string,
): Requirement[] {
  const definition = productNamed(product);
  if (!hasPolicy(definition, root))
    return [{ name: "contract", status: "satisfied", observed: "no matrix, no checklist" }];
  const { compared, found } = checkContract({
    product: definition,
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
