/** All approvals and waivers of a workspace, and which of them hold: what people see who ask for them. */
import { EdgeError } from "../edges/edges.ts";
import { requireSigners } from "./signing.ts";
import { isGrant, standingOf, type Circumstances } from "./standing.ts";
import type { Approval, WaiverStatement } from "./statements.ts";
import { isUsed, readStatements, type Used } from "./store.ts";

/** One approval or waiver, as it stands. Whether policy lets its signer decide that is for the gate to say. */
export interface Listed {
  /** its digest, by which it is revoked */
  id: string;
  statement: Approval | WaiverStatement;
  holds: boolean;
  /** why it does not hold, as a clause */
  why?: string;
  /** what went out thanks to it */
  used?: Used;
  /** clauses about what was said against it and does not count */
  notes: string[];
}

/** What there is, oldest first, and a sentence for everything that cannot be read: then no gate takes anything for approved. */
export async function listStatements(at: Circumstances): Promise<{ listed: Listed[]; faults: string[] }> {
  const stock = readStatements(at.workspace);
  const listed: Listed[] = [];
  const faults = [...stock.faults];
  const grants = stock.statements.filter(isGrant);
  if (grants.length > 0) requireSigners(at.signersFile);
  for (const stored of grants) {
    const { digest: id, statement } = stored;
    const standing = await standingOf(stored, stock, at);
    const { notes } = standing;
    let used: Used | undefined;
    try {
      used = isUsed(at.workspace, id);
    } catch (e) {
      if (!(e instanceof EdgeError)) throw e;
      faults.push(e.message);
    }
    const rest = { notes, ...(used && { used }) };
    listed.push({
      id,
      statement,
      ...(standing.holds ? { holds: true } : { holds: false, why: standing.why }),
      ...rest,
    });
  }
  return { listed, faults };
}
