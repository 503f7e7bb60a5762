/** The policy files that the product itself keeps in its sources: compared with the releaser's, and never obeyed. */
import { join } from "node:path";
import type { z } from "zod";
import { CANDIDATE_FILE, readCandidate } from "../candidate/index.ts";
import { EdgeError } from "../edges/edges.ts";
import { parseLocated, readLocated, type Located } from "../edges/located.ts";
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

const remedy = "mend the product's file, or teach greenlight its form";

/** Reads each of the three. @param read one of them, by its name and by how it is called in sentences */
function allThree(
  folder: string,
  read: <S extends z.ZodType>(schema: S, name: string, file: string) => Located<z.output<S>>,
): ProductFiles {
  const called = (name: string): string => `the product's ${folder}/${name}`;
  return {
    matrix: read(ProductMatrixSchema, fileNames.matrix, called(fileNames.matrix)),
    checklist: read(ProductChecklistSchema, fileNames.checklist, called(fileNames.checklist)),
    gates: read(PromotionGatesSchema, fileNames.gates, called(fileNames.gates)),
  };
}

/**
 * The files of a checkout; undefined for a product that keeps none.
 * @throws EdgeError when one is missing, malformed, or has a field that nobody knows.
 */
export function productFiles(checkout: string, rules: SourceRules | undefined): ProductFiles | undefined {
  const folder = rules?.policy;
  if (folder === undefined) return undefined;
  return allThree(folder, (schema, name, file) => readLocated(schema, join(checkout, folder, name), { file, remedy }));
}

/**
 * The files that a candidate was sealed with; undefined for a product that keeps none.
 * @throws EdgeError as {@link productFiles} does: a candidate that leaves them out would not be compared.
 */
export function candidateFiles(candidate: string, rules: SourceRules | undefined): ProductFiles | undefined {
  const folder = rules?.policy;
  if (folder === undefined) return undefined;
  const { policy = {} } = readCandidate(candidate);
  return allThree(folder, (schema, name, file) => {
    const sealed = Object.hasOwn(policy, name) ? policy[name]! : undefined;
    if (!sealed)
      throw new EdgeError(
        `${join(candidate, CANDIDATE_FILE)} was sealed without ${file}; seal the candidate again with \`greenlight candidate create --source\`.`,
        "refused",
      );
    return parseLocated(schema, sealed.text, { file, remedy });
  });
}
