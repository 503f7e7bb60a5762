/**
 * Judges whether a release is ready: every item of the readiness checklist is known, every rollout control is closed or may be open, every
 * migration track was gone there and back, and no known limitation forbids what is asked for.
 */
import type { Requirement } from "../gates/index.ts";
import {
  policyDigests,
  readinessOf,
  readinessStates,
  type Merged,
  type ProductPolicy,
  type ProfileName,
  type Readiness,
  type SourceContract,
  type SourcesKnown,
} from "../matrix/index.ts";
import { ageFault, policyFault, type Aside, type Subject } from "./counted.ts";
import { controlRequirements, evidenceRequirements, promotionRequirements, trackRequirements } from "./checklist.ts";
import type { MappedResults } from "./mapped.ts";

export interface ReadinessQuestion extends Omit<Subject, "archives"> {
  policy: ProductPolicy;
  profile: ProfileName;
  /** what all reports and all evidence of the commit come to together */
  merged: Merged | undefined;
  sourceContracts: SourceContract | undefined;
  controls: MappedResults["controls"];
  tracks: MappedResults["tracks"];
  /** deployment profiles that are asked to be promoted */
  promotes: readonly string[];
}

export type ReadinessState = (typeof readinessStates)[number];

/** What stands in `compat-readiness-status.json`: the fields of Palyra's runner, and what else was judged. */
export interface ReadinessStatus extends Omit<Readiness, "state"> {
  schema_version: 1;
  release_scope: string;
  product: string;
  commit: string;
  profile: ProfileName;
  state: ReadinessState;
  requirements: Requirement[];
  promotes: readonly string[];
  policy: Record<string, string>;
  judged_at_unix_ms: number;
}

export interface ReadinessJudgement {
  state: ReadinessState;
  status: ReadinessStatus;
  requirements: Requirement[];
}

/** Why what was found in the sources does not count; undefined when it does, or when nobody has looked. */
function sourcesFault({
  policy,
  product,
  commit,
  sourceContracts: found,
  ...age
}: ReadinessQuestion): Aside | undefined {
  if (!found) return undefined;
  if (found.product !== product || found.commit !== commit)
    return {
      status: "missing",
      expected: `a look at the sources of ${product} at commit ${commit}`,
      observed: `one at ${found.product} at commit ${found.commit}`,
    };
  return (
    policyFault("a look at the sources", found.policy, policy) ??
    ageFault("a look at the sources", new Date(found.checked_at_unix_ms), age)
  );
}

/**
 * What was found in the sources, item by item; of what does not count, why. An item is not taken for found by its status alone: each
 * text that the checklist asks for must have been.
 */
function sourcesKnown({ sourceContracts, policy }: ReadinessQuestion, fault: Aside | undefined): SourcesKnown {
  const asked = policy.checklist?.value.evidence ?? [];
  return new Map(
    (sourceContracts?.items ?? []).map(({ id, status, details, must_contain }) => {
      if (fault)
        return [
          id,
          { status: "pending_other_profile", details: `Expected ${fault.expected}; observed ${fault.observed}.` },
        ];
      const found = must_contain.flatMap((each) => (each.found ? [each.text] : []));
      const lacking = asked.find((each) => each.id === id)?.must_contain?.filter((text) => !found.includes(text)) ?? [];
      return status === "declared_contract" && lacking.length > 0
        ? [id, { status: "failed", details: `Not found: ${lacking.join(", ")}.` }]
        : [id, { status, details }];
    }),
  );
}

/** Of a product without a checklist: its whole matrix is proven. */
function matrixRequirement({ policy, merged }: ReadinessQuestion): Requirement {
  const matrix = policy.matrix.value;
  const results = merged?.profiles.find(({ profile }) => profile === "full");
  const of = (status: string): string[] =>
    [...(results?.setup_steps ?? []), ...(results?.scenarios ?? [])]
      .filter((each) => each.status === status)
      .map(({ id }) => id);
  const asked = matrix.scenarios.filter(({ profiles }) => profiles.includes("full")).map(({ id }) => id);
  const open = asked.filter((id) => !of("passed").includes(id));
  const short = (results?.chaos.passed ?? 0) < matrix.profiles.full.minimum_chaos_scenarios;
  const [failed, lacking] = [of("failed"), [...open, ...(short && open.length === 0 ? ["chaos-minimum"] : [])]];
  const requirement = {
    name: "workflow_regression_full",
    expected: "every scenario of the profile full to have passed",
  };
  if (failed.length > 0) return { ...requirement, status: "failed", observed: `failed: ${failed.join(", ")}` };
  return lacking.length > 0
    ? { ...requirement, status: "missing", observed: `not proven: ${lacking.join(", ")}` }
    : { ...requirement, status: "satisfied", observed: `${asked.length} scenarios passed` };
}

/** Everything that is asked, and the items of evidence as the status file has them. */
function judged(question: ReadinessQuestion): { requirements: Requirement[]; known: Omit<Readiness, "state"> } {
  const { policy, controls, tracks, promotes } = question;
  const checklist = policy.checklist?.value;
  if (!checklist) {
    const requirement = matrixRequirement(question);
    const is = (...of: Requirement["status"][]): number => (of.includes(requirement.status) ? 1 : 0);
    const known = { validated: is("satisfied"), pending: is("missing"), failed: is("failed"), evidence: [] };
    return { requirements: [requirement], known };
  }
  const fault = sourcesFault(question);
  const merged = question.merged?.commit === question.commit ? question.merged : undefined;
  const { state: _, ...known } = readinessOf(checklist, merged?.profiles ?? [], sourcesKnown(question, fault));
  const evidence = evidenceRequirements({ state: "ready", ...known }, checklist, fault);
  const requirements = [
    ...evidence,
    ...controlRequirements(checklist, controls, evidence),
    ...trackRequirements(checklist, tracks),
    ...promotionRequirements(policy, checklist, promotes),
  ];
  return { requirements, known };
}

/** Judges; throws for nothing that it is given to judge. */
export function judgeReadiness(question: ReadinessQuestion): ReadinessJudgement {
  const { policy, product, commit, profile, promotes, now } = question;
  const { requirements, known } = judged(question);
  const is = (status: Requirement["status"]): boolean => requirements.some((each) => each.status === status);
  const [needsAttention, pending, ready] = readinessStates;
  const state = is("failed")
    ? needsAttention
    : requirements.every(({ status }) => status === "satisfied")
      ? ready
      : pending;
  return {
    state,
    status: {
      ...{ schema_version: 1, release_scope: policy.matrix.value.release_scope, product, commit, profile, state },
      ...{ ...known, requirements, promotes, policy: policyDigests(policy), judged_at_unix_ms: now.getTime() },
    },
    requirements,
  };
}
