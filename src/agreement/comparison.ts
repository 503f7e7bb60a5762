/** A comparison in progress: what was found so far, and what is therefore not asked about once more. */
import type { Path } from "../edges/located.ts";
import { placeIn, placeText, type Disagreement, type Source } from "./places.ts";
import { compareRolls, compareStated, namesAt, type Part, type Roll, type Stated } from "./rolls.ts";

export class Comparison {
  readonly found: Disagreement[] = [];
  /** names that files disagree on, by kind: nothing is said of what belongs to them */
  readonly #open = new Map<string, Set<string>>();

  isOpen(kind: string, name: string): boolean {
    return this.#open.get(kind)?.has(name) ?? false;
  }

  #leaveOpen(kind: string, name: string): void {
    this.#open.set(kind, (this.#open.get(kind) ?? new Set()).add(name));
  }

  /** The roll of a list of entries by their ids; an id that is there twice is found. */
  entries(
    kind: string,
    source: Source,
    part: Part,
    list: Path,
    entries: readonly { id: string }[],
    right = false,
  ): Roll {
    const ids = entries.map(({ id }) => id);
    for (const [i, id] of ids.entries()) {
      if (ids.indexOf(id) === i || this.isOpen(kind, id)) continue;
      const place = placeIn(source, [...list, i, "id"]);
      this.#leaveOpen(kind, id);
      this.found.push({
        about: `${kind} ${id}`,
        message: `The ${kind} ${id} is there twice, again at ${placeText(place)}; give each a name of its own.`,
        mend: [place],
      });
    }
    return { source, part, list, names: namesAt(list, ids, "id"), right };
  }

  /** Finds every name of a kind that not all rolls agree on. */
  names(kind: string, rolls: readonly (Roll | undefined)[]): void {
    const there = rolls.filter((roll) => roll !== undefined);
    for (const [name, disagreement] of compareRolls(kind, there)) {
      if (this.isOpen(kind, name)) continue;
      this.#leaveOpen(kind, name);
      this.found.push(disagreement);
    }
  }

  /** Finds names that belong to one owner and that not all rolls give it; nothing where owner or name is open itself. */
  belongings(
    what: string,
    [ownerKind, owner]: [string, string],
    thing: string,
    rolls: readonly (Roll | undefined)[],
  ): void {
    if (this.isOpen(ownerKind, owner)) return;
    for (const [name, disagreement] of compareRolls(
      `${what} of the ${ownerKind} ${owner}:`,
      rolls.filter((roll) => roll !== undefined),
    ))
      if (!this.isOpen(thing, name)) this.found.push(disagreement);
  }

  /** Finds a value of one owner that is not stated alike everywhere. */
  values(
    what: string,
    [ownerKind, owner]: [string, string],
    all: readonly (Stated | undefined)[],
    thing?: string,
  ): void {
    const there = all.filter((each) => each !== undefined);
    if (this.isOpen(ownerKind, owner) || (thing !== undefined && there.some(({ value }) => this.isOpen(thing, value))))
      return;
    const disagreement = compareStated(`${what} of the ${ownerKind} ${owner}`, there);
    if (disagreement) this.found.push(disagreement);
  }
}
