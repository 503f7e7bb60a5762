/**
 * The contract between a product's code and what is said of it: capabilities, acceptance scenarios, subsystems, scenarios, controls,
 * evidence, suites and policy name the same things. What is unknown fails as what is missing does.
 */
import { EdgeError } from "../edges/edges.ts";
import type { Located } from "../edges/located.ts";
import { parsePolicy, projectFolder, type ProductPolicy } from "../matrix/index.ts";
import { readPolicyFile } from "../policy/index.ts";
import type { Product } from "../products/index.ts";
import { checkOf, checksRoll, seededFaults } from "./checks.ts";
import { Comparison } from "./comparison.ts";
import { uncovered, type Channels } from "./coverage.ts";
import { declaredInCandidate, declaredInCheckout } from "./declared.ts";
import { mappedChecks, mappedNames } from "./mapped.ts";
import { matrixContents, matrixNames } from "./matrices.ts";
import { placeText, type Disagreement } from "./places.ts";
import { candidateFiles, productFiles, type ProductFiles } from "./product-files.ts";
import { readinessContents, readinessNames } from "./readiness.ts";
import type { Roll } from "./rolls.ts";

/** Everything that is compared. */
export interface Parties {
  product: Product;
  policy: ProductPolicy;
  channels: Channels;
  /** the capabilities that the code declares, where somebody brought it */
  code?: Roll | undefined;
  /** the product's own files, where it has some */
  own?: ProductFiles | undefined;
  /** the checks that there are */
  checks: Roll;
  seeded?: Located<{ id: string; kind: string; check: string }[]> | undefined;
}

/** Names of suites' checks, as scenarios, seeded faults and what shows that the product is ready use them. */
function checkNames(c: Comparison, { product, policy: { matrix }, checks, seeded }: Parties): void {
  const used = matrix.value.scenarios.flatMap(({ proof }, i): Roll[] => {
    if (!proof.machine) return [];
    const { kind, checks: names } = proof.machine;
    const list = ["scenarios", i, "proof", "machine", "checks"];
    return [
      {
        source: matrix,
        part: "uses",
        list,
        names: new Map(names.map((name, j) => [checkOf(kind, name), [...list, j]])),
      },
    ];
  });
  const tried = seeded?.value.map(({ kind, check }, i): Roll => ({
    source: seeded,
    part: "uses",
    list: [i],
    names: new Map([[checkOf(kind, check), [i, "check"]]]),
  }));
  c.names("check", [checks, ...used, ...(tried ?? []), ...mappedChecks(product)]);
}

/** Everything that disagrees; what follows from another disagreement is not found once more. */
export function compareParties(parties: Parties): Disagreement[] {
  const { policy, channels, code, own } = parties;
  const sides = {
    words: policy.words,
    code,
    matrices: [policy.matrix, ...(own ? [own.matrix] : [])],
    checklists: [...(policy.checklist ? [policy.checklist] : []), ...(own ? [own.checklist] : [])],
    gates: [...(policy.gates ? [policy.gates] : []), ...(own ? [own.gates] : [])],
  };
  const c = new Comparison();
  matrixNames(c, sides);
  readinessNames(c, sides);
  mappedNames(c, parties.product, policy.checklist ? [policy.checklist] : []);
  checkNames(c, parties);
  matrixContents(c, sides);
  readinessContents(c, sides);
  if (c.found.length > 0) return c.found;
  // Only where all agree on what there is can anything be said of what is covered.
  return uncovered(policy, channels).map((fault) => ({
    about: `${fault.file} ${fault.path.join(".")}`,
    message: `${placeText(fault)} ${fault.message}.`,
    mend: [fault],
  }));
}

export interface ContractTask {
  product: Product;
  /** the product's sources */
  checkout?: string;
  /** a sealed candidate, where there are no sources */
  candidate?: string;
  /** the project's folder, which policy lies in */
  root?: string;
}

/** What was compared, and what disagrees. A file that cannot be read is a disagreement of its own: its message says all of it. */
export function checkContract({ product, checkout, candidate, root = projectFolder }: ContractTask): {
  compared: string[];
  found: Disagreement[];
} {
  try {
    const policy = parsePolicy(product.name, root);
    const own =
      checkout !== undefined
        ? productFiles(checkout, product.sources)
        : candidate !== undefined
          ? candidateFiles(candidate, product.sources)
          : undefined;
    const code =
      checkout !== undefined
        ? declaredInCheckout(checkout, product.sources)
        : candidate !== undefined
          ? declaredInCandidate(candidate, product.sources)
          : undefined;
    const parties: Parties = {
      product,
      ...{ policy, code, own, checks: checksRoll(product), seeded: seededFaults(product.name, root) },
      channels: readPolicyFile(root),
    };
    const files = [
      policy.words,
      policy.matrix,
      policy.checklist,
      policy.gates,
      own?.matrix,
      own?.checklist,
      own?.gates,
    ];
    const compared = [...files.flatMap((each) => (each ? [each.file] : [])), ...(code ? [code.source.file] : [])];
    return { compared, found: compareParties(parties) };
  } catch (e) {
    if (!(e instanceof EdgeError)) throw e;
    return { compared: [], found: e.message.split("\n").map((message) => ({ about: message, message, mend: [] })) };
  }
}
