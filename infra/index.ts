/** Greenlight's program: settings → plan → components → outputs. */
import * as pulumi from "@pulumi/pulumi";
import { relative, resolve } from "node:path";
import { checkCandidate, chooseKinds, readCandidate, type ChosenKinds } from "../src/candidate/index.ts";
import { latestRelease, previousFaults, previousRelease, publishedFolder } from "../src/channel/index.ts";
import { EdgeError } from "../src/edges/edges.ts";
import { planRelease, type Cell, type Plan } from "../src/plan/index.ts";
import { platformOf, productNamed, type Platform } from "../src/products/index.ts";
import { workspaceFolder } from "../src/storage/folders.ts";
import { Channel } from "./components/channel.ts";
import { LocalFleet } from "./components/fleet.ts";
import { Promotion } from "./components/promotion.ts";
import { ReleaseArchives } from "./components/release-archives.ts";
import { TestCell } from "./components/test-cell.ts";
import { allSuites, channelPolicy, type ChannelPolicy } from "../src/policy/index.ts";
import { Decisions, sayWhatIsNotThere } from "./components/decisions.ts";
import type { Gate, Publication } from "./resources.ts";
import { candidateSettings, readSettings, type Settings } from "./settings.ts";
import { quietDependents, settledOr } from "./settled.ts";

quietDependents();

/** What the channel holds after this run: what was just published, otherwise what was there before. */
function releasedBy(publication: Publication, settings: Settings) {
  const workspace = workspaceFolder();
  const released = settledOr(
    publication.released,
    () => latestRelease(workspace, settings.channel, settings.product) ?? null,
  );
  // Said again in every run: a state may come from a workspace that has been moved since, when it kept absolute folders.
  return released.apply(
    (r) => r && { ...r, folder: relative(workspace, publishedFolder(workspace, r.channel, r.product, r.version)) },
  );
}

/** Where a stack names its kinds. */
const kindsSetting = "greenlight:kinds";

/** Everything that is wrong with the candidate, as lines; empty when it can be packed. */
async function candidateFaults({
  product,
  candidate,
  ...asked
}: Pick<Settings, "product" | "candidate"> & Partial<Settings>): Promise<string[]> {
  const planned: string[] = [];
  try {
    const folder = resolve(candidate);
    const { version, ...sealed } = readCandidate(folder);
    const platforms = Object.keys(sealed.platforms) as Platform[];
    const owner = productNamed(product);
    let kinds: ChosenKinds | undefined;
    try {
      kinds = chooseKinds(owner, { sealed: sealed.kinds, asked: asked.kinds, by: kindsSetting });
    } catch (e) {
      if (!(e instanceof EdgeError)) throw e;
      planned.push(e.message);
    }
    const faults = await checkCandidate(folder, owner, platforms, kinds?.kinds);
    try {
      const { targets, suites, channel, previous } = asked;
      if (targets && suites) planRelease(owner, { version, platforms, before: undefined, kinds }, { targets, suites });
      const before = channel && previousRelease(workspaceFolder(), channel, product, version, previous);
      if (before) planned.push(...(await previousFaults(workspaceFolder(), before, (targets ?? []).map(platformOf))));
    } catch (e) {
      if (!(e instanceof EdgeError)) throw e;
      planned.push(e.message);
    }
    return [...faults.map((f) => (f.path ? `${f.path}: ${f.message}` : f.message)), ...planned];
  } catch (e) {
    if (e instanceof EdgeError) return [e.message];
    throw e;
  }
}

/** Fewer suites are for trying things out: said at once, not only when the publication is refused. */
function sayWhatIsNotAsked(
  { channel, product, suites }: Settings,
  policy: ChannelPolicy,
  cells: readonly Cell[],
): void {
  const asked = new Set<string>([...suites, ...cells.flatMap((cell) => cell.suites)]);
  const missing = allSuites(policy.gates.machines.requires).filter((suite) => !asked.has(suite));
  sayWhatIsNotThere(channel, policy, product);
  if (missing.length > 0)
    void pulumi.log.warn(
      `Nothing will be published: channel ${channel} requires ${missing.join(", ")} too, which greenlight:suites leaves out.`,
    );
}

/** The archives that machines prove, as a decision knows them. */
function provenArchives({ archives, cells }: Plan, byName: ReleaseArchives["byName"]) {
  const proven = archives.filter(({ name }) => cells.some(({ archive }) => archive === name));
  return pulumi.all(
    proven.map(({ name, kind }) => byName.get(name)!.packed.apply(({ base, sha256 }) => ({ base, kind, sha256 }))),
  );
}

/** Digests of the evidence that the machines' gates have judged, green or not; in a preview there is none yet. */
function evidenceOf(cells: readonly TestCell[]): pulumi.Input<string[]> {
  if (pulumi.runtime.isDryRun()) return [];
  const results = cells.map(({ gate }) =>
    settledOr(gate.result, () => undefined).apply((r) => (r ? [r.evidence] : [])),
  );
  return pulumi.all(results).apply((list) => list.flat());
}

/** What each gate said, by its name. */
function verdictsOf(gates: readonly (readonly [name: string, gate: Gate])[]): pulumi.Output<Record<string, string>> {
  const verdicts = gates.map(([name, gate]) =>
    settledOr(gate.result, () => ({ verdict: "not green" })).apply((r) => [name, r.verdict] as const),
  );
  return pulumi.all(verdicts).apply((list) => Object.fromEntries(list));
}

async function fromCandidate(settings: Settings): Promise<pulumi.Inputs> {
  const product = productNamed(settings.product);
  const candidate = readCandidate(resolve(settings.candidate));
  const platforms = Object.keys(candidate.platforms) as Platform[];
  const before = previousRelease(
    workspaceFolder(),
    settings.channel,
    product.name,
    candidate.version,
    settings.previous,
  );
  const kinds = chooseKinds(product, { sealed: candidate.kinds, asked: settings.kinds, by: kindsSetting });
  const plan = planRelease(product, { version: candidate.version, platforms, before, kinds }, settings);

  const policy = channelPolicy(settings.channel);
  sayWhatIsNotAsked(settings, policy, plan.cells);
  const archives = new ReleaseArchives("archives", {
    product: product.name,
    candidate: settings.candidate,
    archives: plan.archives,
  });
  const fleet = new LocalFleet("fleet", { targets: settings.targets, lifeMinutes: settings.machineLifeMinutes });
  const cells = plan.cells.map(
    (cell) => new TestCell({ cell, archive: archives.byName.get(cell.archive)!, previous: before, fleet, settings }),
  );
  const decisions = new Decisions("decisions", {
    channel: settings.channel,
    policy,
    product: product.name,
    about: provenArchives(plan, archives.byName).apply((archives) => ({
      product: plan.product,
      version: plan.version,
      revision: candidate.source.revision ?? null,
      candidate: settings.candidate,
      archives,
      from: null,
    })),
    evidence: evidenceOf(cells),
  });
  const channel = new Channel("channel", {
    channel: settings.channel,
    plan,
    archives: archives.byName,
    cells,
    previous: settings.previous,
    policy,
    decisions,
    maxAgeHours: settings.evidenceMaxAgeHours,
  });

  return {
    channel: settings.channel,
    candidate: { product: plan.product, version: plan.version },
    verdicts: verdictsOf([...plan.cells.map((cell, i) => [cell.name, cells[i]!.gate] as const), ...decisions.gates]),
    released: releasedBy(channel.publication, settings),
    withheld: plan.withheld,
    notApplicable: plan.notApplicable,
  };
}

function fromOtherStack(settings: Settings): pulumi.Inputs {
  const { channel, product, promoteFrom: from, promoteVersion: version, kinds } = settings;
  const promotion = new Promotion("promotion", {
    channel,
    product,
    from,
    version,
    kinds,
    policy: channelPolicy(channel),
    maxAgeHours: settings.evidenceMaxAgeHours,
  });
  return {
    channel,
    verdicts: verdictsOf([["promotion", promotion.gate], ...promotion.decisions.gates]),
    released: releasedBy(promotion.publication, settings),
  };
}

/** The settings, when they and the candidate are usable. @throws EdgeError with everything that is missing, at once. */
async function usableSettings(): Promise<Settings> {
  const faults: string[] = [];
  let settings: Settings | undefined;
  try {
    settings = readSettings();
  } catch (e) {
    if (!(e instanceof EdgeError)) throw e;
    faults.push(e.message);
  }
  const asked = settings ?? candidateSettings();
  if (settings !== undefined && settings.promoteFrom !== "") {
    // What is promoted has its kinds already: those that the stack names must exist all the same.
    if (settings.kinds.length > 0)
      chooseKinds(productNamed(settings.product), { asked: settings.kinds, by: kindsSetting });
    return settings;
  }
  if (asked) faults.push(...(await candidateFaults(asked)));
  if (!settings || faults.length > 0)
    throw new EdgeError([
      "What this update needs is not all there:",
      ...faults.flatMap((fault) => fault.split("\n")).map((fault) => `  - ${fault}`),
    ]);
  return settings;
}

/** The stack's outputs. A fault that a person can mend ends the program with its sentences and no stack trace. */
async function outputs(): Promise<pulumi.Inputs> {
  try {
    const settings = await usableSettings();
    return settings.promoteFrom === "" ? await fromCandidate(settings) : fromOtherStack(settings);
  } catch (e) {
    throw e instanceof EdgeError ? new pulumi.RunError(e.message) : e;
  }
}

export default outputs;
