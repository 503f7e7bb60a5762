/** Every suite that there is, which machine it runs on, and when it has nothing to prove. */
import type { Platform, Product } from "../products/index.ts";

/** In the order in which they run on their machines. */
export const suiteNames = [
  "install",
  "smoke",
  "service",
  "soak",
  "footprint",
  "reboot",
  "power-cut",
  "upgrade",
  "rollback",
  "recipe",
  "crash",
  "secrets",
  "failed-upgrade",
  "uninstall",
  "chaos",
  "chaos-power-cut",
] as const;
export type SuiteName = (typeof suiteNames)[number];

/** How much is asked of a release: `fast` on every run, `full` for what takes the time to make things go wrong as well. */
export type Profile = "fast" | "full";

/** Suites that only a full run asks. */
const onlyFull: ReadonlySet<SuiteName> = new Set(["chaos", "chaos-power-cut"]);

/** The suites of a profile, in order. */
export const suitesOfProfile = (profile: Profile): readonly SuiteName[] =>
  profile === "full" ? suiteNames : suiteNames.filter((name) => !onlyFull.has(name));

/** What a machine is for. `lifecycle`: one installation from first to last; `upgrade`: the release before, then this one, and back; `recipe`: the operator's way; `chaos`: what goes wrong around it. */
export type Group = "lifecycle" | "upgrade" | "recipe" | "chaos";
export const groups: readonly Group[] = ["lifecycle", "upgrade", "recipe", "chaos"];

/** The suites of each group. What a machine goes through is looked at again at its end: crashes and secrets; unless they are made on purpose. */
const suitesOf: Record<Group, readonly SuiteName[]> = {
  lifecycle: [
    "install",
    "smoke",
    "service",
    "soak",
    "footprint",
    "reboot",
    "power-cut",
    "crash",
    "secrets",
    "uninstall",
  ],
  upgrade: ["upgrade", "rollback", "crash", "secrets", "failed-upgrade"],
  recipe: ["recipe", "crash", "secrets"],
  chaos: ["install", "service", "chaos", "chaos-power-cut"],
};

/** The suite without which the others of its machine have nothing to look at. */
const firstOf: Record<Group, SuiteName> = {
  lifecycle: "install",
  upgrade: "upgrade",
  recipe: "recipe",
  chaos: "chaos",
};

/** A suite that nobody asks for by name: it goes with `recipe` where there is a recipe to come from. */
const recipeUpgrade = "recipe-upgrade";
type Judged = SuiteName | typeof recipeUpgrade;
const judgedSuites: readonly Judged[] = suiteNames.flatMap((suite): Judged[] =>
  suite === "recipe" ? [suite, recipeUpgrade] : [suite],
);

/** What the plan needs of the release before in the channel. */
export interface Before {
  version: string;
  archives: readonly { kind: string; platform: Platform; recipe: object | null }[];
}

/** What decides whether a suite has anything to prove of an archive. */
export interface Circumstances {
  product: Pick<Product, "secrets" | "kinds">;
  kind: string;
  platform: Platform;
  /** undefined when the channel was read and is empty */
  before: Before | undefined;
}

/** A suite that has nothing to prove of an archive, and why. */
export interface NotApplicable {
  base: string;
  suite: Judged;
  reason: string;
}

const needsService: ReadonlySet<Judged> = new Set([
  "service",
  "soak",
  "recipe",
  recipeUpgrade,
  "failed-upgrade",
  "chaos",
  "chaos-power-cut",
]);
const ofPrevious: ReadonlySet<string> = new Set<Judged>([
  ...suitesOf.upgrade.filter((name) => !suitesOf.lifecycle.includes(name)),
  recipeUpgrade,
]);

/** Whether a suite is about the release before: its machine must have had that release. */
export const needsPrevious = (suite: string): boolean => ofPrevious.has(suite);

/** Whether a suite is about the recipe: its machine must have had it. */
export const needsRecipe = (suite: string): boolean => suite === "recipe" || suite === recipeUpgrade;

/** What is required of a release, with what goes along: a recipe is proven over the release before as well. */
export const alsoRequired = (required: readonly string[]): string[] => [
  ...new Set(required.includes("recipe") ? [...required, recipeUpgrade] : required),
];

/** What there is not to upgrade an archive from, as a clause; undefined when there is all of it. */
function nothingBefore(
  suite: Judged,
  { kind, platform, before }: Pick<Circumstances, "kind" | "platform" | "before">,
): string | undefined {
  if (!before) return "there is no release before it";
  const archive = before.archives.find((each) => each.kind === kind && each.platform === platform);
  if (!archive) return `the release before, ${before.version}, has no ${kind} for ${platform}`;
  return suite === recipeUpgrade && !archive.recipe
    ? `the release before, ${before.version}, has no recipe of ${kind} for ${platform}`
    : undefined;
}

/** Why a suite does not apply, as a clause; undefined when it does. */
function notApplicable(suite: Judged, circumstances: Circumstances): string | undefined {
  const { product, kind } = circumstances;
  const services = product.kinds[kind]!.services;
  if (needsService.has(suite) && services.length === 0) return "it has no service";
  if (suite === "secrets" && !product.secrets && !services.some(({ secrets = [] }) => secrets.length > 0))
    return "it keeps no secret";
  return ofPrevious.has(suite) ? nothingBefore(suite, circumstances) : undefined;
}

/** What does not apply to an archive for want of a release before it, whatever the product is. */
export function idleByHistory(
  base: string,
  circumstances: Pick<Circumstances, "kind" | "platform" | "before">,
): NotApplicable[] {
  return judgedSuites.flatMap((suite) => {
    const reason = needsPrevious(suite) ? nothingBefore(suite, circumstances) : undefined;
    return reason === undefined ? [] : [{ base, suite, reason }];
  });
}

/** Every suite that does not apply to an archive, in order. A plan says it, and the publication finds it out again. */
export function idleSuites(base: string, circumstances: Circumstances): NotApplicable[] {
  return judgedSuites.flatMap((suite) => {
    const reason = notApplicable(suite, circumstances);
    return reason === undefined ? [] : [{ base, suite, reason }];
  });
}

/** The suites of a group's machine, in order, from those asked for; empty when the group has no machine. */
export function suitesOfGroup(group: Group, asked: readonly SuiteName[], circumstances: Circumstances): SuiteName[] {
  const first = firstOf[group];
  // Nothing else can be proven without an installation; an upgrade and a recipe are proven when they are asked for.
  const wanted = new Set<SuiteName>(group === "lifecycle" ? [first, ...asked] : asked);
  // A rollback is only ever back from an upgrade.
  if (group === "upgrade" && (wanted.has("rollback") || wanted.has("failed-upgrade"))) wanted.add("upgrade");
  // Data is planted by the one, and the other looks for it; both are asked of an installation that is known to be right.
  if (group === "chaos") {
    if (wanted.has("chaos-power-cut")) wanted.add("chaos");
    wanted.add("install").add("service");
  }
  if (!wanted.has(first) || notApplicable(first, circumstances)) return [];
  return suitesOf[group].filter((name) => wanted.has(name) && !notApplicable(name, circumstances));
}
