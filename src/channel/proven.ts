/**
 * What a piece of evidence proves, found out from its own records. What it, or anybody else, claims of it does not
 * count.
 */
import { rejudge, type Evidence } from "../evidence/index.ts";
import type { ReleaseGate } from "./release.ts";

/** A gate's proof with what decides whether it is about this release and the one before. */
export interface Proven extends ReleaseGate {
  /** the stack that proved it */
  stack: string;
  /** `<platform>/<image>` */
  target: string;
  /** SHA-256 of what else its machine was given */
  companions: readonly string[];
  /** how many checks each suite that passed has run */
  checks: Readonly<Record<string, number>>;
}

/**
 * What `evidence`, which is known by `digest`, proves: green when every suite of it passed, and nothing was lost or
 * could not be read.
 */
export function provenBy(evidence: Evidence, digest: string): Proven {
  const suites = evidence.suites.map(({ definition }) => definition.name);
  const judged = suites
    .flatMap((suite) => rejudge(evidence, suite)?.result ?? [])
    .filter(({ status }) => status === "passed");
  const passed = judged.map(({ suite }) => suite);
  const whole =
    suites.length > 0 &&
    passed.length === suites.length &&
    evidence.errors.length === 0 &&
    evidence.faults.length === 0;
  return {
    name: evidence.cell,
    verdict: whole ? "green" : "red",
    subject: evidence.subject.sha256,
    evidence: digest,
    suites: passed,
    provedAt: evidence.time,
    stack: evidence.stack,
    target: evidence.target,
    companions: evidence.companions,
    checks: Object.fromEntries(judged.map(({ suite, checks }) => [suite, checks.length])),
  };
}
