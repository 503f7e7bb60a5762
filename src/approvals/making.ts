/** How statements come about: signed by an allowed signer's key, verified as everybody else will, and only then stored. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EdgeError } from "../edges/edges.ts";
import { principalsOf, requireSigners, sign, verify } from "./signing.ts";
import { isGrant, standingOf, type Circumstances } from "./standing.ts";
import { called, statementText, type Approval, type Revocation, type WaiverStatement } from "./statements.ts";
import { alone, isUsed, readStatements, storeStatement, writeUsed, type Used } from "./store.ts";

/** Who signs. */
export interface Signer extends Circumstances {
  /** file of the key */
  key: string;
  /** the name to sign as, where the key has several */
  as?: string | undefined;
}

/** What a statement says beside who made it and when. */
type Draft<S> = Omit<S, "schema" | "by" | "time" | "expires">;

/** What was stored. */
export interface Made<S> {
  digest: string;
  statement: S;
}

async function inTemporary<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "greenlight-sign-"));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The name that a key signs by. It signs a text that says nothing, since who signs is part of what is signed. */
async function signerName({ key, as, signersFile, now }: Signer, folder: string): Promise<string> {
  requireSigners(signersFile);
  const [text, signature] = ["Who signs?\n", join(folder, "who.sig")];
  writeFileSync(signature, await sign(text, key));
  if (as !== undefined) {
    const verified = await verify(text, { signature, by: as, signersFile, now });
    if ("broken" in verified) throw new EdgeError(`${key} cannot sign as ${as}: ${verified.why}.`);
    return as;
  }
  const [only, ...more] = await principalsOf(signature, signersFile, now);
  if (only === undefined)
    throw new EdgeError(
      `The key ${key} is not one of ${signersFile}, or is not valid now; have its public half added there, or name another key with --key.`,
    );
  if (more.length > 0)
    throw new EdgeError(
      `The key ${key} stands for ${[only, ...more].join(", ")} in ${signersFile}; say which with --as.`,
    );
  return only;
}

/** Signs, verifies, and hands the text and its signature to `store`. */
async function make<S extends Approval | WaiverStatement | Revocation>(
  signer: Signer,
  statementBy: (by: string) => S,
  store: (text: string, signature: string) => string | Promise<string>,
): Promise<Made<S>> {
  return inTemporary(async (folder) => {
    const statement = statementBy(await signerName(signer, folder));
    const text = statementText(statement);
    const signature = await sign(text, signer.key);
    const file = join(folder, "statement.sig");
    writeFileSync(file, signature);
    const verified = await verify(text, { ...signer, signature: file, by: statement.by });
    if ("broken" in verified) throw new EdgeError(`What ${signer.key} signed does not verify: ${verified.why}.`);
    return { digest: await store(text, signature), statement };
  });
}

const head = (by: string, { now }: Signer) => ({ schema: 1 as const, by, time: now.toISOString() });
const inDays = ({ now }: Signer, days: number): string => {
  const then = new Date(now.getTime() + days * 24 * 3_600_000);
  if (!(days > 0) || Number.isNaN(then.getTime()) || then.getUTCFullYear() > 9999)
    throw new EdgeError(`${days} is no number of days to be valid; give one such as 7.`);
  return then.toISOString();
};

/** Approves a release at a gate, for `days`. @throws EdgeError when it cannot be signed by an allowed signer */
export function approve(signer: Signer, draft: Draft<Approval>, days: number): Promise<Made<Approval>> {
  const expires = inDays(signer, days);
  return make(
    signer,
    (by): Approval => ({ ...draft, ...head(by, signer), expires }),
    (...signed) => storeStatement(signer.workspace, ...signed),
  );
}

/** Waives one requirement for one failure of one archive, for `days`. @throws EdgeError as {@link approve} does */
export function makeWaiver(
  signer: Signer,
  draft: Draft<WaiverStatement>,
  days: number,
): Promise<Made<WaiverStatement>> {
  const expires = inDays(signer, days);
  return make(
    signer,
    (by): WaiverStatement => ({ ...draft, ...head(by, signer), expires }),
    (...signed) => storeStatement(signer.workspace, ...signed),
  );
}

/** The statement of an id, which is its digest or the beginning of it. @throws EdgeError when there is none, or several */
function statementOf(workspace: string, id: string) {
  const { statements, faults } = readStatements(workspace);
  const found = statements.filter(({ digest }) => digest.startsWith(id));
  if (!/^[0-9a-f]{8,64}$/.test(id) || found.length === 0)
    throw new EdgeError(
      `There is no approval or waiver ${JSON.stringify(id)}; \`greenlight approvals\` lists them, and 8 digits of an id are enough.${faults.length > 0 ? ` ${faults.join(" ")}` : ""}`,
    );
  if (found.length > 1)
    throw new EdgeError(
      `${id} is the beginning of ${found.length} ids (${found.map(({ digest }) => digest).join(", ")}); give more of it.`,
    );
  return found[0]!;
}

/** Takes a statement back. @throws EdgeError when it was used already, or is a revocation itself */
export async function revoke(
  signer: Signer,
  { id, reason }: { id: string; reason: string },
): Promise<Made<Revocation>> {
  const { workspace } = signer;
  const { digest, statement } = statementOf(workspace, id);
  const name = called(statement, digest);
  if (statement.kind === "revocation")
    throw new EdgeError(`The ${name} cannot be revoked; make the approval or the waiver anew.`);
  return make(
    signer,
    (by): Revocation => ({ ...head(by, signer), kind: "revocation", statement: digest, reason }),
    (...signed) =>
      alone(workspace, () => {
        const used = isUsed(workspace, digest);
        if (used)
          throw new EdgeError(
            `The ${name} was used at ${used.time} for release ${used.release.slice(0, 12)} in channel ${used.channel}, and what is out cannot be called back; withdraw the release instead.`,
            "refused",
          );
        return storeStatement(workspace, ...signed);
      }),
  );
}

/**
 * Writes that a release goes out thanks to a statement: from then on it cannot be revoked. To be called before the release is in
 * its channel. @throws EdgeError when the statement does not hold any more, as when somebody has revoked it meanwhile
 */
export function markUsed(
  { workspace, signersFile, now }: Circumstances,
  digest: string,
  { channel, release }: { channel: string; release: string },
): Promise<void> {
  return alone(workspace, async () => {
    if (isUsed(workspace, digest)) return;
    const stock = readStatements(workspace);
    const stored = stock.statements.find((each) => each.digest === digest);
    if (!stored || !isGrant(stored))
      throw new EdgeError(
        `There is no approval or waiver ${digest} in ${workspace}; judge the release again.`,
        "refused",
      );
    const standing = await standingOf(stored, stock, { workspace, signersFile, now });
    if (!standing.holds)
      throw new EdgeError(
        `The ${called(stored.statement, digest)} does not hold any more: ${standing.why}; judge the release again.`,
        "refused",
      );
    const used: Used = { schema: 1, statement: digest, channel, release, time: now.toISOString() };
    writeUsed(workspace, used);
  });
}
