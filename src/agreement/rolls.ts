/**
 * Rolls: lists of names that must agree, wherever they are kept. What one of them has and another lacks is one disagreement, however
 * many files it shows in.
 */
import type { Path } from "../edges/located.ts";
import { placeIn, placesText, type Disagreement, type Place, type Source } from "./places.ts";

/**
 * How a roll takes part. `all`: it has every name that any roll has. `uses`: it has names that all others must know. `offers`: it must
 * know what others use, and may know more.
 */
export type Part = "all" | "uses" | "offers";

export interface Roll {
  source: Source;
  part: Part;
  /** where a name that is missing would be added */
  list: Path;
  /** every name, and where it stands */
  names: ReadonlyMap<string, Path>;
  /** this roll is right when others disagree with it */
  right?: boolean;
}

/** The names of a list of texts, or of entries by one of their fields. */
export function namesAt(list: Path, names: readonly string[], field?: string): Map<string, Path> {
  return new Map(names.map((name, i) => [name, field === undefined ? [...list, i] : [...list, i, field]]));
}

/** Where to mend: what disagrees with the roll that is right, or the smaller side. */
function mendOf(having: readonly Roll[], lacking: readonly Roll[]): "add" | "remove" {
  if (having.some(({ right }) => right)) return "add";
  if (lacking.some(({ right }) => right)) return "remove";
  return lacking.length <= having.length ? "add" : "remove";
}

/** Every name of a kind that not all rolls agree on. */
export function compareRolls(kind: string, rolls: readonly Roll[]): Map<string, Disagreement> {
  const found = new Map<string, Disagreement>();
  const users = rolls.filter(({ part }) => part !== "offers");
  for (const name of new Set(users.flatMap(({ names }) => [...names.keys()]))) {
    const having = users.filter(({ names }) => names.has(name));
    const lacking = rolls.filter(({ part, names }) => part !== "uses" && !names.has(name));
    if (lacking.length === 0) continue;
    const there = having.map(({ source, names }) => placeIn(source, names.get(name)!));
    const missing = lacking.map(({ source, list }) => placeIn(source, list));
    const add = mendOf(having, lacking) === "add";
    const remedy = add ? `add it to ${placesText(missing)}` : `take it out of ${placesText(there)}`;
    found.set(name, {
      about: `${kind} ${name}`,
      message: `The ${kind} ${name} is in ${placesText(there)}, and not in ${placesText(missing)}; ${remedy}, or mend the other side.`,
      mend: add ? missing : there,
    });
  }
  return found;
}

/** A value that several files state. */
export interface Stated {
  place: Place;
  value: string;
  right?: boolean;
}

/** One disagreement when not all state the same; undefined when they do. */
export function compareStated(about: string, all: readonly Stated[]): Disagreement | undefined {
  const values = [...Map.groupBy(all, ({ value }) => value).values()];
  if (values.length < 2) return undefined;
  const right =
    values.find((of) => of.some((each) => each.right)) ?? values.reduce((a, b) => (b.length > a.length ? b : a));
  const mend = all.filter((each) => !right.includes(each)).map(({ place }) => place);
  const said = values
    .map((of) => `${JSON.stringify(of[0]!.value)} in ${placesText(of.map(({ place }) => place))}`)
    .join(", and ");
  return {
    about,
    message: `The ${about} is ${said}; write ${JSON.stringify(right[0]!.value)} in ${placesText(mend)}, or mend the other side.`,
    mend,
  };
}
