/** Which open requirements of a gate are let pass by people's signed word, for this archive, this channel and this very failure. */
import picomatch from "picomatch";
import { EdgeError } from "../edges/edges.ts";
import { failureText, fingerprintOf, type Judged } from "./fingerprint.ts";
import type { WaiverRules } from "./rules.ts";
import { requireSigners } from "./signing.ts";
import { standingOf, type Circumstances } from "./standing.ts";
import { called, type WaiverStatement } from "./statements.ts";
import { readStatements, type Stock, type Stored } from "./store.ts";

/** What is asked: one gate's requirements as they were judged, for one archive and one channel. */
export interface WaiverQuestion<R extends Judged = Judged> extends Circumstances {
  gate: string;
  requirements: readonly R[];
  /** SHA-256 of the archive that was judged */
  archive: string;
  product: string;
  version: string;
  channel: string;
  rules: WaiverRules;
}

/** A waiver that a requirement needs. */
export interface Waiver {
  /** the statement's, for `markUsed` */
  digest: string;
  gate: string;
  requirement: string;
  by: string;
  reason: string;
  /** when it does not count any more */
  expires: string;
}

export interface WaiverAnswer<R extends Judged = Judged> {
  /** the same requirements in the same order; those that are waived say so, and by whom */
  requirements: R[];
  used: Waiver[];
  /** a sentence for each waiver that was there and does not count */
  refused: string[];
}

const isWaiver = (each: Stored): each is Stored<WaiverStatement> => each.statement.kind === "waiver";

/** Whether policy lets a requirement be waived at all; a part of a pattern fits a part of a name, and nothing is negated. */
function allowed({ gate, requirement }: WaiverStatement, { may }: WaiverRules): boolean {
  return picomatch([...may], { nonegate: true, nobrace: true, noextglob: true, dot: true })(`${gate}/${requirement}`);
}

/** Whether a waiver is about this gate and the release that is judged; those of others are nobody's business here. */
function isNear({ statement }: Stored<WaiverStatement>, question: WaiverQuestion): boolean {
  const { gate, product, version, archive } = statement;
  const same = version === question.version || archive === question.archive;
  return gate === question.gate && product === question.product && same;
}

/** Why a waiver does not fit what is asked, whoever signed it, as a clause. */
function unfit(statement: WaiverStatement, question: WaiverQuestion): string | undefined {
  const { channel, version, archive, rules } = question;
  if (statement.channel !== channel) return `it is for channel ${statement.channel} and not ${channel}`;
  if (statement.version !== version) return `it is for version ${statement.version} and not ${version}`;
  if (statement.archive !== archive)
    return `it is for archive ${statement.archive.slice(0, 12)} and not ${archive.slice(0, 12)}`;
  if (!allowed(statement, rules)) return `policy does not let ${statement.gate}/${statement.requirement} be waived`;
  if (!rules.by.includes(statement.by)) return `policy does not let ${statement.by} waive here`;
  return undefined;
}

/** Why a waiver is not needed, or does not cover what is open, as a clause. */
function voided(statement: WaiverStatement, requirement: Judged | undefined): string | undefined {
  if (!requirement) return "the gate does not require that";
  if (requirement.status === "satisfied") return "it is void, since the requirement is satisfied";
  if (requirement.status === "errored") return "the machine was lost, so that nothing is known to be waived";
  if (fingerprintOf(requirement) === statement.fingerprint) return undefined;
  return `it is void, since the failure is another one: it was ${JSON.stringify(statement.failure)} and is ${JSON.stringify(failureText(requirement))}`;
}

async function cover<R extends Judged>(question: WaiverQuestion<R>, stock: Stock): Promise<WaiverAnswer<R>> {
  const answer: WaiverAnswer<R> = { requirements: [...question.requirements], used: [], refused: [] };
  for (const stored of stock.statements.filter(isWaiver).filter((each) => isNear(each, question))) {
    const { digest, statement } = stored;
    const { gate, requirement: name, by, reason } = statement;
    const refuse = (why: string): void => {
      answer.refused.push(`The ${called(statement, digest)} of ${gate}/${name} by ${by} does not count: ${why}.`);
    };
    const at = question.requirements.findIndex((each) => each.name === name);
    const requirement = question.requirements[at];
    const why = unfit(statement, question);
    if (why !== undefined) {
      refuse(why);
      continue;
    }
    const standing = await standingOf(stored, stock, question, question.rules.days);
    for (const note of standing.notes) answer.refused.push(`The ${note}.`);
    const fault = standing.holds ? voided(statement, requirement) : standing.why;
    if (!standing.holds || !requirement || fault !== undefined) {
      refuse(fault ?? "nothing is known of it");
      continue;
    }
    // The first that was signed counts; another for the same requirement is one too many, and no fault.
    if (requirement.status === "waived" || answer.requirements[at]!.status === "waived") continue;
    const expires = standing.until;
    answer.requirements[at] = { ...requirement, status: "waived", waiver: { by, reason, expires } };
    answer.used.push({ digest, gate, requirement: name, by, reason, expires });
  }
  return answer;
}

/**
 * Waives what valid waivers cover. Never throws for anything that it is given to read: then nothing is waived, and `refused`
 * says why. How many may be needed at once is for the caller to ask {@link overLimit}, over all gates.
 */
export async function waive<R extends Judged>(question: WaiverQuestion<R>): Promise<WaiverAnswer<R>> {
  const nothing = (refused: string[]): WaiverAnswer<R> => ({
    requirements: [...question.requirements],
    used: [],
    refused,
  });
  const stock = readStatements(question.workspace);
  if (stock.faults.length > 0) return nothing(stock.faults);
  if (!stock.statements.some((each) => isWaiver(each) && isNear(each, question))) return nothing([]);
  try {
    requireSigners(question.signersFile);
    return await cover(question, stock);
  } catch (e) {
    if (e instanceof EdgeError) return nothing([e.message]);
    throw e;
  }
}

/** What is wrong with how many waivers a release needs, over all its gates, as a sentence; undefined when the limit holds. */
export function overLimit(used: readonly Waiver[], { atMost }: WaiverRules): string | undefined {
  const names = [...new Set(used.map(({ gate, requirement }) => `${gate}/${requirement}`))].sort();
  if (names.length <= atMost) return undefined;
  const waivers = `${names.length} ${names.length === 1 ? "waiver" : "waivers"}`;
  return `The release needs ${waivers} (${names.join(", ")}), and policy allows ${atMost === 0 ? "none" : atMost} at once; mend what failed, or ask the releasers for another policy.`;
}
