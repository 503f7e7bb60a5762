/** One version everywhere: sources, tag, candidate, and the texts that go into archives. All disagreements, not only the first. */
import type { Finding } from "../edges/edges.ts";
import type { Candidate } from "./schema.ts";

/** A place that states a version, by where it stands in candidate.json, and what it states. */
export interface Statement {
  path: string;
  /** as the reader knows it: `Cargo.toml of the workspace` */
  place: string;
  version: string;
}

/** What the seal says of versions, beside the candidate's own. */
export function statementsOf({ source }: Candidate): Statement[] {
  const stated = Object.entries(source.versions ?? {}).map(([name, version]) => ({ path: `source.versions.${name}`, place: `the sources' ${name}`, version }));
  // Tags of releases are a version with or without a `v`; what is no version at all says nothing about one.
  const tagged = /^v?(\d+\.\d+\.\d+\S*)$/.exec(source.tag ?? "")?.[1];
  return tagged === undefined ? stated : [...stated, { path: "source.tag", place: `the tag ${source.tag}`, version: tagged }];
}

/** Whether a text names a version: as a word of its own, with or without a `v`. */
export function namesVersion(text: string, version: string): boolean {
  const literal = version.replace(/[.+*?^${}()|[\]\\]/g, "\\$&");
  // A full stop may end the sentence, and a hyphen would begin another version (1.2.0-rc.1).
  return new RegExp(`(?<![\\w.-])v?${literal}(?![\\w-]|\\.\\w)`).test(text);
}

/** Every statement that is not the candidate's version; `texts`: what archives will say, by where the seal lists it. */
export function versionDisagreements(version: string, statements: readonly Statement[], texts: readonly { path: string; name: string; text: string }[] = []): Finding[] {
  return [
    ...statements
      .filter((s) => s.version !== version)
      .map(({ path, place, version: other }) => ({ path, message: `The candidate is ${version}, and ${place} says ${other}; build all of it from one version, then seal the candidate again.` })),
    ...texts
      .filter(({ text }) => !namesVersion(text, version))
      .map(({ path, name }) => ({ path, message: `${name} does not name the version ${version}; write the text for this version, then seal the candidate again.` })),
  ];
}
