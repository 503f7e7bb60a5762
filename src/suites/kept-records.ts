/** Whether the records of a database are kept, from its rows at several moments. Each function says what is wrong, or nothing. */
import { rowText, valuesOf, type Row } from "./database.ts";

/** Names of records in a row: texts that a regular expression fits. */
type Names = (row: Row) => string[];

function namesBy(named: string | undefined): Names {
  if (named === undefined) return () => [];
  const pattern = new RegExp(named, "g");
  return (row) => valuesOf(row).flatMap((value) => value.match(pattern) ?? []);
}

/** Records that were there before a restart and after it, alike: rows with a name, or all, where none has one. */
function lasting(names: Names, before: readonly Row[], noted: readonly Row[]): Row[] {
  const there = new Set(before.map(rowText));
  const rows = noted.filter((row) => there.has(rowText(row)));
  const named = rows.filter((row) => names(row).length > 0);
  return named.length > 0 ? named : rows;
}

/** They outlive a restart, and there are some. */
export function recordsNoted(
  named: string | undefined,
  before: readonly Row[],
  noted: readonly Row[],
): string | undefined {
  const names = namesBy(named);
  const there = new Set(noted.flatMap(names));
  const lost = new Set(before.flatMap(names).filter((name) => !there.has(name)));
  if (lost.size > 0) return `lost ${lost.size} records by a restart`;
  return lasting(names, before, noted).length === 0 ? "holds nothing that could be looked for" : undefined;
}

/** Whether one row has all values of another. */
function hasValues(row: readonly string[], wanted: readonly string[]): boolean {
  const left = [...row];
  return wanted.every((value) => {
    const at = left.indexOf(value);
    if (at >= 0) left.splice(at, 1);
    return at >= 0;
  });
}

/** Those that were noted are there: the same rows, or when they were `migrated`, rows with all of their values. */
export function recordsStill(
  named: string | undefined,
  before: readonly Row[],
  noted: readonly Row[],
  now: readonly Row[],
  migrated: boolean,
): string | undefined {
  const names = namesBy(named);
  const wanted = lasting(names, before, noted);
  if (wanted.length === 0) return "was never noted with anything that could be looked for";
  const there = new Set(now.flatMap(names));
  const lost = wanted.filter((row) => names(row).some((name) => !there.has(name)));
  if (lost.length > 0) return `has lost ${lost.length} of ${wanted.length} records`;
  const exact = new Set(now.map(rowText));
  const values = migrated ? now.map(valuesOf) : [];
  const changed = wanted.filter(
    (row) => !exact.has(rowText(row)) && !values.some((each) => hasValues(each, valuesOf(row))),
  );
  if (changed.length === 0) return undefined;
  return `has ${changed.length} of ${wanted.length} records that are not what they were`;
}

/** What a restart has added: names of records, or where they have none, rows. */
function added(
  named: string | undefined,
  earlier: readonly Row[],
  later: readonly Row[],
): { of: Names; new: Set<string> } {
  const names = namesBy(named);
  const of = later.some((row) => names(row).length > 0) ? names : (row: Row) => [rowText(row)];
  const before = new Set(earlier.flatMap(of));
  return { of, new: new Set(later.flatMap(of).filter((each) => !before.has(each))) };
}

/** A restart was recorded. */
export function recordsAdded(
  named: string | undefined,
  earlier: readonly Row[],
  later: readonly Row[],
): string | undefined {
  return added(named, earlier, later).new.size === 0 ? "was not written to by a restart after the upgrade" : undefined;
}

/** Nothing of that is left. */
export function recordsGone(
  named: string | undefined,
  earlier: readonly Row[],
  later: readonly Row[],
  now: readonly Row[],
): string | undefined {
  const { of, new: written } = added(named, earlier, later);
  if (written.size === 0) return "was never seen to be written to after the upgrade";
  const left = new Set(now.flatMap(of).filter((each) => written.has(each)));
  return left.size > 0 ? `still has ${left.size} records that were written after the upgrade` : undefined;
}
