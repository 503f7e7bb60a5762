/** What the items of a readiness checklist come to, by the reports that there are. */
import { z } from "zod";
import type { Checklist, EvidenceItem } from "./checklist.ts";
import type { ProfileName } from "./schema.ts";

export const evidenceStatuses = [
  "runtime_validated",
  "declared_contract",
  "pending_other_profile",
  "failed",
  "invalid_reference",
] as const;
export const readinessStates = ["needs_attention", "profile_validated_pending_external_evidence", "ready"] as const;

export const ReadinessSchema = z.strictObject({
  state: z.enum(readinessStates),
  validated: z.int().min(0),
  pending: z.int().min(0),
  failed: z.int().min(0),
  evidence: z.array(
    z.strictObject({ id: z.string(), kind: z.string(), status: z.enum(evidenceStatuses), details: z.string() }),
  ),
});
export type Readiness = z.output<typeof ReadinessSchema>;

/** What readiness needs of a report. */
interface Known {
  profile: ProfileName;
  scenarios: readonly { id: string; status: "passed" | "failed" | "skipped"; subsystems: readonly string[] }[];
  setup_steps: readonly { id: string; status: "passed" | "failed" | "skipped" }[];
}

type Judged = Pick<Readiness["evidence"][number], "status" | "details">;

/** What was found in the sources, by the ids of the items that ask for it. */
export type SourcesKnown = ReadonlyMap<string, Judged>;

function judge(item: EvidenceItem, reports: readonly Known[], sources: SourcesKnown): Judged {
  if (item.kind === "source_contract")
    return (
      sources.get(item.id) ?? {
        status: "pending_other_profile",
        details: `Nobody has looked at ${item.path} of the sources; \`greenlight evidence source-contract\` does.`,
      }
    );
  const known = reports.filter(({ profile }) => profile === item.profile);
  if (known.length === 0)
    return { status: "pending_other_profile", details: `There is no report of the profile ${item.profile}.` };
  const failed = known.flatMap(({ setup_steps, scenarios }) =>
    [...setup_steps, ...scenarios].filter(({ status }) => status === "failed").map(({ id }) => id),
  );
  if (failed.length > 0) return { status: "failed", details: `Failed: ${failed.join(", ")}.` };
  const results = known.flatMap(({ scenarios }) => scenarios);
  const unknown = item.must_pass_scenarios.filter((id) => !results.some((each) => each.id === id));
  if (unknown.length > 0)
    return {
      status: "invalid_reference",
      details: `The profile ${item.profile} has no scenario ${unknown.join(", ")}.`,
    };
  const passed = results.filter(({ status }) => status === "passed");
  const open = [
    ...item.must_pass_scenarios.filter((id) => !passed.some((each) => each.id === id)),
    ...item.required_subsystems.filter((name) => !passed.some(({ subsystems }) => subsystems.includes(name))),
  ];
  if (open.length > 0) return { status: "pending_other_profile", details: `Not proven yet: ${open.join(", ")}.` };
  return { status: "runtime_validated", details: `${item.must_pass_scenarios.length} scenarios passed.` };
}

/** Every item of the checklist by these reports, and what they come to together. Reports of one commit are what makes sense here. */
export function readinessOf(
  checklist: Checklist,
  reports: readonly Known[],
  sources: SourcesKnown = new Map(),
): Readiness {
  const evidence = checklist.evidence.map((item) => ({
    id: item.id,
    kind: item.kind,
    ...judge(item, reports, sources),
  }));
  const count = (...statuses: Judged["status"][]): number =>
    evidence.filter(({ status }) => statuses.includes(status)).length;
  const [failed, pending] = [count("failed", "invalid_reference"), count("pending_other_profile")];
  return {
    state: failed > 0 ? "needs_attention" : pending > 0 ? "profile_validated_pending_external_evidence" : "ready",
    validated: count("runtime_validated", "declared_contract"),
    pending,
    failed,
    evidence,
  };
}
