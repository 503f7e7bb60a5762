/** The binaries of one archive: the facts of each, and everything that keeps one of them from starting on the platform's targets. */
import { join } from "node:path";
import type { Candidate } from "../candidate/schema.ts";
import { executableName, targetsOf, type Platform, type Product, type Target } from "../products/index.ts";
import type { BinaryFacts } from "./facts.ts";
import { binaryFaults } from "./judge.ts";
import { readBinary } from "./read.ts";

export interface SurveyedBinary {
  /** the product's key */
  name: string;
  /** its name in the archive */
  fileName: string;
  /** its path in the candidate */
  file: string;
  facts: BinaryFacts;
  /** clauses that follow its name; empty when nothing is known to keep it from starting */
  faults: string[];
}

export interface Survey {
  /** what was judged against; none where the platform has no target: then system and processor alone are */
  targets: Target[];
  binaries: SurveyedBinary[];
}

/** Libraries that every kind with this binary tells its users to install. */
function expectedBy(product: Product, name: string): string[] {
  const [first = [], ...others] = Object.values(product.kinds).flatMap((kind) => (kind.binaries.includes(name) ? [kind.hostLibraries ?? []] : []));
  return first.filter((library) => others.every((list) => list.includes(library)));
}

/**
 * Reads the named binaries of a sealed candidate; those that the seal does not list, or that are not there, are left out.
 * `folder` is the candidate's.
 */
export async function surveyBinaries(folder: string, candidate: Candidate, product: Product, keys: readonly string[], platform: Platform): Promise<Survey> {
  const targets = targetsOf(platform);
  const binaries = await Promise.all(
    keys.map(async (name): Promise<SurveyedBinary[]> => {
      const file = candidate.platforms[platform]?.binaries[name]?.file;
      const facts = file === undefined ? undefined : await readBinary(join(folder, file)).catch(() => undefined);
      if (file === undefined || !facts) return [];
      return [{ name, fileName: executableName(name, platform), file, facts, faults: binaryFaults(facts, { platform, targets, expected: expectedBy(product, name), scripts: !product.payload }) }];
    }),
  );
  return { targets, binaries: binaries.flat() };
}
