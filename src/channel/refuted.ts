/** Whether a proof still stands: the same question, asked again of a machine since, may have been answered with no. */
import { EdgeError } from "../edges/edges.ts";
import { loadEvidence, readCell, type Evidence } from "../evidence/index.ts";
import { judgeGate } from "../gates/index.ts";
import type { Proven } from "./proven.ts";

/** One attempt of a cell: its evidence, or why that cannot be read. */
interface Attempt {
  digest: string;
  evidence: Evidence | { unreadable: string };
}

/** The attempts of a cell, oldest first. @throws EdgeError when it cannot be read which there were. */
function attempts(workspace: string, stack: string, cell: string): Attempt[] {
  return (readCell(workspace, stack, cell)?.history ?? []).map((digest) => {
    try {
      return { digest, evidence: loadEvidence(workspace, digest) };
    } catch (e) {
      if (!(e instanceof EdgeError)) throw e;
      return { digest, evidence: { unreadable: e.message.replace(/\.$/, "") } };
    }
  });
}

const sorted = (digests: readonly string[]): string => [...digests].sort().join();

/** Whether the cell's own gate was red by this evidence: a check failed, was left out, or came as what is no evidence. */
function isRed(evidence: Evidence): boolean {
  const { cell, target, subject, companions, suites } = evidence;
  const question = { gate: cell, target, subject, companions, suites: suites.map(({ definition }) => definition) };
  const policy = { schema: 1, suites: question.suites.map(({ name }) => name), maxAgeHours: 1 };
  return judgeGate({ ...question, policy, evidence, now: new Date(evidence.time) }).verdict === "red";
}

/** Whether an attempt says no to what the proof says yes to: later, of the same bytes, beside the same companions. */
function contradicts(evidence: Evidence, { subject, companions, provedAt }: Proven): boolean {
  if (evidence.subject.sha256 !== subject || sorted(evidence.companions) !== sorted(companions)) return false;
  return Date.parse(evidence.time) > Date.parse(provedAt) && isRed(evidence);
}

/**
 * Finds out why a proof does not stand any more, as a clause; undefined when it does: the same cell was red since, for
 * the same bytes beside the same companions, or a later attempt of it cannot be read, so that nobody knows what came of
 * it. A machine that was lost refutes nothing, unless a check had failed before.
 */
export function refutations(workspace: string): (proof: Proven) => string | undefined {
  const read = new Map<string, Attempt[] | string>();
  const attemptsOf = (stack: string, cell: string): Attempt[] | string => {
    try {
      return attempts(workspace, stack, cell);
    } catch (e) {
      if (!(e instanceof EdgeError)) throw e;
      return e.message.replace(/\.$/, "");
    }
  };
  return (proof) => {
    const { stack, name, evidence: own } = proof;
    const key = JSON.stringify([stack, name]);
    const all = read.get(key) ?? attemptsOf(stack, name);
    read.set(key, all);
    const unknown = `nobody can say whether gate ${name} has failed since`;
    if (typeof all === "string") return `${unknown}: ${all}`;
    const at = all.findIndex(({ digest }) => digest === own);
    for (const [i, { digest, evidence }] of all.entries()) {
      if ("unreadable" in evidence) {
        if (i > at) return `${unknown}: ${evidence.unreadable}`;
      } else if (contradicts(evidence, proof)) {
        return `gate ${name} has failed since for the same bytes (evidence ${digest})`;
      }
    }
    return undefined;
  };
}
