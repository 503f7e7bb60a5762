/** Publication: a release in a channel. It trusts no verdict that it is told: it judges the stored evidence again. */
import { join } from "node:path";
import {
  previousRelease,
  promoteRelease,
  publishRelease,
  releasedFacts,
  verifyRelease,
  type PreviousRelease,
  type Release,
  type Released,
} from "../channel/index.ts";
import {
  publicationContract,
  type InputsOf,
  type OutputsOf,
  type PromotionToPublish,
  type ReleaseAsked,
} from "../contract/index.ts";
import { EdgeError } from "../edges/edges.ts";
import { idleSuites } from "../plan/index.ts";
import { productNamed, releaseName } from "../products/index.ts";
import { canonicalJson } from "../storage/digest.ts";
import { workspaceFolder } from "../storage/folders.ts";
import { greenResult, provenGate } from "./asked-gate.ts";
import { decisionFaults, usePeople } from "./decision.ts";
import { promotionQuestion } from "./gate.ts";
import { sortFiles } from "./published-files.ts";
import type { Call, ResourceType } from "./resource.ts";

type Inputs = InputsOf<typeof publicationContract>;
type Outputs = OutputsOf<typeof publicationContract>;

/** Which suites have nothing to prove, found out from the product's definition and the release before. */
function idle(
  { product, archives }: ReleaseAsked,
  before: PreviousRelease | undefined,
): NonNullable<Release["notApplicable"]> {
  const owner = productNamed(product);
  return archives.flatMap(({ base, kind, platform }) => {
    if (!owner.kinds[kind])
      throw new EdgeError(`${base} is of a kind that ${product} does not have; nothing was published.`, "refused");
    return idleSuites(base, { product: owner, kind, platform, before });
  });
}

/**
 * Kinds of the product that are neither published nor withheld by name: a plan that forgets one must not be published.
 * @throws EdgeError naming them
 */
function requireEveryKind({ product, version, archives, withheld }: ReleaseAsked): void {
  const named = (kind: string): boolean =>
    withheld.some(({ base }) => base.startsWith(`${releaseName({ product, kind, version })}-`));
  const lost = Object.keys(productNamed(product).kinds).filter(
    (kind) => !archives.some((archive) => archive.kind === kind) && !named(kind),
  );
  if (lost.length > 0)
    throw new EdgeError(
      `${product} ${version} is not published: of ${lost.join(", ")} it has no archive, and does not say that it is withheld.`,
      "refused",
    );
}

async function publish(release: ReleaseAsked, call: Call): Promise<Released> {
  const workspace = workspaceFolder();
  const { channel, product, version, revision, policy, maxAgeHours } = release;
  requireEveryKind(release);
  const faults: string[] = [];
  const gates = release.gates.flatMap((gate) => {
    try {
      return [provenGate(workspace, gate)];
    } catch (e) {
      if (!(e instanceof EdgeError)) throw e;
      faults.push(e.message.replace(/\.$/, ""));
      return [];
    }
  });
  const archives = release.archives.map(({ sha256 }) => sha256);
  const about = { channel, product, version, revision, policy, archives, from: null };
  faults.push(...(await decisionFaults(about, release.decisions)));
  if (faults.length > 0)
    throw new EdgeError(`${product} ${version} is not published to ${channel}: ${faults.join("; ")}.`, "refused");
  const { files, notExecuted, withheld } = await sortFiles(
    workspace,
    release.archives,
    gates,
    releasedFacts(workspace, channel, product, version)?.files,
  );
  const before = previousRelease(workspace, channel, product, version, release.previous);
  const placed = await publishRelease({
    workspace,
    channel,
    product,
    version,
    source: { revision },
    files,
    gates,
    requires: policy.gates.machines.requires,
    withheld: [...release.withheld, ...withheld],
    notApplicable: idle(release, before),
    before,
    notExecuted,
    maxAgeHours: Math.min(maxAgeHours, policy.gates.machines.maxAgeHours),
    confirm: () => {
      if (previousRelease(workspace, channel, product, version, release.previous)?.version === before?.version) return;
      throw new EdgeError(
        `${product} ${version} is not published to ${channel}: while it was proven, another release came before it; run \`greenlight up\` again.`,
        "busy",
      );
    },
  });
  call.report(placed.sentence);
  return releasedFacts(workspace, channel, product, version)!;
}

async function promote({ channel, promotion, gate, decisions }: PromotionToPublish, call: Call): Promise<Released> {
  const name = `${channel}-promotion`;
  try {
    greenResult({ name, result: gate });
  } catch (e) {
    throw new EdgeError(`Nothing is promoted to ${channel}: ${(e as Error).message}.`, "refused");
  }
  if (promotion.toChannel !== channel)
    throw new EdgeError(
      `Nothing is promoted to ${channel}: gate ${name} judged a promotion to ${promotion.toChannel}.`,
      "refused",
    );
  const question = promotionQuestion(promotion);
  if (typeof question === "string") throw new EdgeError(question, "refused");
  const { product, version, from } = question;
  const about = { channel, product, version, revision: null, policy: promotion.policy, archives: [] };
  const faults = await decisionFaults({ ...about, from: { channel: from, release: question.release! } }, decisions);
  if (faults.length > 0)
    throw new EdgeError(`${product} ${version} is not promoted to ${channel}: ${faults.join("; ")}.`, "refused");
  await usePeople(decisions);
  const placed = await promoteRelease(question);
  call.report(placed.sentence);
  return releasedFacts(question.workspace, channel, question.product, question.version)!;
}

async function place(inputs: Inputs, call: Call): Promise<Outputs> {
  return {
    ...inputs,
    released: "release" in inputs ? await publish(inputs.release, call) : await promote(inputs.promotion, call),
  };
}

const asInputs = (value: Inputs) => canonicalJson("release" in value ? value.release : value.promotion);

/** What is wrong with a release in its channel; empty when it is there, whole and unchanged. */
async function driftOf(channel: string, product: string, version: string): Promise<string> {
  try {
    const there = releasedFacts(workspaceFolder(), channel, product, version);
    if (!there) return `channel ${channel} does not hold ${product} ${version} any more`;
    return (await verifyRelease(join(workspaceFolder(), there.folder), there.digest))
      .map((f) => `${f.path} ${f.message}`)
      .join("; ");
  } catch (e) {
    if (e instanceof EdgeError) return e.message;
    throw e;
  }
}

export const publication: ResourceType<typeof publicationContract> = {
  contract: publicationContract,
  // Published bytes are looked at in every update: a release that is gone is published again, a spoiled one is said.
  prepare: async (inputs, previous) => {
    if (!previous) return { inputs, failures: [] };
    const { channel } = "release" in inputs ? inputs.release : inputs.promotion;
    const { product, version } =
      "release" in inputs
        ? inputs.release
        : {
            product: inputs.promotion.promotion.product,
            version: inputs.promotion.promotion.version || (inputs.promotion.promotion.released?.version ?? ""),
          };
    return { inputs: { ...inputs, drift: await driftOf(channel, product, version) }, failures: [] };
  },
  diff: (previous, inputs) => ({ changes: asInputs(previous) !== asInputs(inputs) || (inputs.drift ?? "") !== "" }),
  create: async (inputs, call) => {
    const outputs = await place(inputs, call);
    return { id: `${outputs.released.channel}/${outputs.released.product}`, outputs };
  },
  update: (_id, _previous, inputs, call) => place(inputs, call),
  // Somebody may have taken the channel away, or put an older one back.
  read: async (_id, previous) => {
    const { channel, product, version } = previous.released;
    return (await driftOf(channel, product, version)) === "" ? previous : undefined;
  },
  // Published bytes are for ever: destroying a stack takes nothing back.
};
