/** Judges a cell's evidence by policy. Whatever is missing, foreign, unreadable or old keeps the gate closed. */
import { z } from "zod";
import { EdgeError, parseValue } from "../edges/edges.ts";
import { EvidenceSchema, rejudge, type Evidence, type Rejudged } from "../evidence/index.ts";
import { suiteDigest, type CheckResult, type Suite } from "../suites/index.ts";
import { GatePolicySchema, type GatePolicy } from "./policy.ts";

/** `waived` is for signed exceptions, of which there are none yet. */
const RequirementStatusSchema = z.enum(["satisfied", "failed", "missing", "errored", "stale", "waived"]);
export type RequirementStatus = z.output<typeof RequirementStatusSchema>;
/** What a gate says: what is asked is proven, it is not, or nothing is known because the machine was not to be had or was lost. */
export const VerdictSchema = z.enum(["green", "red", "inconclusive"]);
export type Verdict = z.output<typeof VerdictSchema>;

/** One thing that a gate requires, and what was found. */
export const RequirementSchema = z.object({
  /** name of the suite */
  name: z.string(),
  status: RequirementStatusSchema,
  /** the first check that is not as it must be, `<suite>/<check>`; parts of a sentence about it */
  check: z.string().optional(),
  expected: z.string().optional(),
  observed: z.string().optional(),
  /** every check that failed, `<suite>/<check>`; those that were not run are not among them */
  failed: z.array(z.string()).optional(),
  /** how many of the suite's checks did not pass, of how many */
  open: z.object({ checks: z.number(), of: z.number() }).optional(),
  waiver: z.object({ by: z.string(), reason: z.string(), expires: z.string() }).optional(),
});
export type Requirement = z.output<typeof RequirementSchema>;

/** Whether a requirement keeps its gate closed. */
export const isOpen = ({ status }: Pick<Requirement, "status">): boolean =>
  status !== "satisfied" && status !== "waived";

export interface Judgement {
  verdict: Verdict;
  requirements: Requirement[];
  /** one paragraph for a person */
  sentence: string;
}

/** What a gate is about. */
export interface GateQuestion {
  /** name of the gate: that of its cell */
  gate: string;
  target: string;
  subject: { sha256: string; base: string };
  companions?: readonly string[];
  /** the suites as they are now; evidence of others is stale */
  suites: readonly Suite[];
  /** parsed here, so that an unreadable policy closes the gate */
  policy: unknown;
  /** the evidence as it was loaded, or undefined when there is none; parsed here as well */
  evidence: unknown;
  /** where the evidence is, for the sentence */
  where?: string;
  now: Date;
}

/** Clocks of two machines may differ by this much before evidence counts as being from the future. */
const clockSlackMinutes = 5;

const firstOpen = (checks: CheckResult[]): CheckResult | undefined =>
  checks.find((check) => check.status === "failed") ?? checks.find((check) => check.status !== "passed");

/** Why evidence is not about this gate's question, as parts of a sentence; undefined when it is. */
function staleness(
  question: GateQuestion,
  policy: GatePolicy,
  evidence: Evidence,
): { expected: string; observed: string } | undefined {
  if (evidence.subject.sha256 !== question.subject.sha256)
    return {
      expected: `evidence for archive ${question.subject.sha256}`,
      observed: `evidence for archive ${evidence.subject.sha256}`,
    };
  if (evidence.cell !== question.gate)
    return { expected: `evidence of cell ${question.gate}`, observed: `evidence of cell ${evidence.cell}` };
  if (evidence.target !== question.target)
    return { expected: `evidence for ${question.target}`, observed: `evidence for ${evidence.target}` };
  const wanted = [...(question.companions ?? [])].sort().join(", ");
  const found = [...evidence.companions].sort().join(", ");
  if (wanted !== found)
    return { expected: `companion archives ${wanted || "none"}`, observed: `companion archives ${found || "none"}` };
  const hours = (question.now.getTime() - new Date(evidence.time).getTime()) / 3_600_000;
  if (hours > policy.maxAgeHours)
    return { expected: `evidence of the last ${policy.maxAgeHours} hours`, observed: `evidence of ${evidence.time}` };
  if (hours < -clockSlackMinutes / 60)
    return { expected: "evidence that is not from the future", observed: `evidence of ${evidence.time}` };
  return undefined;
}

/** Whether nothing but the loss of the machine keeps a suite open. What a phase that came to its end left out was not lost. */
function isLost(suite: Suite, { recorded, result }: Rejudged): boolean {
  const seenByHost = new Set(suite.checks.filter((check) => check.on === "host").map((check) => check.name));
  return !recorded || result.checks.every((check) => check.status === "passed" || seenByHost.has(check.check));
}

function requirementOf(name: string, question: GateQuestion, policy: GatePolicy, evidence: Evidence): Requirement {
  const suite = question.suites.find((each) => each.name === name);
  if (!suite)
    return {
      name,
      status: "missing",
      expected: `suite ${name} among the suites of the cell`,
      observed: question.suites.map((each) => each.name).join(", ") || "no suites",
    };
  const stale = staleness(question, policy, evidence);
  if (stale) return { name, status: "stale", ...stale };
  const judged = rejudge(evidence, name);
  if (!judged) return { name, status: "missing", expected: `suite ${name} in the evidence`, observed: "no such suite" };
  const digest = suiteDigest(suite);
  if (judged.digest !== digest)
    return {
      name,
      status: "stale",
      expected: `suite ${name} as it is now (${digest.slice(0, 12)})`,
      observed: `suite ${name} as it was (${judged.digest.slice(0, 12)})`,
    };
  const { status, checks } = judged.result;
  // A check that failed has failed, and output that could not be used was there, whatever happened to the machine afterwards.
  const open = { checks: checks.filter((check) => check.status !== "passed").length, of: checks.length };
  // Something came that could not be used: then what else came is not taken for the whole truth either.
  if (status !== "failed" && evidence.faults.length > 0)
    return { name, status: "missing", expected: `usable evidence of suite ${name}`, observed: evidence.faults[0]! };
  if (status !== "failed" && evidence.errors.length > 0 && isLost(suite, judged))
    return { name, status: "errored", observed: evidence.errors[0]! };
  if (status === "passed") return { name, status: "satisfied" };
  const first = firstOpen(checks);
  if (!first) return { name, status: "missing", expected: `checks in suite ${name}`, observed: "none" };
  return {
    name,
    status: first.status === "failed" ? "failed" : "missing",
    check: `${name}/${first.check}`,
    expected: first.expected,
    observed: first.observed,
    failed: checks.filter((check) => check.status === "failed").map((check) => `${name}/${check.check}`),
    open,
  };
}

/** Judges; never throws for anything that it is given to judge. */
export function judgeGate(question: GateQuestion): Judgement {
  const closed = (sentence: string, requirements: Requirement[] = []): Judgement => ({
    verdict: "red",
    requirements,
    sentence: `Gate ${question.gate} is red: ${sentence}`,
  });
  const refusal = (e: unknown): string => {
    if (e instanceof EdgeError) return e.message;
    throw e;
  };
  let policy: GatePolicy;
  try {
    policy = parseValue(GatePolicySchema, question.policy, { what: "its policy", remedy: "correct the policy" });
  } catch (e) {
    return closed(refusal(e));
  }
  const all = (status: RequirementStatus, observed: string): Requirement[] =>
    policy.suites.map((name) => ({ name, status, observed }));
  if (question.evidence === undefined || question.evidence === null)
    return closed("there is no evidence for it; prove the cell with `greenlight up`.", all("missing", "no evidence"));
  let evidence: Evidence;
  try {
    evidence = parseValue(EvidenceSchema, question.evidence, {
      what: "its evidence",
      remedy: "prove the cell again with `greenlight rerun`",
    });
  } catch (e) {
    return closed(refusal(e), all("missing", "unreadable evidence"));
  }
  const requirements = [...new Set(policy.suites)].map((name) => requirementOf(name, question, policy, evidence));
  const open = requirements.filter(isOpen);
  const verdict: Verdict =
    open.length === 0 ? "green" : open.every(({ status }) => status === "errored") ? "inconclusive" : "red";
  return { verdict, requirements, sentence: paragraph(question, verdict, requirements, evidence) };
}

function paragraph(question: GateQuestion, verdict: Verdict, requirements: Requirement[], evidence: Evidence): string {
  const { gate, subject, target } = question;
  const where = question.where ? ` The evidence is ${question.where}.` : "";
  const subjectOf = `${subject.base} on ${target}`;
  if (verdict === "green")
    return `Gate ${gate} is green: ${subjectOf} passed ${requirements.map(({ name }) => name).join(", ")}.${where}`;
  if (verdict === "inconclusive") {
    return `Gate ${gate} is inconclusive: ${sentenceEnd(evidence.errors[0] ?? "the machine was lost")} Nothing is known of ${subjectOf}; \`greenlight up\` proves it again on a fresh machine.${where}`;
  }
  const rank: RequirementStatus[] = ["failed", "stale", "missing", "errored"];
  const first = rank
    .map((status) => requirements.find((each) => each.status === status))
    .find((each) => each !== undefined)!;
  const what = first.check ? `check ${first.check}` : `suite ${first.name}`;
  const did =
    first.status === "failed" ? "failed" : first.status === "stale" ? "has only stale evidence" : "is not proven";
  return `Gate ${gate} is red: ${what} of ${subjectOf} ${did}. Expected ${first.expected}; observed ${sentenceEnd(first.observed ?? "nothing")}${others(requirements, first)}${where}`;
}

/** How many checks a paragraph names; evidence has them all. */
const mostNamed = 12;

/** The other checks that failed, by name, and how many were not even run: most of those follow from the ones that failed. */
function others(requirements: readonly Requirement[], first: Requirement): string {
  const failed = requirements.flatMap((each) => each.failed ?? []).filter((check) => check !== first.check);
  const open = requirements.reduce((sum, each) => sum + (each.open?.checks ?? 0), 0) - (first.check ? 1 : 0);
  const [named, left] = [failed.slice(0, mostNamed), failed.length - mostNamed];
  const also = left > 0 ? `${named.join(", ")} and ${left} more` : named.join(", ");
  const idle = open - failed.length;
  const more = first.status === "failed" ? "" : "more ";
  const run = idle > 0 ? ` ${idle} ${more}${idle === 1 ? "check" : "checks"} did not run.` : "";
  return `${failed.length > 0 ? ` Also failed: ${also}.` : ""}${run}`;
}

const sentenceEnd = (text: string): string => (/[.!?…]$/.test(text) ? text : `${text}.`);
