/** Judges the gates beside the machines, each by its name in policy. Whatever is missing or cannot be read keeps a gate closed. */
import { EdgeError } from "../edges/edges.ts";
import { isOpen, type Judgement, type Requirement } from "../gates/index.ts";
import { isDecision, type DecisionName } from "../policy/index.ts";
import type { Decision } from "./asked.ts";
import { approvalRequirements } from "./approvals.ts";
import { contractRequirements } from "./contract.ts";
import { matrixRequirements } from "./matrix.ts";
import { readinessRequirements } from "./readiness.ts";

/** Where and when a decision is made. */
export interface Circumstances {
  /** what holds reports, evidence and approvals */
  workspace: string;
  now: Date;
  /** the project's folder, which policy lies in */
  root?: string;
}

type Judge = (asked: Decision, circumstances: Circumstances) => Requirement[] | Promise<Requirement[]>;

/** What each gate asks. */
const judges: Record<DecisionName, Judge> = {
  contract: (asked, { root }) => contractRequirements(asked, root),
  matrix: matrixRequirements,
  readiness: readinessRequirements,
  approvals: approvalRequirements,
};

/** Everything that a gate asks, and what was found of it. */
async function requirementsOf(asked: Decision, circumstances: Circumstances): Promise<Requirement[]> {
  const { gate, policy } = asked;
  if (!isDecision(gate))
    return [{ name: gate, status: "missing", expected: "a resource that delivers it", observed: "none" }];
  if (!Object.hasOwn(policy.gates, gate))
    return [{ name: gate, status: "missing", expected: "policy to ask for it", observed: "no rules" }];
  try {
    return await judges[gate](asked, circumstances);
  } catch (e) {
    if (!(e instanceof EdgeError)) throw e;
    return [{ name: gate, status: "missing", expected: "what it judges to be readable", observed: e.message }];
  }
}

/** Judges a gate; never throws for anything that it is given to judge. */
export async function judgeDecision(asked: Decision, circumstances: Circumstances): Promise<Judgement> {
  const requirements = await requirementsOf(asked, circumstances);
  // A gate that asked nothing has shown nothing.
  const open = requirements.filter(isOpen);
  const green = requirements.length > 0 && open.length === 0;
  return { verdict: green ? "green" : "red", requirements, sentence: sentenceOf(asked, requirements, open) };
}

const withoutStop = (text: string): string => text.replace(/\.$/, "");

/** One open requirement as a clause. */
function clause({ name, status, expected, observed }: Requirement): string {
  if (expected === undefined)
    return `${name} is ${status}${observed === undefined ? "" : ` (${withoutStop(observed)})`}`;
  return `${name} is ${status}: expected ${expected}; observed ${withoutStop(observed ?? "nothing")}`;
}

/** One paragraph that names everything that is open. */
function sentenceOf({ gate, product, version, channel }: Decision, all: Requirement[], open: Requirement[]): string {
  const about = `${product} ${version} in channel ${channel}`;
  if (all.length === 0) return `Gate ${gate} is red: it asked nothing of ${about}, which proves nothing.`;
  if (open.length === 0) return `Gate ${gate} is green for ${about}.`;
  return `Gate ${gate} is red for ${about}: ${open.map(clause).join("; ")}.`;
}
