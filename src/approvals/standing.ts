/** Whether one statement holds at a moment: its signature, its times, and whether somebody took it back. */
import { EdgeError } from "../edges/edges.ts";
import { verify } from "./signing.ts";
import { called, type Approval, type Revocation, type WaiverStatement } from "./statements.ts";
import { isUsed, type Stock, type Stored } from "./store.ts";

/** What statements are judged by. */
export interface Circumstances {
  workspace: string;
  signersFile: string;
  now: Date;
}

export type Standing =
  | { holds: true; key: string; until: string; notes: string[] }
  /** `suspicious`: not even its signature counts, so that nobody has made it */
  | { holds: false; why: string; suspicious: boolean; notes: string[] };

/** Clocks of two machines may differ by this much before a statement counts as being from the future. */
const clockSlack = 5 * 60_000;
const day = 24 * 3_600_000;

/** Whether a statement lets something pass: one that holds until it expires, or is taken back. */
export const isGrant = (each: Stored): each is Stored<Approval | WaiverStatement> =>
  each.statement.kind !== "revocation";

const isRevocationOf =
  (digest: string) =>
  (each: Stored): each is Stored<Revocation> =>
    each.statement.kind === "revocation" && each.statement.statement === digest;

/**
 * Why a statement does not hold any more, as a clause; undefined when nobody took it back. Whoever is an allowed signer may: to
 * stop a release takes less than to let it go. What is damaged where it may have been a revocation counts as one.
 */
async function revoked(
  { digest }: Stored,
  stock: Stock,
  at: Circumstances,
  notes: string[],
): Promise<string | undefined> {
  for (const { digest: own, statement, text, signature } of stock.statements.filter(isRevocationOf(digest))) {
    const name = called(statement, own);
    const verified = await verify(text, { signature, by: statement.by, ...at });
    if ("broken" in verified) {
      if (verified.broken) return `its ${name} is damaged: ${verified.why}`;
      notes.push(`${name} does not count: ${verified.why}`);
      continue;
    }
    const used = isUsed(at.workspace, digest);
    if (!used || Date.parse(used.time) >= Date.parse(statement.time))
      return `${statement.by} revoked it at ${statement.time}: ${statement.reason}`;
    notes.push(
      `${name} does not count: the statement was used at ${used.time} for channel ${used.channel}, before it was revoked`,
    );
  }
  return undefined;
}

/** Until when a statement is valid, where policy gives it at most `days`. */
function untilOf({ time, expires }: Approval | WaiverStatement, days: number): number {
  return Math.min(Date.parse(expires), Date.parse(time) + days * day);
}

/** How a statement stands. @throws EdgeError only when ssh-keygen cannot be asked */
export async function standingOf(
  stored: Stored<Approval | WaiverStatement>,
  stock: Stock,
  at: Circumstances,
  days = Infinity,
): Promise<Standing> {
  const { statement, text, signature } = stored;
  const notes: string[] = [];
  const not = (why: string, suspicious = false): Standing => ({ holds: false, why, suspicious, notes });
  const verified = await verify(text, { signature, by: statement.by, ...at });
  if ("broken" in verified) return not(verified.why, true);
  const now = at.now.getTime();
  if (Date.parse(statement.time) > now + clockSlack) return not(`it is from the future (${statement.time})`);
  let taken: string | undefined;
  try {
    taken = await revoked(stored, stock, at, notes);
  } catch (e) {
    if (!(e instanceof EdgeError) || e.code === "host") throw e;
    return not(e.message.replace(/\.$/, ""));
  }
  if (taken !== undefined) return not(taken);
  const until = untilOf(statement, days);
  const ended = new Date(until).toISOString();
  if (until > now) return { holds: true, key: verified.key, until: ended, notes };
  const cap =
    until < Date.parse(statement.expires)
      ? `, as policy lets it be valid for ${days} ${days === 1 ? "day" : "days"}`
      : "";
  return not(`it expired at ${ended}${cap}`);
}
