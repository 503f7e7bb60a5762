/** Gate `matrix`: every scenario of the channel's profile is proven at this commit and of these archives. */
import type { Requirement } from "../gates/index.ts";
import { judgeMatrix, reportsOf, type MatrixJudgement } from "../readiness/index.ts";
import type { Decision } from "./asked.ts";
import type { Circumstances } from "./judge.ts";
import { archivesOf, commitOf, evidenceOf, policyOf } from "./release.ts";

/** What all reports and all evidence on the release come to. */
export function matrixOf(asked: Decision, maxAgeHours: number, circumstances: Circumstances): MatrixJudgement {
  const commit = commitOf(asked);
  return judgeMatrix({
    policy: policyOf(asked, circumstances),
    product: asked.product,
    profile: asked.policy.profile,
    commit,
    archives: archivesOf(asked),
    reports: reportsOf(circumstances.workspace, asked.product, commit),
    evidence: evidenceOf(asked, circumstances),
    maxAgeHours,
    now: circumstances.now,
  });
}

/** @throws EdgeError when something that it judges cannot be read */
export function matrixRequirements(asked: Decision, circumstances: Circumstances): Requirement[] {
  return matrixOf(asked, asked.policy.gates.matrix!.maxAgeHours, circumstances).requirements;
}
