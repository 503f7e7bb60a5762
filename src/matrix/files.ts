/** The policy files of a product as the releaser keeps them: read strictly, and judged by every rule. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { EdgeError } from "../edges/edges.ts";
import { faultLine, readLocated, type Fault, type Located } from "../edges/located.ts";
import { ChecklistSchema, checklistFaults, type Checklist } from "./checklist.ts";
import { PromotionGatesSchema, promotionGateFaults, type PromotionGates } from "./promotion-gates.ts";
import { matrixFaults } from "./rules.ts";
import { MatrixSchema, type Matrix } from "./schema.ts";
import { vocabularyOf, type Vocabulary } from "./vocabulary.ts";

/** Names of the three files, the same in a product's checkout and in the releaser's folder. */
export const fileNames = {
  matrix: "workflow-regression-matrix.json",
  checklist: "compat-hardening-readiness.json",
  gates: "deployment-promotion-gates.json",
} as const;

/** This project's own folder: policy and words lie in it, and tests bring others. */
export const projectFolder = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");

/** Where a product's policy lies, from the project's folder. */
export const policyFolder = (product: string): string => `infra/release/${product}`;

/** What a product's policy says; a product that is never deployed by profiles has neither checklist nor gates. */
export interface ProductPolicy {
  words: Located<Vocabulary>;
  matrix: Located<Matrix>;
  checklist?: Located<Checklist>;
  gates?: Located<PromotionGates>;
}

/**
 * The files of a product, each parsed strictly; what they say is not held against anything yet.
 * @throws EdgeError naming everything that does not fit the format, and a file that must be there and is not.
 */
export function parsePolicy(product: string, root: string = projectFolder): ProductPolicy {
  const words = vocabularyOf(product, root);
  const faults: string[] = [];
  const read = <T>(
    name: string,
    reader: (path: string, origin: { file: string; remedy: string }) => T,
  ): T | undefined => {
    const file = `${policyFolder(product)}/${name}`;
    try {
      return reader(`${root}/${file}`, { file, remedy: "mend the file" });
    } catch (e) {
      if (!(e instanceof EdgeError)) throw e;
      faults.push(e.message);
      return undefined;
    }
  };
  const matrix = read(fileNames.matrix, (path, origin) => readLocated(MatrixSchema, path, origin));
  // Both or neither: a product that is deployed by profiles has them.
  const deployed = words.value.deployment_profiles.length > 0;
  const there = (name: string): boolean => deployed || existsSync(`${root}/${policyFolder(product)}/${name}`);
  const checklist = there(fileNames.checklist)
    ? read(fileNames.checklist, (path, origin) => readLocated(ChecklistSchema, path, origin))
    : undefined;
  const gates = there(fileNames.gates)
    ? read(fileNames.gates, (path, origin) => readLocated(PromotionGatesSchema, path, origin))
    : undefined;
  if (faults.length > 0 || !matrix) throw new EdgeError(faults.flatMap((fault) => fault.split("\n")));
  return { words, matrix, ...(checklist && { checklist }), ...(gates && { gates }) };
}

/** Every fault of the files by their own rules. */
export function policyFaults({ words, matrix, checklist, gates }: ProductPolicy): Fault[] {
  return [
    ...matrixFaults(matrix, words),
    ...(checklist ? checklistFaults(checklist, matrix) : []),
    ...(gates ? promotionGateFaults(gates, words) : []),
  ];
}

/** The files of a product, parsed and judged. @throws EdgeError naming file, line, path and remedy of every fault */
export function readPolicy(product: string, root: string = projectFolder): ProductPolicy {
  const policy = parsePolicy(product, root);
  const faults = policyFaults(policy);
  if (faults.length > 0) throw new EdgeError(faults.map((fault) => `${faultLine(fault)}.`));
  return policy;
}
