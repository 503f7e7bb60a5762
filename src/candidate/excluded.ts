/** Names that keep a file out of releases: of every product, and of those whose rules name more. */
import type { PayloadRules } from "../products/product.ts";

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

function expression(pattern: string): RegExp {
  const body = pattern.replace(/[.+^${}()|[\]\\]/g, "\\$&").replaceAll("*", "[^/]*");
  return pattern.endsWith("/*")
    ? new RegExp(`(^|/)${body.slice(0, -"[^/]*".length)}`, "i")
    : new RegExp(`(^|/)${body}$`, "i");
}
const excluded = excludedPatterns.map((pattern) => ({ pattern, matches: expression(pattern) }));
/** One look for all of them: nearly all of tens of thousands of names fit none. */
const anyExcluded = new RegExp(excluded.map(({ matches }) => matches.source).join("|"), "i");

/** The pattern that keeps a path out of archives, or undefined. */
export function excludedBy(path: string): string | undefined {
  return anyExcluded.test(path) ? excluded.find(({ matches }) => matches.test(path))?.pattern : undefined;
}

/** Whether a file name fits a pattern with `*` for anything; case does not count. */
export function fits(name: string, pattern: string): boolean {
  const parts = pattern.toLowerCase().split("*");
  const text = name.toLowerCase();
  if (parts.length === 1) return text === parts[0];
  const [first = "", last = ""] = [parts[0], parts.at(-1)];
  if (!text.startsWith(first)) return false;
  let at = first.length;
  for (const part of parts.slice(1, -1)) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return text.length - last.length >= at && text.endsWith(last);
}

/** As {@link fits}, for many names: the first of the patterns that a name fits, or undefined. */
export function fitsAny(patterns: readonly string[]): (name: string) => string | undefined {
  const parts = patterns.map((pattern) =>
    pattern
      .toLowerCase()
      .split("*")
      .map((part) => part.replace(/[.+?^${}()|[\]\\/-]/g, "\\$&")),
  );
  const any = new RegExp(`^(?:${parts.map((of) => of.join("[^]*")).join("|")})$`);
  return (name) =>
    patterns.length > 0 && any.test(name.toLowerCase()) ? patterns.find((pattern) => fits(name, pattern)) : undefined;
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

/** Whether installers write a file of this name into an installed folder: no archive brings one. */
export function installersOwn(path: string): boolean {
  return /^(install-metadata\.json|service\/[^/]+\.service)$/i.test(path.normalize("NFKC"));
}
