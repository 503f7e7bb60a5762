/** Whether a release may be published: every gate green, complete and fresh. Whatever is missing, foreign or unreadable blocks. */
import type { Release, ReleaseFile, ReleaseGate } from "./release.ts";

export interface ProofRequirements {
  files: readonly ReleaseFile[];
  gates: readonly ReleaseGate[];
  /** each archive must be proven by all of these */
  requiredSuites: readonly string[];
  /** but for these */
  notApplicable: Release["notApplicable"];
  /** older evidence is stale; undefined where age has no say */
  maxAgeHours?: number;
  now: Date;
}

/** Machines' clocks are set from the host's, which may itself be set back a little. */
const clockSkewMs = 10 * 60_000;

/** Every reason not to publish, as clauses of a sentence; empty when there is none. */
export function faultsOfProof({ files, gates, requiredSuites, notApplicable = [], maxAgeHours, now }: ProofRequirements): string[] {
  const faults: string[] = [];
  const archives = files.filter((file) => file.role === "archive");
  const evidence = new Set(files.filter((file) => file.role === "evidence").map((file) => `${file.path} ${file.sha256}`));
  if (archives.length === 0) faults.push("there is no archive to release");
  if (gates.length === 0) faults.push("no gate has judged it");
  if (requiredSuites.length === 0) faults.push("the policy requires no suite, which proves nothing");
  for (const gate of gates) {
    if (gates.filter((other) => other.name === gate.name).length > 1) faults.push(`gate ${gate.name} is named twice`);
    if (gate.verdict !== "green") faults.push(`gate ${gate.name} is ${gate.verdict}`);
    if (!archives.some((archive) => archive.sha256 === gate.subject)) faults.push(`gate ${gate.name} judged ${gate.subject.slice(0, 12)}, which is no archive of this release`);
    if (!evidence.has(`evidence/${gate.evidence}.json ${gate.evidence}`)) faults.push(`the evidence of gate ${gate.name} is missing`);
    const age = now.getTime() - Date.parse(gate.provedAt);
    if (!Number.isFinite(age) || age < -clockSkewMs) faults.push(`the evidence of gate ${gate.name} is dated ${gate.provedAt}, which is not yet`);
    else if (maxAgeHours !== undefined && age > maxAgeHours * 3_600_000) faults.push(`the evidence of gate ${gate.name} is ${Math.floor(age / 3_600_000)} h old and may be ${maxAgeHours}`);
  }
  for (const archive of archives) {
    const proven = new Set(gates.filter((gate) => gate.subject === archive.sha256 && gate.verdict === "green").flatMap((gate) => gate.suites));
    const idle = new Set(notApplicable.filter(({ base }) => `${base}.zip` === archive.path).map(({ suite }) => suite));
    const missing = requiredSuites.filter((suite) => !proven.has(suite) && !idle.has(suite));
    if (proven.size === 0) faults.push(`${archive.path} is proven by nothing`);
    if (missing.length > 0) faults.push(`${archive.path} is not proven by ${missing.join(", ")}`);
  }
  return faults;
}
