/** Gate `approvals`: people have passed every manual gate of the deployments that the release is for, and none is blocked. */
import { join } from "node:path";
import { approvalOf, markUsed, type ApprovalAnswer } from "../approvals/index.ts";
import type { Requirement } from "../gates/index.ts";
import { EdgeError } from "../edges/edges.ts";
import { projectFolder } from "../matrix/index.ts";
import type { Decision } from "./asked.ts";
import type { Circumstances } from "./judge.ts";
import { policyOf } from "./release.ts";

/** Where the keys stand of those who may sign. */
export const signersFile = (root: string = projectFolder): string => join(root, "infra/release/allowed-signers");

/** What people have said of one gate; undefined where no channel holds the release, so that nobody can have meant it. */
async function answerFor(gate: string, asked: Decision, at: Circumstances): Promise<ApprovalAnswer | undefined> {
  const { product, version, channel, from, policy } = asked;
  if (from === null) return undefined;
  const { workspace, now, root } = at;
  const rules = policy.gates.approvals!;
  const about = { gate, product, version, channel, rules, release: from.release };
  return approvalOf({ workspace, now, signersFile: signersFile(root), ...about });
}

async function approved(gate: string, asked: Decision, at: Circumstances): Promise<Requirement> {
  const rules = asked.policy.gates.approvals!;
  const expected = `${rules.people === 1 ? "a person" : `${rules.people} people`} of ${rules.by.join(", ")} to approve it`;
  const answer = await answerFor(gate, asked, at);
  if (!answer)
    return {
      ...{ name: gate, status: "missing", expected },
      observed: "only a release that a channel holds can be approved; publish it to another channel first",
    };
  if (answer.status === "approved") return { name: gate, status: "satisfied", observed: answer.sentence };
  return {
    name: gate,
    status: answer.status === "missing" ? "missing" : "failed",
    expected,
    observed: answer.sentence,
  };
}

/**
 * The product's gates that its deployments need, by the channel's policy.
 * @throws EdgeError when policy names no deployment of a product that has such gates, or one that the product does not have
 */
function gatesOf(asked: Decision, circumstances: Circumstances) {
  const { product, channel } = asked;
  const profiles = asked.policy.deploys?.[product] ?? [];
  const { gates: file, words } = policyOf(asked, circumstances);
  const all = file?.value.gates ?? [];
  const known = words.value.deployment_profiles;
  const unknown = profiles.filter((profile) => !known.includes(profile));
  if (unknown.length > 0 || (all.length > 0 && profiles.length === 0))
    throw new EdgeError(
      `policy says that channel ${channel} deploys ${product} as ${profiles.join(", ") || "nothing"}; name some of ${known.join(", ") || "no profile"} in its deploys`,
    );
  const gates = all.filter((each) => each.required && each.profiles.some((profile) => profiles.includes(profile)));
  return { profiles, gates };
}

/**
 * Notes that a release goes out thanks to the approvals that count: from then on they cannot be taken back.
 * @throws EdgeError when one of them does not hold any more
 */
export async function useApprovals(asked: Decision, at: Circumstances): Promise<void> {
  const { workspace, now, root } = at;
  for (const { id, default_status } of gatesOf(asked, at).gates) {
    if (default_status !== "manual") continue;
    const answer = await answerFor(id, asked, at);
    if (answer?.status !== "approved")
      throw new EdgeError(
        `gate ${id} is not approved any more: ${answer?.sentence ?? "no channel holds the release"}`,
        "refused",
      );
    for (const statement of answer.statements)
      await markUsed({ workspace, now, signersFile: signersFile(root) }, statement, {
        channel: asked.channel,
        release: asked.from!.release,
      });
  }
}

/** Every gate of the product that somebody must pass by hand, for each deployment that the channel's policy names. */
export async function approvalRequirements(asked: Decision, circumstances: Circumstances): Promise<Requirement[]> {
  const { product } = asked;
  const { profiles, gates } = gatesOf(asked, circumstances);
  if (gates.length === 0)
    return [{ name: "approvals", status: "satisfied", observed: `${product} has no gate that waits for people` }];
  return Promise.all(
    gates.map(async ({ id, default_status, profiles: of, summary }): Promise<Requirement> => {
      if (default_status === "manual") return approved(id, asked, circumstances);
      const closed = of.filter((profile) => profiles.includes(profile)).join(", ");
      return { name: id, status: "failed", expected: summary, observed: `it is blocked for ${closed}` };
    }),
  );
}
