/** Publication: a release in a channel. It trusts no verdict that it is told: it judges the stored evidence again. */
import { basename, join } from "node:path";
import { z } from "zod";
import { previousRelease, promoteRelease, publishRelease, releasedFacts, verifyRelease, type FileToPublish, type GateToPublish, type Release, type Released } from "../channel/index.ts";
import { EdgeError } from "../edges/edges.ts";
import { evidenceFile, loadEvidence, rejudge } from "../evidence/index.ts";
import { idleSuites } from "../plan/index.ts";
import { PlatformSchema, productNamed } from "../products/index.ts";
import { canonicalJson } from "../storage/digest.ts";
import { workspaceFolder } from "../storage/folders.ts";
import { GateResultSchema, PromotionSchema, type GateResult } from "./gate.ts";
import type { Call, ResourceType } from "./resource.ts";

const Settled = z.union([z.strictObject({ value: z.looseObject(GateResultSchema.shape) }), z.strictObject({ failed: z.string() })]);

const ReleaseInputs = z.object({
  channel: z.string().min(1),
  product: z.string().min(1),
  version: z.string().min(1),
  revision: z.string().nullable(),
  archives: z.array(
    z.object({
      base: z.string(),
      kind: z.string(),
      platform: PlatformSchema,
      sha256: z.string(),
      path: z.string(),
      sidecars: z.array(z.object({ path: z.string(), sha256: z.string() })),
      recipe: z.object({ path: z.string(), sha256: z.string() }).nullable(),
    }),
  ),
  /** every gate of the plan, with the archive that it must have judged */
  gates: z.array(z.object({ name: z.string(), subject: z.string(), result: Settled })).min(1, "a release needs at least one gate"),
  requiredSuites: z.array(z.string()).min(1),
  withheld: z.array(z.object({ base: z.string(), reason: z.string() })),
  /** the release before that upgrades were to start from; empty for the newest that the channel holds */
  previous: z.string(),
  maxAgeHours: z.number().positive(),
});
const PromotionInputs = z.object({ channel: z.string().min(1), promotion: PromotionSchema, gate: Settled });

/** set by check: why the channel does not hold what was published, empty when it does */
const drift = z.string().optional();
const Inputs = z.union([z.object({ release: ReleaseInputs, drift }), z.object({ promotion: PromotionInputs, drift })]);
type Inputs = z.output<typeof Inputs>;
type Outputs = Inputs & { released: Released };

/** The gate's green result. @throws EdgeError with the one sentence that a person needs when it is anything else. */
function green(gate: { name: string; subject?: string; result: z.output<typeof Settled> }): GateResult {
  if ("failed" in gate.result) throw new EdgeError(`gate ${gate.name} is not green`);
  const result = GateResultSchema.parse(gate.result.value);
  if (result.gate !== gate.name || (gate.subject !== undefined && result.subject !== gate.subject)) throw new EdgeError(`gate ${gate.name} judged something else`);
  return result;
}

/** What the stored evidence itself says of a gate. */
function provenBy(workspace: string, gate: string, result: GateResult): GateToPublish {
  const evidence = loadEvidence(workspace, result.evidence);
  if (evidence.cell !== gate) throw new EdgeError(`the evidence of gate ${gate} is that of ${evidence.cell}`);
  const suites = evidence.suites.map(({ definition }) => definition.name);
  const passed = suites.filter((suite) => rejudge(evidence, suite)?.result.status === "passed");
  const whole = passed.length === suites.length && evidence.errors.length === 0 && evidence.faults.length === 0;
  return {
    name: gate,
    verdict: whole ? "green" : "red",
    subject: evidence.subject.sha256,
    evidence: result.evidence,
    suites: passed,
    provedAt: evidence.time,
    evidenceFile: evidenceFile(workspace, result.evidence),
  };
}

/** Which suites have nothing to prove, found out from the product's definition and from the channel as it is now. */
function idle({ channel, product, version, previous, archives }: z.output<typeof ReleaseInputs>): NonNullable<Release["notApplicable"]> {
  const before = previousRelease(workspaceFolder(), channel, product, version, previous);
  const owner = productNamed(product);
  return archives.flatMap(({ base, kind, platform }) => {
    if (!owner.kinds[kind]) throw new EdgeError(`${base} is of a kind that ${product} does not have; nothing was published.`);
    return idleSuites(base, { product: owner, kind, platform, before });
  });
}

async function publish(release: z.output<typeof ReleaseInputs>, call: Call): Promise<Released> {
  const workspace = workspaceFolder();
  const { channel, product, version, revision, requiredSuites, withheld, maxAgeHours } = release;
  const faults: string[] = [];
  const gates = release.gates.flatMap((gate) => {
    try {
      return [provenBy(workspace, gate.name, green(gate))];
    } catch (e) {
      if (!(e instanceof EdgeError)) throw e;
      faults.push(e.message.replace(/\.$/, ""));
      return [];
    }
  });
  if (faults.length > 0) throw new EdgeError(`${product} ${version} is not published to ${channel}: ${faults.join("; ")}.`);
  const there = releasedFacts(workspace, channel, product, version);
  const files: FileToPublish[] = [];
  const unproven: Release["withheld"] = [];
  for (const archive of release.archives) {
    files.push({ name: basename(archive.path), role: "archive", file: join(workspace, archive.path), sha256: archive.sha256 });
    for (const { path, sha256 } of archive.sidecars) files.push({ name: basename(path), role: "sidecar", file: join(workspace, path), sha256 });
    if (!archive.recipe) continue;
    // What operators will run is published when a machine has run it; a release that is there already has it or has it not for good.
    const name = basename(archive.recipe.path);
    const proven = gates.some(({ subject, suites }) => subject === archive.sha256 && suites.includes("recipe"));
    if (!(there ? name in there.files : proven)) unproven.push({ base: basename(name, ".zip"), reason: "no machine has proven the recipe" });
    else files.push({ name, role: "recipe", file: join(workspace, archive.recipe.path), sha256: archive.recipe.sha256 });
  }
  const placed = await publishRelease({ workspace, channel, product, version, source: { revision }, files, gates, requiredSuites, withheld: [...withheld, ...unproven], notApplicable: idle(release), maxAgeHours });
  call.report(placed.sentence);
  return releasedFacts(workspace, channel, product, version)!;
}

async function promote({ channel, promotion, gate }: z.output<typeof PromotionInputs>, call: Call): Promise<Released> {
  const { product, fromChannel, released, requiredSuites, maxAgeHours } = promotion;
  const name = `${channel}-promotion`;
  try {
    green({ name, result: gate });
  } catch (e) {
    throw new EdgeError(`Nothing is promoted to ${channel}: ${(e as Error).message}.`);
  }
  const version = promotion.version || released!.version;
  const workspace = workspaceFolder();
  const placed = await promoteRelease({ workspace, from: fromChannel, to: channel, product, version, digests: released!.files, requiredSuites, maxAgeHours });
  call.report(placed.sentence);
  return releasedFacts(workspace, channel, product, version)!;
}

async function place(inputs: Inputs, call: Call): Promise<Outputs> {
  return { ...inputs, released: "release" in inputs ? await publish(inputs.release, call) : await promote(inputs.promotion, call) };
}

const asInputs = (value: Inputs) => canonicalJson("release" in value ? value.release : value.promotion);

/** What is wrong with a release in its channel; empty when it is there, whole and unchanged. */
async function driftOf(channel: string, product: string, version: string): Promise<string> {
  try {
    const there = releasedFacts(workspaceFolder(), channel, product, version);
    if (!there) return `channel ${channel} does not hold ${product} ${version} any more`;
    return (await verifyRelease(there.folder, there.digest)).map((f) => `${f.path} ${f.message}`).join("; ");
  } catch (e) {
    if (e instanceof EdgeError) return e.message;
    throw e;
  }
}

export const publication: ResourceType<Inputs, Outputs> = {
  inputs: Inputs,
  // Published bytes are looked at in every update: a release that is gone is published again, a spoiled one is said.
  prepare: async (inputs, previous) => {
    if (!previous) return { inputs, failures: [] };
    const { channel } = "release" in inputs ? inputs.release : inputs.promotion;
    const { product, version } = "release" in inputs ? inputs.release : { product: inputs.promotion.promotion.product, version: inputs.promotion.promotion.version || (inputs.promotion.promotion.released?.version ?? "") };
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
