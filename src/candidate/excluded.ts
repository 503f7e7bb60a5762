/** Names that keep a file out of every release, whatever product it is of. */

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
  return pattern.endsWith("/*") ? new RegExp(`(^|/)${body.slice(0, -"[^/]*".length)}`, "i") : new RegExp(`(^|/)${body}$`, "i");
}
const excluded = excludedPatterns.map((pattern) => ({ pattern, matches: expression(pattern) }));

/** The pattern that keeps a path out of archives, or undefined. */
export function excludedBy(path: string): string | undefined {
  return excluded.find(({ matches }) => matches.test(path))?.pattern;
}
