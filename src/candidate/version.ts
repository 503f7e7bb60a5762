/** Versions of what is released: Semantic Versioning 2.0.0, read and compared by the semver package, and strictly where that is lenient. */
import type { SemVer } from "semver";
import compare from "semver/functions/compare.js";
import parse from "semver/functions/parse.js";
import { z } from "zod";
import { EdgeError, shown } from "../edges/edges.ts";

/** A version with why it is none, as a clause; it is written as the specification has it, with no `v` before it and no space around it. */
function read(text: string): { version?: SemVer; fault?: string } {
  const version = parse(text);
  const build = version && version.build.length > 0 ? `+${version.build.join(".")}` : "";
  if (!version || text !== version.version + build)
    return { fault: "is not a semantic version like 1.2.3 or 1.2.3-rc.1" };
  // Of the numbers of pre-releases, semver leaves those as text that it does not hold exactly, and compares them inexactly.
  if (version.prerelease.some((part) => typeof part === "string" && /^\d+$/.test(part)))
    return { fault: `has a number of 2^53 or more (a time in milliseconds?), which tools cannot compare exactly` };
  return { version };
}

/** What may be released: no build metadata (a `+` would not survive in URLs and file names), at most 64 characters. */
export const VersionSchema = z
  .string()
  .max(64)
  .superRefine((text, context) => {
    const { version, fault = "has build metadata (+), which no release can have" } = read(text);
    if (version?.build.length !== 0) context.addIssue({ code: "custom", message: fault });
  });

/** Wider than what may be released: channels keep whatever they hold already, if only it has a place in the order. */
export const OrderedVersionSchema = z
  .string()
  .max(128)
  .superRefine((text, context) => {
    const { fault } = read(text);
    if (fault !== undefined) context.addIssue({ code: "custom", message: fault });
  });

function ordered(text: string): SemVer {
  const { version, fault } = read(text);
  if (version) return version;
  throw new EdgeError(
    `${shown(text)} ${fault}, so that it has no place in the order of releases; give the candidate another.`,
  );
}

/** Below zero when `a` comes before `b`, above when after, zero when neither does (build metadata has no say). @throws EdgeError for what is no version. */
export function compareVersions(a: string, b: string): number {
  return compare(ordered(a), ordered(b));
}
