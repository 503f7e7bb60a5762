/** Whether a proof still stands: the same question, asked again of a machine since, may have been answered with no. */
import { EdgeError } from "../edges/edges.ts";
import { loadEvidence, readCell, rejudge, type Evidence } from "../evidence/index.ts";
import type { Proven } from "./proven.ts";

/** The evidence of a cell that can be read, oldest first. Attempts that cannot be read say nothing, of either kind. */
function attempts(workspace: string, stack: string, cell: string): { digest: string; evidence: Evidence }[] {
  const read = <T>(work: () => T): T | undefined => {
    try {
      return work();
    } catch (e) {
      if (e instanceof EdgeError) return undefined;
      throw e;
    }
  };
  const history = read(() => readCell(workspace, stack, cell))?.history ?? [];
  return history.flatMap((digest) => {
    const evidence = read(() => loadEvidence(workspace, digest));
    return evidence ? [{ digest, evidence }] : [];
  });
}

const sorted = (digests: readonly string[]): string => [...digests].sort().join();

/**
 * Finds, for a proof, the digest of later evidence in which the same cell failed for the same bytes, beside the same companions; undefined
 * when there is none. A machine that was lost refutes nothing, unless a check had failed before.
 */
export function refutations(workspace: string): (proof: Proven) => string | undefined {
  const read = new Map<string, ReturnType<typeof attempts>>();
  return ({ stack, name, subject, companions, provedAt }) => {
    const cell = `${stack} ${name}`;
    const all = read.get(cell) ?? attempts(workspace, stack, name);
    read.set(cell, all);
    return all.find(({ evidence }) => {
      if (evidence.subject.sha256 !== subject || sorted(evidence.companions) !== sorted(companions)) return false;
      if (Date.parse(evidence.time) <= Date.parse(provedAt)) return false;
      return evidence.suites.some(({ definition }) => rejudge(evidence, definition.name)?.result.status === "failed");
    })?.digest;
  };
}
