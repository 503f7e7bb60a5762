/** Gate `readiness`: the product's readiness checklist is ready for what the release is to be deployed as. */
import type { Requirement } from "../gates/index.ts";
import { productNamed } from "../products/index.ts";
import { judgeReadiness, mappedResults, sourceContractOf, type ReadinessJudgement } from "../readiness/index.ts";
import type { Decision } from "./asked.ts";
import type { Circumstances } from "./judge.ts";
import { matrixOf } from "./matrix.ts";
import { archivesOf, commitOf, evidenceOf, policyOf } from "./release.ts";

/** What readiness comes to, with what is written into compat-readiness-status.json. */
export function readinessOf(asked: Decision, circumstances: Circumstances): ReadinessJudgement {
  const { product, policy } = asked;
  const { maxAgeHours } = policy.gates.readiness!;
  const { workspace, now } = circumstances;
  const commit = commitOf(asked);
  const subject = { product, commit, archives: archivesOf(asked), maxAgeHours, now };
  return judgeReadiness({
    ...subject,
    ...mappedResults(productNamed(product).readiness, evidenceOf(asked, circumstances), subject),
    policy: policyOf(asked, circumstances),
    profile: policy.profile,
    merged: matrixOf(asked, maxAgeHours, circumstances).merged,
    sourceContracts: sourceContractOf(workspace, product, commit),
    promotes: policy.deploys?.[product] ?? [],
  });
}

/** @throws EdgeError when something that it judges cannot be read */
export const readinessRequirements = (asked: Decision, circumstances: Circumstances): Requirement[] =>
  readinessOf(asked, circumstances).requirements;
