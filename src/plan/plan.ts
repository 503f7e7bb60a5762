/** The plan: product × candidate × settings → what is packed, on which machines it is proven, what may be released. Pure. */
import { EdgeError } from "../edges/edges.ts";
import { platformOf, type Platform, type Product, type Target } from "../products/index.ts";

/** Every suite that there is, in the order in which they run; `recipe` has a machine of its own. */
export const suiteNames = ["install", "smoke", "service", "soak", "footprint", "reboot", "power-cut", "crash", "secrets", "uninstall", "recipe"] as const;
export type SuiteName = (typeof suiteNames)[number];

/** An archive to pack. */
export interface PlannedArchive {
  /** `<kind>-<platform>`: the resource's name */
  name: string;
  kind: string;
  platform: Platform;
  /** `<product>-<kind>-<version>-<platform>` */
  base: string;
}

/** One machine's work: an archive, a target, and the suites that this machine proves. */
export interface Cell {
  /** `<kind>-<platform>-<image>-<group>`: the name that people use in `rerun` and `shell` */
  name: string;
  archive: string;
  kind: string;
  target: Target;
  group: "lifecycle" | "recipe";
  suites: SuiteName[];
}

/** An archive that is packed and validated and yet not published, and why. */
export interface Withheld {
  base: string;
  reason: string;
}

export interface Plan {
  product: string;
  version: string;
  archives: PlannedArchive[];
  cells: Cell[];
  withheld: Withheld[];
}

/** What the plan needs of a candidate. */
export interface Offer {
  version: string;
  platforms: Platform[];
}

/** The suites of a release, in order, from those asked for. `install` always runs: nothing else can without it. */
function lifecycleSuites(asked: readonly SuiteName[], hasService: boolean): SuiteName[] {
  const wanted = new Set<SuiteName>(["install", ...asked]);
  return suiteNames.filter((name) => wanted.has(name) && name !== "recipe" && (hasService || !["service", "soak", "reboot", "power-cut"].includes(name)));
}

/**
 * The plan of a stack.
 * @throws EdgeError when a target's platform is not in the candidate: a release set that cannot be proven is a mistake, not an empty release.
 */
export function planRelease(product: Product, offer: Offer, asked: { targets: readonly Target[]; suites: readonly SuiteName[] }): Plan {
  const missing = asked.targets.filter((target) => !offer.platforms.includes(platformOf(target)));
  if (missing.length > 0) {
    throw new EdgeError(
      `The release set asks for ${missing.join(", ")}, but the candidate ${product.name} ${offer.version} has only ${offer.platforms.join(", ") || "no platform"}; build the missing platforms or take the targets out of greenlight:targets.`,
    );
  }
  const archives = Object.keys(product.kinds).flatMap((kind) =>
    offer.platforms.map((platform) => ({
      name: `${kind}-${platform}`,
      kind,
      platform,
      base: `${product.name}-${kind}-${offer.version}-${platform}`,
    })),
  );
  const cells = archives.flatMap((archive) =>
    asked.targets
      .filter((target) => platformOf(target) === archive.platform)
      .flatMap((target): Cell[] => {
        const hasService = product.kinds[archive.kind]!.services.length > 0;
        const cell = (group: Cell["group"], suites: SuiteName[]): Cell => ({
          name: `${archive.kind}-${target.replace("/", "-")}-${group}`,
          archive: archive.name,
          kind: archive.kind,
          target,
          group,
          suites,
        });
        const lifecycle = cell("lifecycle", lifecycleSuites(asked.suites, hasService));
        return hasService && asked.suites.includes("recipe") ? [lifecycle, cell("recipe", ["recipe"])] : [lifecycle];
      }),
  );
  const proven = new Set(cells.map((cell) => cell.archive));
  const withheld = archives
    .filter((archive) => !proven.has(archive.name))
    .map(({ base, platform }) => ({ base, reason: `no target of the release set proves ${platform}` }));
  return { product: product.name, version: offer.version, archives, cells, withheld };
}
