/** Names that keep a file out of releases: of every product, and of those whose rules name more. */
import picomatch from "picomatch";
import type { PayloadRules } from "../products/index.ts";

/** What never belongs in a release: state, logs, caches, somebody's profile. `*` stands for anything within a name. */
export const excludedPatterns = [
  "*.sqlite",
  "*.sqlite3",
  "*.sqlite3-*",
  "*.db",
  "*.db-*",
  "*.wal",
  "*.shm",
  "*.log",
  "support-bundle*.json",
  "browser-profile/*",
  "browser-profiles/*",
  "downloads/*",
  "node_modules/*",
  "dist/*",
];

/** A wildcard for one name, of a file or a folder: case does not count, and a name that begins with a dot is one like any other. */
function expression(pattern: string): RegExp {
  return picomatch.makeRe(pattern, { dot: true, flags: "is" });
}

const known = new Map<string, RegExp>();

/** Whether a name fits a wildcard; case does not count. */
export function fits(name: string, pattern: string): boolean {
  const matches = known.get(pattern) ?? expression(pattern);
  known.set(pattern, matches);
  return matches.test(name);
}

/** As {@link fits}, for many names: the first of the patterns that a name fits, or undefined. One look for all of them: nearly all names fit none. */
export function fitsAny(patterns: readonly string[]): (name: string) => string | undefined {
  if (patterns.length === 0) return () => undefined;
  const any = new RegExp(patterns.map((pattern) => expression(pattern).source).join("|"), "is");
  return (name) => (any.test(name) ? patterns.find((pattern) => fits(name, pattern)) : undefined);
}

const below = "/*";
const excludedName = fitsAny(excludedPatterns.filter((pattern) => !pattern.endsWith(below)));
const excludedFolder = fitsAny(
  excludedPatterns.flatMap((pattern) => (pattern.endsWith(below) ? [pattern.slice(0, -below.length)] : [])),
);

/** The pattern that keeps a path out of archives, or undefined. */
export function excludedBy(path: string): string | undefined {
  const folders = path.split("/");
  const byName = excludedName(folders.pop()!);
  if (byName !== undefined) return byName;
  for (const folder of folders) {
    const found = excludedFolder(folder);
    if (found !== undefined) return found + below;
  }
  return undefined;
}

/** The product's own name or folder that keeps a path out of its archives, or undefined; what {@link excludedBy} says is not said again. */
export function forbiddenBy(
  path: string,
  rules: Pick<PayloadRules, "forbiddenNames" | "forbiddenFragments"> | undefined,
): string | undefined {
  if (!rules || excludedBy(path)) return undefined;
  const folded = `/${path.toLowerCase()}`;
  return (
    rules.forbiddenNames.find((pattern) => fits(path.split("/").at(-1)!, pattern)) ??
    rules.forbiddenFragments.find((fragment) => folded.includes(`/${fragment.toLowerCase()}`))
  );
}

const own = /^(install-metadata\.json|service\/[^/]+\.service)$/i;

/** Whether installers write a file of this name into an installed folder: no archive brings one. */
export function installersOwn(path: string): boolean {
  return own.test(/[^\0-\x7f]/.test(path) ? path.normalize("NFKC") : path);
}
