/** Whether enough people have approved a release at a gate: what they signed is verified each time, and nothing else counts. */
import { EdgeError } from "../edges/edges.ts";
import type { ApprovalRules } from "./rules.ts";
import { requireSigners } from "./signing.ts";
import { standingOf, type Circumstances } from "./standing.ts";
import { called, type Approval } from "./statements.ts";
import { readStatements, type Stored } from "./store.ts";

/** What is asked of people: one gate, one release, one channel. */
export interface ApprovalQuestion extends Circumstances {
  gate: string;
  product: string;
  version: string;
  /** SHA-256 of the release's release.json */
  release: string;
  channel: string;
  rules: ApprovalRules;
}

export interface ApprovalAnswer {
  /** `refused`: something was there that does not count, or cannot be read; `missing`: nobody has said anything yet */
  status: "approved" | "missing" | "refused";
  /** whose approval counts */
  people: string[];
  /** when there will not be enough of them any more */
  until?: string;
  /** digests of what counts, for `markUsed` */
  statements: string[];
  /** one paragraph for a person */
  sentence: string;
}

/** A statement that does not count; the nearer it is to the question, the more it says to who asks. */
interface Refusal {
  said: string;
  distance: number;
}

interface Counted {
  by: string;
  key: string;
  until: string;
  digest: string;
}

/** How many other statements a sentence names. */
const mostNamed = 4;

const short = (text: string): string => (/^[0-9a-f]{64}$/.test(text) ? text.slice(0, 12) : text);

/** What a statement is about, where that is not what is asked: clauses. A release of another version has another digest. */
function elsewhere(statement: Approval, question: ApprovalQuestion): string[] {
  const other = (name: "gate" | "product" | "version" | "channel" | "release"): string[] =>
    statement[name] === question[name]
      ? []
      : [`is for ${name} ${short(statement[name])} and not ${short(question[name])}`];
  const named = [...other("product"), ...other("version")];
  return [...other("gate"), ...other("channel"), ...(named.length > 0 ? named : other("release"))];
}

/** One for each person: who shares a key with another is the same. */
function people(counted: readonly Counted[]): Counted[] {
  const groups: Counted[][] = [];
  for (const one of counted) {
    const same = groups.filter((group) => group.some(({ by, key }) => by === one.by || key === one.key));
    for (const group of same) groups.splice(groups.indexOf(group), 1);
    groups.push([...same.flat(), one]);
  }
  return groups.map((group) => group.reduce((a, b) => (b.until > a.until ? b : a)));
}

const isApproval = (each: Stored): each is Stored<Approval> => each.statement.kind === "approval";

async function weigh(
  question: ApprovalQuestion,
): Promise<{ counted: Counted[]; refusals: Refusal[]; blocked: string[] }> {
  const stock = readStatements(question.workspace);
  const found = { counted: [] as Counted[], refusals: [] as Refusal[], blocked: stock.faults };
  if (stock.faults.length > 0) return found;
  requireSigners(question.signersFile);
  for (const stored of stock.statements.filter(isApproval)) {
    const { digest, statement } = stored;
    const name = `${called(statement, digest)} by ${statement.by}`;
    const other = elsewhere(statement, question);
    if (other.length > 0) {
      found.refusals.push({ said: `${name} ${other.join(", ")}`, distance: other.length });
      continue;
    }
    if (!question.rules.by.includes(statement.by)) {
      found.refusals.push({ said: `${name}: policy does not let ${statement.by} approve here`, distance: 0 });
      continue;
    }
    const standing = await standingOf(stored, stock, question, question.rules.days);
    for (const note of standing.notes) found.refusals.push({ said: note, distance: -1 });
    if (standing.holds) found.counted.push({ by: statement.by, key: standing.key, until: standing.until, digest });
    else found.refusals.push({ said: `${name}: ${standing.why}`, distance: standing.suspicious ? -1 : 0 });
  }
  return found;
}

/** What does not count, as sentences with a blank in front. */
function named(refusals: readonly Refusal[], upTo: number): string {
  const told = refusals.filter(({ distance }) => distance <= upTo).sort((a, b) => a.distance - b.distance);
  if (told.length === 0) return "";
  const more = told.length > mostNamed ? `; and ${told.length - mostNamed} more (\`greenlight approvals\`)` : "";
  return ` Not counted: ${told
    .slice(0, mostNamed)
    .map(({ said }) => said)
    .join("; ")}${more}.`;
}

/** Answers the question. Never throws for anything that it is given to read: what cannot be read blocks. */
export async function approvalOf(question: ApprovalQuestion): Promise<ApprovalAnswer> {
  const { gate, product, version, channel, rules } = question;
  const what = `${product} ${version} for channel ${channel}`;
  const closed = (sentence: string): ApprovalAnswer => ({
    status: "refused",
    people: [],
    statements: [],
    sentence: `Gate ${gate} cannot be approved: ${sentence}`,
  });
  let weighed: Awaited<ReturnType<typeof weigh>>;
  try {
    weighed = await weigh(question);
  } catch (e) {
    if (e instanceof EdgeError) return closed(e.message);
    throw e;
  }
  const { counted, refusals, blocked } = weighed;
  if (blocked.length > 0) return closed(blocked.join(" "));
  const groups = people(counted).sort((a, b) => (a.until < b.until ? 1 : -1));
  const names = groups.map(({ by }) => by).sort();
  const statements = groups.map(({ digest }) => digest);
  const last = groups[rules.people - 1];
  if (last)
    return {
      status: "approved",
      people: names,
      until: last.until,
      statements,
      sentence: `Gate ${gate} is approved: ${names.join(", ")} approved ${what}, until ${last.until}.${named(refusals, -1)}`,
    };
  const so = names.length === 0 ? "nobody has" : `${names.join(", ")} ${names.length === 1 ? "has" : "have"}`;
  const needs = `${rules.people} ${rules.people === 1 ? "person" : "people"} of ${rules.by.join(", ")} must`;
  const command = `\`greenlight approve ${gate} --release ${product}@${version} --channel ${channel} --key FILE\``;
  return {
    status: refusals.some(({ distance }) => distance <= 1) ? "refused" : "missing",
    people: names,
    statements,
    sentence: `Gate ${gate} is not approved: ${needs} approve ${what}, and ${so}; ${command} does it.${named(refusals, Infinity)}`,
  };
}
