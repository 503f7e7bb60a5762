/** The plan: product × candidate × settings → what is packed, on which machines it is proven, what may be released. Pure. */
import type { ChosenKinds } from "../candidate/index.ts";
import { EdgeError } from "../edges/edges.ts";
import { archiveBase, platformOf, type Platform, type Product, type Target } from "../products/index.ts";
import {
  groups,
  idleSuites,
  suitesOfGroup,
  type Before,
  type Circumstances,
  type Group,
  type NotApplicable,
  type SuiteName,
} from "./suite-names.ts";

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
  group: Group;
  suites: SuiteName[];
}

/** An archive that is not published, and why: no machine proves it, or its kind is left out and it is not even packed. */
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
  /** for the archives that are proven */
  notApplicable: NotApplicable[];
}

/** What the plan needs of a candidate. */
export interface Offer {
  version: string;
  platforms: Platform[];
  /** the release before in the channel; undefined when the channel was read and is empty */
  before: Before | undefined;
  /** which kinds are released, and why others are not; all when left out */
  kinds?: ChosenKinds;
}

/**
 * The plan of a stack.
 * @throws EdgeError when a target's platform is not in the candidate: a release set that cannot be proven is a mistake, not an empty release.
 */
export function planRelease(
  product: Product,
  offer: Offer,
  asked: { targets: readonly Target[]; suites: readonly SuiteName[] },
): Plan {
  const missing = asked.targets.filter((target) => !offer.platforms.includes(platformOf(target)));
  if (missing.length > 0) {
    throw new EdgeError(
      `The release set asks for ${missing.join(", ")}, but the candidate ${product.name} ${offer.version} has only ${offer.platforms.join(", ") || "no platform"}; build the missing platforms or take the targets out of greenlight:targets.`,
    );
  }
  const { kinds, left } = offer.kinds ?? { kinds: Object.keys(product.kinds), left: [] };
  const base = (kind: string, platform: Platform): string =>
    archiveBase({ product: product.name, kind, version: offer.version, platform });
  const archives = kinds.flatMap((kind) =>
    offer.platforms.map((platform) => ({ name: `${kind}-${platform}`, kind, platform, base: base(kind, platform) })),
  );
  const circumstances = ({ kind, platform }: PlannedArchive): Circumstances => ({
    product,
    kind,
    platform,
    before: offer.before,
  });
  const cells = archives.flatMap((archive) =>
    asked.targets
      .filter((target) => platformOf(target) === archive.platform)
      .flatMap((target) =>
        groups.flatMap((group): Cell[] => {
          const suites = suitesOfGroup(group, asked.suites, circumstances(archive));
          const name = `${archive.kind}-${target.replace("/", "-")}-${group}`;
          return suites.length > 0 ? [{ name, archive: archive.name, kind: archive.kind, target, group, suites }] : [];
        }),
      ),
  );
  const proven = new Set(cells.map((cell) => cell.archive));
  const withheld = [
    ...archives
      .filter(({ name }) => !proven.has(name))
      .map(({ base, platform }) => ({ base, reason: `no target of the release set proves ${platform}` })),
    ...left.flatMap(({ kind, reason }) => offer.platforms.map((platform) => ({ base: base(kind, platform), reason }))),
  ];
  const idle = archives
    .filter((archive) => proven.has(archive.name))
    .flatMap((archive) => idleSuites(archive.base, circumstances(archive)));
  return { product: product.name, version: offer.version, archives, cells, withheld, notApplicable: idle };
}
