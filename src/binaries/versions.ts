/**
 * Versions as libraries and systems have them: any count of numbers (`2.9`, `2.2.5`, `10.0.19041.1`), and so no Semantic
 * Versions, which have three. semver's `coerce` would cut off what follows those.
 */

/** `2.9` before `2.34`: number by number. */
export function compareLibraryVersions(a: string, b: string): number {
  const [x, y] = [a, b].map((v) => v.split(".").map(Number));
  for (let n = 0; n < Math.max(x!.length, y!.length); n++) {
    const difference = (x![n] ?? 0) - (y![n] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
