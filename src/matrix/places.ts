/** The folders of reports on a commit: what is about the same replaces itself, and nothing else. */
import { sha256 } from "../storage/digest.ts";
import type { ProfileName } from "./schema.ts";

/** Longer names of folders are cut by some file systems, and read by nobody. */
const LONGEST = 120;

const selections = (profile: ProfileName): string => `${profile}-only-`;

/** Where a run goes: one of the whole profile, or one of some of its scenarios, in whatever order they are asked for. */
export function runPlace(profile: ProfileName, only?: readonly string[]): string {
  if (only === undefined) return profile;
  const ids = [...new Set(only)].sort().join("+");
  return selections(profile) + (ids.length > LONGEST ? sha256(ids).slice(0, 12) : ids);
}

/** Whether a folder is of a run of some scenarios of the profile. */
export function isSelectionPlace(name: string, profile: ProfileName): boolean {
  return name.startsWith(selections(profile));
}

/** Where a report goes that is made of a JUnit file with these bytes. */
export function importPlace(profile: ProfileName, junit: Uint8Array): string {
  return `${profile}-imported-${sha256(junit).slice(0, 12)}`;
}
