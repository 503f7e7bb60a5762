/** What machines have proven of rollout controls and migration tracks, by the checks that the product's definition names for them. */
import type { Evidence } from "../evidence/index.ts";
import type { RequirementStatus } from "../gates/index.ts";
import type { MachineChecks, ReadinessRules } from "../products/index.ts";
import { evidenceFault, type Subject } from "./counted.ts";
import { judgeChecks, Judged } from "./machine-checks.ts";

/** What is known of a control or of a part of a track; `missing` and `stale` are not `failed`: nothing says that it is open. */
export interface Mapped {
  status: Extract<RequirementStatus, "satisfied" | "failed" | "missing" | "stale">;
  expected: string;
  observed: string;
}
export interface TrackParts {
  apply: Mapped;
  verify: Mapped;
  rollback: Mapped;
}

export interface MappedResults {
  controls: Record<string, Mapped>;
  tracks: Record<string, TrackParts>;
}

const statuses = { passed: "satisfied", failed: "failed", skipped: "missing" } as const;

/** @param evidence the evidence that counts for each cell; of it, what is of the commit, of the archives and not too old */
export function mappedResults(
  rules: ReadinessRules | undefined,
  evidence: readonly Evidence[],
  subject: Subject,
): MappedResults {
  const faults = evidence.map((each) => ({ each, fault: evidenceFault(each, subject) }));
  const usable = faults.flatMap(({ each, fault }) => (fault ? [] : [each]));
  const judged = new Judged();
  const of = (asked: MachineChecks): Mapped => {
    const { status, detail } = judgeChecks(asked, usable, judged);
    const expected = `${asked.checks.join(", ")} of ${asked.kind} to pass`;
    const stale = faults.find(({ each, fault }) => fault?.status === "stale" && each.subject.kind === asked.kind);
    if (status === "skipped" && stale?.fault) return stale.fault;
    return { status: statuses[status], expected, observed: status === "passed" ? "passed" : detail };
  };
  const { controls = {}, tracks = {} } = rules ?? {};
  return {
    controls: Object.fromEntries(Object.entries(controls).map(([id, asked]) => [id, of(asked)])),
    tracks: Object.fromEntries(
      Object.entries(tracks).map(([id, { apply, verify, rollback }]) => [
        id,
        { apply: of(apply), verify: of(verify), rollback: of(rollback) },
      ]),
    ),
  };
}
