/** What must be covered once all names agree: a capability that nothing tests or controls, a check that no channel asks for. */
import type { Fault, Located } from "../edges/located.ts";
import { faultAt } from "../edges/located.ts";
import { allSuites, type Policy } from "../policy/index.ts";
import { policyFaults, profileNames, type ProductPolicy } from "../matrix/index.ts";

/** The suites that each channel asks for, as the releaser's policy has them. */
export type Channels = Located<Policy>;

/** Everything that is not covered, by the rules of the files themselves and between them. */
export function uncovered(policy: ProductPolicy, channels: Channels): Fault[] {
  const { matrix, checklist, words } = policy;
  const asked = new Set(
    Object.values(channels.value.channels).flatMap(({ gates }) => allSuites(gates.machines.requires)),
  );
  const untested = words.value.capabilities.filter(
    (name) => !words.value.acceptance_scenarios.some(({ capability }) => capability === name),
  );
  const free = words.value.capabilities.filter(
    (name) => checklist && !checklist.value.rollout_controls.some(({ capabilities }) => capabilities.includes(name)),
  );
  return [
    ...policyFaults(policy),
    ...(untested.length > 0
      ? [
          faultAt(
            words,
            ["acceptance_scenarios"],
            `no acceptance scenario is about ${untested.join(", ")}; add one for each`,
          ),
        ]
      : []),
    ...(checklist && free.length > 0
      ? [
          faultAt(
            checklist,
            ["rollout_controls"],
            `no control keeps ${free.join(", ")} closed; name each in the capabilities of a control`,
          ),
        ]
      : []),
    ...(checklist
      ? profileNames
          .filter(
            (profile) =>
              !checklist.value.evidence.some((item) => item.kind === "workflow_report" && item.profile === profile),
          )
          .map((profile) =>
            faultAt(checklist, ["evidence"], `no item asks for a report of the profile ${profile}; add one`),
          )
      : []),
    ...matrix.value.scenarios.flatMap(({ id, proof }, i) =>
      (proof.machine?.checks ?? [])
        .map((check, j) => ({ suite: check.split("/")[0]!, j }))
        .filter(({ suite }) => !asked.has(suite))
        .map(({ suite, j }) =>
          faultAt(
            matrix,
            ["scenarios", i, "proof", "machine", "checks", j],
            `scenario ${id} is proven by the suite ${suite}, which no channel of ${channels.file} asks for; ask for it there, or name another check`,
          ),
        ),
    ),
  ];
}
