/** What a product calls its capabilities, acceptance scenarios and fixtures: the words that its policy files may use. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { lowerCaseName } from "../edges/names.ts";
import { EdgeError } from "../edges/edges.ts";
import { readLocated, type Located } from "../edges/located.ts";
import { IdSchema, namesOf } from "./schema.ts";

export const VocabularySchema = z.strictObject({
  /** in the order in which the product's sources declare them */
  capabilities: namesOf(IdSchema).min(1),
  /** what the sources publish for tests to build on */
  fixtures: namesOf(IdSchema).min(1),
  acceptance_scenarios: z
    .array(z.strictObject({ id: IdSchema, capability: IdSchema, fixture_keys: namesOf(IdSchema).min(1) }))
    .min(1),
  /** what a release may be deployed as, where the product tells such profiles apart */
  deployment_profiles: namesOf(lowerCaseName()),
});
export type Vocabulary = z.output<typeof VocabularySchema>;

/** Where a product's words stand, from the project's folder. */
export const vocabularyFile = (product: string): string => `src/matrix/vocabulary/${product}.json`;

/**
 * The words of a product.
 * @param root the folder that {@link vocabularyFile} lies in; this project when left out
 * @throws EdgeError when the product has none, or its file is malformed.
 */
export function vocabularyOf(
  product: string,
  root = fileURLToPath(new URL("../..", import.meta.url)),
): Located<Vocabulary> {
  const file = vocabularyFile(product);
  if (!existsSync(`${root}/${file}`))
    throw new EdgeError(`Product ${product} has no vocabulary; write its words into ${file}.`);
  return readLocated(VocabularySchema, `${root}/${file}`, { file, remedy: "mend the file" });
}
