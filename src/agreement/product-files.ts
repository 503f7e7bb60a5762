/** The policy files that the product itself keeps in its sources: compared with the releaser's, and never obeyed. */
import { join } from "node:path";
import type { Located } from "../edges/located.ts";
import { readLocated } from "../edges/located.ts";
import {
  fileNames,
  ProductChecklistSchema,
  ProductMatrixSchema,
  PromotionGatesSchema,
  type ProductChecklist,
  type ProductMatrix,
  type PromotionGates,
} from "../matrix/index.ts";
import type { SourceRules } from "../products/index.ts";

/** The three files as the product has them. */
export interface ProductFiles {
  matrix: Located<ProductMatrix>;
  checklist: Located<ProductChecklist>;
  gates: Located<PromotionGates>;
}

/**
 * The files of a checkout; undefined for a product that keeps none.
 * @throws EdgeError when one is missing, malformed, or has a field that nobody knows.
 */
export function productFiles(checkout: string, rules: SourceRules | undefined): ProductFiles | undefined {
  const folder = rules?.policy;
  if (folder === undefined) return undefined;
  const from = (name: string) =>
    [
      join(checkout, folder, name),
      { file: `the product's ${folder}/${name}`, remedy: "mend the product's file, or teach greenlight its form" },
    ] as const;
  return {
    matrix: readLocated(ProductMatrixSchema, ...from(fileNames.matrix)),
    checklist: readLocated(ProductChecklistSchema, ...from(fileNames.checklist)),
    gates: readLocated(PromotionGatesSchema, ...from(fileNames.gates)),
  };
}
