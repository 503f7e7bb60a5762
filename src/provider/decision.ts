/** Gates beside the machines: judged from what lies on disk now, and once more by the publication. */
import { readRelease } from "../channel/index.ts";
import type { DecisionAsked, GateResult, SettledResult } from "../contract/index.ts";
import { judgeDecision, useApprovals, type Decision } from "../decisions/index.ts";
import { EdgeError } from "../edges/edges.ts";
import { isOpen, type Judgement } from "../gates/index.ts";
import { gateNames, policyDigest, type ChannelPolicy } from "../policy/index.ts";
import { archiveNamed } from "../products/index.ts";
import { canonicalJson, sha256 } from "../storage/digest.ts";
import { workspaceFolder } from "../storage/folders.ts";
import { greenResult } from "./asked-gate.ts";

/** What was decided about: the same release gives the same digest, whoever asks. */
const subjectOf = ({ policy: _, gate: __, candidate: ___, ...about }: Decision): string => sha256(canonicalJson(about));

/** The decision with what the channel knows of a release that is to be promoted. @throws EdgeError when it holds no such release */
function whole(asked: Decision): Decision {
  if (asked.from === null) return asked;
  const { product, version, from } = asked;
  if (version === "" || from.release === "")
    throw new EdgeError(`channel ${from.channel} has released nothing of ${product} that could be promoted`, "refused");
  const found = readRelease(workspaceFolder(), from.channel, product, version);
  if (found?.digest !== from.release)
    throw new EdgeError(
      `channel ${from.channel} does not hold ${product} ${version} with release.json ${from.release.slice(0, 12)}`,
      "refused",
    );
  const { source, files, gates } = found.release;
  return {
    ...asked,
    revision: typeof source["revision"] === "string" ? source["revision"] : null,
    archives: files.flatMap(({ path, role, sha256 }) => {
      const named = role === "archive" ? archiveNamed(product, version, path) : undefined;
      return named ? [{ base: named.base, kind: named.kind, sha256 }] : [];
    }),
    evidence: gates.map(({ evidence }) => evidence),
  };
}

/** Judges a gate as things are now. */
export async function decide(asked: Decision, now = new Date()): Promise<Judgement> {
  try {
    return await judgeDecision(whole(asked), { workspace: workspaceFolder(), now });
  } catch (e) {
    if (!(e instanceof EdgeError)) throw e;
    return {
      verdict: "red",
      requirements: [],
      sentence: `Gate ${asked.gate} is red: ${e.message.replace(/\.$/, "")}.`,
    };
  }
}

/** Notes that a release goes out thanks to what people have approved. @throws EdgeError when something of it does not hold any more */
export async function usePeople(decisions: readonly { asked: Decision }[]): Promise<void> {
  for (const { asked } of decisions)
    if (asked.gate === "approvals") await useApprovals(asked, { workspace: workspaceFolder(), now: new Date() });
}

/** What keeps a gate closed as things are now, a line for each thing. */
export const openNow = async (asked: Decision): Promise<string[]> => {
  const { verdict, requirements, sentence } = await decide(asked);
  if (verdict === "green") return [];
  const open = requirements.filter(isOpen);
  return open.length === 0
    ? [sentence]
    : open.map(({ name, status, observed }) => `${name} is ${status}: ${observed ?? ""}`);
};

/** A judgement as the gate's resource says it. */
export function decisionResult(asked: DecisionAsked, { verdict, requirements }: Judgement): GateResult {
  return {
    gate: asked.gate,
    verdict,
    subject: subjectOf(withoutOpen(asked)),
    evidence: sha256(canonicalJson(requirements)),
    policy: policyDigest(asked.policy),
    requirements,
  };
}

const withoutOpen = ({ open: _, ...asked }: DecisionAsked): Decision => asked;

/** What a publication knows of what it publishes, which each decision must have been about. */
export interface About {
  channel: string;
  product: string;
  version: string;
  /** source revision; of a release that is promoted, its channel knows it */
  revision: string | null;
  policy: ChannelPolicy;
  /** SHA-256 of each archive */
  archives: readonly string[];
  /** release.json of the release that is promoted */
  from: Decision["from"];
}

/** Why a decision is about something else than what is to be published, as a clause; undefined when it is not. */
function otherSubject(
  asked: Decision,
  { channel, product, version, revision, policy, archives, from }: About,
): string | undefined {
  const digests = (list: readonly string[]): string => [...list].sort().join();
  const same =
    asked.channel === channel &&
    asked.product === product &&
    asked.version === version &&
    canonicalJson(asked.from) === canonicalJson(from) &&
    asked.revision === revision &&
    (from !== null || digests(asked.archives.map(({ sha256 }) => sha256)) === digests(archives));
  if (!same) return `gate ${asked.gate} judged something else`;
  if (policyDigest(asked.policy) !== policyDigest(policy)) return `gate ${asked.gate} was judged by another policy`;
  return undefined;
}

/**
 * Every reason why the gates that policy names do not let a release pass, as clauses: one that nothing delivered, one that is
 * not green, one about something else, and one that is not green any more when it is judged again here.
 */
export async function decisionFaults(
  about: About,
  decisions: readonly { asked: Decision; result: SettledResult }[],
): Promise<string[]> {
  const faults = gateNames(about.policy, about.product).map(async (name): Promise<string[]> => {
    const [decision, ...more] = decisions.filter(({ asked }) => asked.gate === name);
    if (!decision)
      return [`gate ${name} is missing: policy names it for channel ${about.channel}, and nothing has judged it`];
    if (more.length > 0) return [`gate ${name} was judged twice`];
    const { asked, result } = decision;
    try {
      greenResult({ name, subject: subjectOf(asked), result });
    } catch (e) {
      if (!(e instanceof EdgeError)) throw e;
      return [e.message];
    }
    const other = otherSubject(asked, about);
    if (other !== undefined) return [other];
    const { verdict, sentence } = await decide(asked);
    return verdict === "green" ? [] : [sentence.replace(/\.$/, "")];
  });
  return (await Promise.all(faults)).flat();
}
