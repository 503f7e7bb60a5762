/** Every suite that there is, which machine it runs on, and when it has nothing to prove. */
import type { Kind, Product } from "../products/index.ts";

/** In the order in which they run on their machines. */
export const suiteNames = ["install", "smoke", "service", "soak", "footprint", "reboot", "power-cut", "upgrade", "rollback", "recipe", "crash", "secrets", "failed-upgrade", "uninstall"] as const;
export type SuiteName = (typeof suiteNames)[number];

/** What a machine is for. `lifecycle`: one installation from first to last; `upgrade`: the release before, then this one, and back; `recipe`: the operator's way. */
export type Group = "lifecycle" | "upgrade" | "recipe";
export const groups: readonly Group[] = ["lifecycle", "upgrade", "recipe"];

/** The suites of each group. What a machine goes through is looked at again at its end: crashes and secrets. */
const suitesOf: Record<Group, readonly SuiteName[]> = {
  lifecycle: ["install", "smoke", "service", "soak", "footprint", "reboot", "power-cut", "crash", "secrets", "uninstall"],
  upgrade: ["upgrade", "rollback", "crash", "secrets", "failed-upgrade"],
  recipe: ["recipe", "crash", "secrets"],
};

/** The suite without which the others of its machine have nothing to look at. */
const firstOf: Record<Group, SuiteName> = { lifecycle: "install", upgrade: "upgrade", recipe: "recipe" };

/** What decides whether a suite has anything to prove of an archive. */
export interface Circumstances {
  product: Pick<Product, "secrets">;
  kind: Pick<Kind, "services">;
  /** the release before has this kind for this platform */
  hasPrevious: boolean;
}

const needsService: ReadonlySet<SuiteName> = new Set(["service", "soak", "recipe", "failed-upgrade"]);
const needsPrevious: ReadonlySet<SuiteName> = new Set(suitesOf.upgrade.filter((name) => !suitesOf.lifecycle.includes(name)));

/** Why a suite does not apply, as a clause; undefined when it does. A plan says it, and the publication finds it out again. */
export function notApplicable(suite: SuiteName, { product, kind, hasPrevious }: Circumstances): "it has no service" | "it keeps no secret" | "there is no release before it" | undefined {
  if (needsService.has(suite) && kind.services.length === 0) return "it has no service";
  if (suite === "secrets" && !product.secrets && !kind.services.some(({ secrets = [] }) => secrets.length > 0)) return "it keeps no secret";
  if (needsPrevious.has(suite) && !hasPrevious) return "there is no release before it";
  return undefined;
}

/** The suites of a group's machine, in order, from those asked for; empty when the group has no machine. */
export function suitesOfGroup(group: Group, asked: readonly SuiteName[], circumstances: Circumstances): SuiteName[] {
  const first = firstOf[group];
  // Nothing else can be proven without an installation; an upgrade and a recipe are proven when they are asked for.
  const wanted = new Set<SuiteName>(group === "lifecycle" ? [first, ...asked] : asked);
  // A rollback is only ever back from an upgrade.
  if (group === "upgrade" && (wanted.has("rollback") || wanted.has("failed-upgrade"))) wanted.add("upgrade");
  if (!wanted.has(first) || notApplicable(first, circumstances)) return [];
  return suitesOf[group].filter((name) => wanted.has(name) && !notApplicable(name, circumstances));
}
