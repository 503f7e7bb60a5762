/** A rule as data: who reads it knows what is checked and why; what runs is the same data. */
import type { Content, ContentKind, Entry } from "./content.ts";

export interface Found {
  /** path in the archive; empty for the archive as a whole */
  entry: string;
  /** clause that follows the entry's name: what was found */
  found: string;
}

export interface Rule {
  /** kebab-case, unique, never used again for something else */
  id: string;
  /** what must hold, as a sentence without its full stop */
  title: string;
  /** what somebody would lose without it */
  protects: string;
  /** what to do about a finding, as an imperative clause */
  remedy: string;
  /** what it is about; a rule is not asked about other things */
  of: readonly Exclude<ContentKind, "nothing">[];
  /** number among the rules of the validator that the product had before, where it was one of them */
  upstream?: number;
  /** everything that breaks the rule */
  find(content: Content): Found[];
}

export const archives = ["archive"] as const;
export const everything = ["archive", "folder", "installed"] as const;

/** What is found of each of the entries. Most of tens of thousands have nothing, and no list is made for these. */
export function ofEach(entries: readonly Entry[], fault: (entry: Entry) => string | undefined): Found[] {
  const all: Found[] = [];
  for (const entry of entries) {
    const found = fault(entry);
    if (found !== undefined) all.push({ entry: entry.path, found });
  }
  return all;
}

/** For rules that only the reader can judge, since it must not go on where they are broken. */
export function readerSays(id: string): (content: Content) => Found[] {
  return ({ problems }) => problems.filter(({ rule }) => rule === id).map(({ entry, found }) => ({ entry, found }));
}

/** A rule whose findings come from the reader. */
export function readerRule(rule: Omit<Rule, "find">): Rule {
  return { ...rule, find: readerSays(rule.id) };
}
