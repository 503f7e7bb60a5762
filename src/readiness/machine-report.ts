/** The report on the scenarios that machines prove, made of stored evidence. */
import { EdgeError } from "../edges/edges.ts";
import type { Evidence } from "../evidence/index.ts";
import {
  makeReport,
  notRun,
  type ProductPolicy,
  type ProfileName,
  type Report,
  type Scenario,
  type ScenarioResult,
} from "../matrix/index.ts";
import { canonicalJson, sha256 } from "../storage/digest.ts";
import { judgeChecks, Judged } from "./machine-checks.ts";

export interface MachineReportTask {
  policy: ProductPolicy;
  product: string;
  profile: ProfileName;
  commit: string;
  /** the evidence that counts, one piece a cell */
  evidence: readonly Evidence[];
  /** what was judged of it already */
  judged?: Judged;
}

function resultOf(scenario: Scenario, evidence: readonly Evidence[], judged: Judged): ScenarioResult {
  const { machine } = scenario.proof;
  if (!machine) return notRun(scenario, "No machine proves it.");
  const { status, detail, tests, ms } = judgeChecks(machine, evidence, judged);
  return { ...notRun(scenario, detail), status, tests, duration_ms: Math.round(ms) };
}

/**
 * What machines have proven of a profile's scenarios. Nothing that evidence says of itself is taken on trust: its records are judged again.
 * @throws EdgeError when a piece of evidence is of another product or commit.
 */
export function machineReport({
  policy,
  product,
  profile,
  commit,
  evidence,
  judged = new Judged(),
}: MachineReportTask): Report {
  for (const { subject, cell } of evidence)
    if (subject.product !== product || subject.revision !== commit)
      throw new EdgeError(
        `The evidence of cell ${cell} is of ${subject.product} at ${subject.revision === null ? "no known commit" : `commit ${subject.revision}`}, and not of ${product} at commit ${commit}; prove the archives of that commit.`,
        "refused",
      );
  const asked = policy.matrix.value.scenarios.filter(({ profiles }) => profiles.includes(profile));
  const kinds = new Set(asked.flatMap(({ proof }) => proof.machine?.kind ?? []));
  const used = evidence.filter(({ subject }) => kinds.has(subject.kind));
  const times = used.map(({ time }) => Date.parse(time));
  const archives = new Map(used.map(({ subject: { base, sha256: of } }) => [`${base}.zip ${of}`, { base, of }]));
  return makeReport({
    ...{ policy, product, profile, commit, origin: "machine", changed: false, setup: [] },
    started: new Date(times.length === 0 ? 0 : Math.min(...times)),
    completed: new Date(times.length === 0 ? 0 : Math.max(...times)),
    scenarios: asked.map((scenario) => resultOf(scenario, used, judged)),
    archives: [...archives.values()].map(({ base, of }) => ({ name: `${base}.zip`, sha256: of })),
    // As it is stored: the digest is the name of its file.
    sources: used.map((each) => ({ name: each.cell, sha256: sha256(`${canonicalJson(each)}\n`) })),
  });
}
