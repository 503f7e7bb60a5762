/** One version everywhere: sources, tag, candidate, and the texts that go into archives. All disagreements, not only the first. */
import type { Finding } from "../edges/edges.ts";
import type { Platform, Product } from "../products/index.ts";
import { binaryVersion } from "./read.ts";
import type { Candidate } from "./schema.ts";

/** A place that states a version, by where it stands in candidate.json, and what it states. */
export interface Statement {
  path: string;
  /** as the reader knows it: `Cargo.toml of the workspace` */
  place: string;
  version: string;
}

/**
 * The version at the end of a tag: `v1.2.0`, and those of monorepos: `server/v1.2.0`, `server-1.2.0`, `@scope/server@1.2.0`.
 * Undefined for a tag that has none, which says nothing. `wanted`: where a tag could be read in two ways.
 */
export function versionInTag(tag: string, wanted: string): string | undefined {
  const at = tag.length - wanted.length;
  if (tag.endsWith(wanted) && !/[\d.]/.test(tag[at - 1] ?? "")) return wanted;
  // The first that nothing but its own pre-release and build follow.
  return (
    /(?<![\d.])(\d+\.\d+\.\d+(?:[-+][0-9A-Za-z.+-]*)?)$/.exec(tag)?.[1] ??
    /(?<![\d.])(\d+\.\d+\.\d+[^/@\s]*)$/.exec(tag)?.[1]
  );
}

/** What the seal says of versions, beside the candidate's own. */
export function statementsOf({ source, version }: Candidate): Statement[] {
  const stated = Object.entries(source.versions ?? {}).map(([name, version]) => ({
    path: `source.versions.${name}`,
    place: `the sources' ${name}`,
    version,
  }));
  const tagged = versionInTag(source.tag ?? "", version);
  return tagged === undefined
    ? stated
    : [...stated, { path: "source.tag", place: `the tag ${source.tag}`, version: tagged }];
}

/** Whether a text names a version: as a word of its own, with or without a `v`. */
export function namesVersion(text: string, version: string): boolean {
  const literal = version.replace(/[.+*?^${}()|[\]\\]/g, "\\$&");
  // A full stop may end the sentence, and a hyphen would begin another version (1.2.0-rc.1).
  return new RegExp(`(?<![\\w.-])v?${literal}(?![\\w-]|\\.\\w)`).test(text);
}

/** What to do about versions that differ. */
const remedy = "build all of it from one version, then seal the candidate again";

/** Binaries that state another version than the candidate's, or, where the product lets them have one of their own, not one for all platforms. */
export function binaryDisagreements(candidate: Candidate, product: Product, platforms: readonly Platform[]): Finding[] {
  const first = new Map<string, { platform: Platform; version: string }>();
  return platforms.flatMap((platform) =>
    Object.keys(candidate.platforms[platform]?.binaries ?? {}).flatMap((key): Finding[] => {
      const version = binaryVersion(candidate, platform, key);
      const say = (message: string): Finding[] => [
        { path: `platforms.${platform}.binaries.${key}.version`, message: `${message}; ${remedy}.` },
      ];
      if (!product.binaries[key]?.ownVersion)
        return version === candidate.version
          ? []
          : say(`The candidate is ${candidate.version}, and the binary ${key} for ${platform} says ${version}`);
      const other = first.get(key);
      if (!other) first.set(key, { platform, version });
      return other === undefined || other.version === version
        ? []
        : say(`The binary ${key} is ${other.version} for ${other.platform}, and ${version} for ${platform}`);
    }),
  );
}

/** Every statement that is not the candidate's version; `texts`: what archives will say, by where the seal lists it. */
export function versionDisagreements(
  version: string,
  statements: readonly Statement[],
  texts: readonly { path: string; name: string; text: string }[] = [],
): Finding[] {
  return [
    ...statements
      .filter((s) => s.version !== version)
      .map(({ path, place, version: other }) => ({
        path,
        message: `The candidate is ${version}, and ${place} says ${other}; ${remedy}.`,
      })),
    ...texts
      .filter(({ text }) => !namesVersion(text, version))
      .map(({ path, name }) => ({
        path,
        message: `${name} does not name the version ${version}; write the text for this version, then seal the candidate again.`,
      })),
  ];
}
