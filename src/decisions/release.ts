/** What gates `matrix`, `readiness` and `approvals` read of a release: its commit, its archives, its evidence, its product's policy files. */
import { EdgeError } from "../edges/edges.ts";
import { loadEvidence, type Evidence } from "../evidence/index.ts";
import { readPolicy, type ProductPolicy } from "../matrix/index.ts";
import type { Decision } from "./asked.ts";
import type { Circumstances } from "./judge.ts";

/** The product's policy files, judged by their own rules. @throws EdgeError naming everything that is wrong with them */
export const policyOf = ({ product }: Decision, { root }: Circumstances): ProductPolicy => readPolicy(product, root);

/** The commit that everything about the release is bound to. @throws EdgeError when the candidate does not say it */
export function commitOf({ product, version, revision }: Decision): string {
  if (revision !== null) return revision;
  throw new EdgeError(
    `the candidate ${product} ${version} does not say which commit it was built from, so no report can be about it; create it with --source`,
    "refused",
  );
}

/** The archives as reports name them. */
export const archivesOf = ({ archives }: Decision): { name: string; sha256: string }[] =>
  archives.map(({ base, sha256 }) => ({ name: `${base}.zip`, sha256 }));

/** What machines have proven. @throws EdgeError naming evidence that is missing or is not what its digest says */
export const evidenceOf = ({ evidence }: Decision, { workspace }: Circumstances): Evidence[] =>
  [...new Set(evidence)].map((digest) => loadEvidence(workspace, digest));
