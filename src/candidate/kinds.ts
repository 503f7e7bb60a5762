/**
 * Which of a product's kinds are released: all of them, unless the candidate's seal or whoever asks names fewer. No
 * kind is lost unsaid: each one that is left out has a reason, which the plan and the release repeat.
 */
import { EdgeError } from "../edges/edges.ts";
import { didYouMean } from "../edges/nearest.ts";
import type { Product } from "../products/index.ts";

export interface ChosenKinds {
  /** in the product's order */
  kinds: string[];
  /** every other kind of the product, with why, as a clause */
  left: { kind: string; reason: string }[];
}

export interface KindsAsked {
  /** what `candidate.json` names; undefined when it was sealed for all kinds */
  sealed?: readonly string[] | undefined;
  /** what the stack or the command line names; empty for all that the candidate was sealed for */
  asked?: readonly string[] | undefined;
  /** where that stands, for sentences: `greenlight:kinds`, `--kind` */
  by: string;
}

type Owner = Pick<Product, "name" | "kinds">;

/** @throws EdgeError naming what is no kind of the product, and the kinds that there are */
function requireKinds(product: Owner, list: readonly string[], where: string): void {
  const unknown = [...new Set(list)].filter((kind) => !Object.hasOwn(product.kinds, kind));
  if (unknown.length === 0) return;
  const all = Object.keys(product.kinds);
  const names = unknown.map((kind) => JSON.stringify(kind)).join(", ");
  throw new EdgeError(
    `${where} names ${names}, and ${product.name} has no such kind; use ${all.join(", ")}${didYouMean(unknown[0]!, all) || "."}`,
  );
}

/**
 * @throws EdgeError naming a kind that does not exist, with those that do, or one that the candidate was not sealed
 * for.
 */
export function chooseKinds(product: Owner, { sealed, asked = [], by }: KindsAsked): ChosenKinds {
  requireKinds(product, asked, by);
  requireKinds(product, sealed ?? [], "candidate.json");
  const all = Object.keys(product.kinds);
  const brought = sealed ?? all;
  const lacking = asked.filter((kind) => !brought.includes(kind));
  if (lacking.length > 0) {
    throw new EdgeError(
      `${by} asks for ${lacking.join(", ")}, and the candidate was sealed for ${brought.join(", ")} alone; ` +
        `seal it again with \`greenlight candidate create --kinds\`, or take ${lacking.join(", ")} out of ${by}.`,
    );
  }
  const kinds = all.filter((kind) => brought.includes(kind) && (asked.length === 0 || asked.includes(kind)));
  const rest = all.filter((kind) => !kinds.includes(kind));
  const why = (kind: string): string =>
    brought.includes(kind) ? `${by} leaves out` : "the candidate was sealed without";
  return { kinds, left: rest.map((kind) => ({ kind, reason: `${why(kind)} ${kind}` })) };
}

/** Keys of the binaries that these kinds need, in the product's order. */
export function binariesOfKinds(product: Pick<Product, "kinds">, kinds: readonly string[]): string[] {
  return [...new Set(kinds.flatMap((kind) => product.kinds[kind]?.binaries ?? []))];
}
