/**
 * What has changed between the inputs of a resource then and now. Pure. Nothing replaces by the plugin's word: it is the SDK that
 * asks the engine for a replacement when a trigger changes (`replaceOnChanges: ["triggers[*]"]`).
 */
import { isDeepStrictEqual } from "node:util";
import { hasUnknown, isArchive, isAsset, isUnknown, open, type Properties } from "./wire.ts";

export type ChangeKind = "add" | "delete" | "update";

export interface Difference {
  /** names of the inputs that changed, sorted */
  changed: string[];
  /** every changed place, as a property path (`connection.port`, `triggers[1]`, `environment["a.b"]`) */
  places: Record<string, ChangeKind>;
}

/**
 * A value as it is compared: secrets laid open (a value that only became a secret has not changed: that it is compared as
 * changed makes commands run again with the real plugin), and files by their content, wherever they lie.
 */
function comparable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(comparable);
  if (value === null || typeof value !== "object") return value;
  if ((isAsset(value) || isArchive(value)) && value.hash) return { hash: value.hash, archive: isArchive(value) };
  return Object.fromEntries(Object.entries(value).map(([key, v]) => [key, comparable(v)]));
}

const plain = (value: unknown): value is Properties =>
  value !== null && typeof value === "object" && !Array.isArray(value) && !isAsset(value) && !isArchive(value);

const step = (key: string): string => (/^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`);

function collect(path: string, before: unknown, after: unknown, places: Record<string, ChangeKind>): void {
  if (before === undefined && after === undefined) return;
  if (before === undefined || after === undefined) {
    places[path] = before === undefined ? "add" : "delete";
  } else if (Array.isArray(before) && Array.isArray(after)) {
    for (let i = 0; i < Math.max(before.length, after.length); i++)
      collect(`${path}[${i}]`, before[i], after[i], places);
  } else if (plain(before) && plain(after)) {
    for (const key of new Set([...Object.keys(before), ...Object.keys(after)]))
      collect(path + step(key), before[key], after[key], places);
  } else if (isUnknown(after) || hasUnknown(after) || !isDeepStrictEqual(comparable(before), comparable(after))) {
    places[path] = "update";
  }
}

/** Compares the inputs (wire values) that the resource was last given with those it is to be given. What is not known counts as changed. */
export function difference(before: Properties, after: Properties): Difference {
  const places: Record<string, ChangeKind> = {};
  const changed: string[] = [];
  for (const name of [...new Set([...Object.keys(before), ...Object.keys(after)])].sort()) {
    const here: Record<string, ChangeKind> = {};
    // A null is an input that is not given.
    collect(name, open(before[name]) ?? undefined, open(after[name]) ?? undefined, here);
    if (Object.keys(here).length === 0) continue;
    changed.push(name);
    Object.assign(places, here);
  }
  return { changed, places };
}
