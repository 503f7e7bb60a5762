/**
 * The gates that a publication asks for, each with what its machine must have been given and told, and what the stored
 * evidence says of them.
 */
import { provenBy, type GateToPublish } from "../channel/index.ts";
import { type AskedGate, type GateResult, type SettledResult } from "../contract/index.ts";
import { EdgeError } from "../edges/edges.ts";
import { evidenceFile, loadEvidence, rejudge, type Evidence } from "../evidence/index.ts";

/** The gate's green result. @throws EdgeError with the one clause that a person needs when it is anything else. */
export function greenResult(gate: { name: string; subject?: string; result: SettledResult }): GateResult {
  if ("failed" in gate.result || gate.result.value.verdict !== "green")
    throw new EdgeError(`gate ${gate.name} is not green`, "refused");
  const result = gate.result.value;
  if (result.gate !== gate.name || (gate.subject !== undefined && result.subject !== gate.subject))
    throw new EdgeError(`gate ${gate.name} judged something else`, "refused");
  return result;
}

const listed = (digests: readonly string[]): string =>
  [...digests]
    .sort()
    .map((digest) => digest.slice(0, 12))
    .join(", ") || "nothing";

/**
 * Why evidence is not that of the machine that was asked for: another one, or one that was given or told something
 * else.
 */
function otherThanAsked(
  { name, subject, target, companions, suites }: AskedGate,
  evidence: Evidence,
): string | undefined {
  if (evidence.cell !== name) return `is that of ${evidence.cell}`;
  if (evidence.subject.sha256 !== subject)
    return `is about archive ${evidence.subject.sha256.slice(0, 12)}, and ${subject.slice(0, 12)} is to be published`;
  if (evidence.target !== target) return `is of ${evidence.target}, and ${target} is asked for`;
  if (JSON.stringify([...evidence.companions].sort()) !== JSON.stringify([...companions].sort())) {
    const given = listed(evidence.companions);
    return `is of a machine that was given ${given} beside the archive, and ${listed(companions)} is asked for`;
  }
  for (const { name: suite, digest } of suites) {
    const judged = rejudge(evidence, suite);
    if (!judged) return `has no suite ${suite}`;
    if (judged.digest !== digest)
      return `is of another suite ${suite} (${judged.digest.slice(0, 12)}) than is asked for (${digest.slice(0, 12)})`;
  }
  return undefined;
}

/**
 * What the stored evidence itself says of a gate, of the suites that were asked for and no others.
 * @throws EdgeError with a clause that says why it says nothing of what is to be published.
 */
export function provenGate(workspace: string, gate: AskedGate): GateToPublish {
  const result = greenResult(gate);
  const evidence = loadEvidence(workspace, result.evidence);
  const other = otherThanAsked(gate, evidence);
  if (other !== undefined) throw new EdgeError(`the evidence of gate ${gate.name} ${other}`, "refused");
  const proven = provenBy(evidence, result.evidence);
  const asked = new Set(gate.suites.map(({ name }) => name));
  return {
    ...proven,
    suites: proven.suites.filter((suite) => asked.has(suite)),
    evidenceFile: evidenceFile(workspace, result.evidence),
  };
}
