/**
 * Whether a release may be published: every gate green, complete and fresh. Whatever is missing, foreign or unreadable
 * blocks.
 */
import { alsoRequired, needsPrevious, needsRecipe } from "../plan/index.ts";
import { allSuites, suitesRequired, type SuiteRequirement } from "../policy/index.ts";
import { archiveNamed } from "../products/index.ts";
import type { Proven } from "./proven.ts";
import type { Release, ReleaseFile } from "./release.ts";

/** What the release before is to an archive: the digests that a machine must have had to prove an upgrade from it. */
export interface BeforeArchive {
  sha256: string;
  recipe: { sha256: string } | null;
}

export interface ProofRequirements {
  product: string;
  version: string;
  files: readonly ReleaseFile[];
  /** each must be green and fresh */
  gates: readonly Proven[];
  /** other proofs of the same archives; those that are green and fresh count */
  further?: readonly Proven[];
  /** what each archive must be proven by, on each target that its gates name */
  requires: readonly SuiteRequirement[];
  /** but for these */
  notApplicable: NonNullable<Release["notApplicable"]>;
  /**
   * the archive of the release before that an archive, by its path, follows where it is published; undefined when there
   * is none
   */
  before: (path: string) => BeforeArchive | undefined;
  /** files that no machine has used, by path; undefined for a release from before they were listed */
  notExecuted: Release["notExecuted"];
  /** older evidence is stale; undefined where age has no say */
  maxAgeHours?: number;
  now: Date;
}

/**
 * A reason not to publish, as a clause of a sentence: evidence that has aged (`stale`), a file that no machine has used
 * (`unused`), what is to be proven of the release before (`history`), or anything else.
 */
export interface ProofFault {
  about: "stale" | "unused" | "history" | "other";
  text: string;
}

/** Machines' clocks are set from the host's, which may itself be set back a little. */
const clockSkewMs = 10 * 60_000;

/** What is wrong with the date of a proof. */
function faultOfAge(gate: Proven, { maxAgeHours, now }: ProofRequirements): ProofFault | undefined {
  const age = now.getTime() - Date.parse(gate.provedAt);
  if (!Number.isFinite(age) || age < -clockSkewMs)
    return { about: "other", text: `the evidence of gate ${gate.name} is dated ${gate.provedAt}, which is not yet` };
  if (maxAgeHours === undefined || age <= maxAgeHours * 3_600_000) return undefined;
  const again = `\`greenlight rerun ${gate.name} --stack ${gate.stack}\` proves it again`;
  return {
    about: "stale",
    text:
      `the evidence of gate ${gate.name} is ${Math.floor(age / 3_600_000)} h old and may be ${maxAgeHours}; ` + again,
  };
}

/** The file of the recipe that is published with an archive. */
function recipeOf(files: readonly ReleaseFile[], archive: ReleaseFile): ReleaseFile | undefined {
  const start = archive.path.replace(/zip$/, "");
  return files.find(({ role, path }) => role === "recipe" && path.startsWith(start));
}

/**
 * A file that a machine must have had beside the archive for a suite to say anything of this release; no digest where
 * there is none.
 */
interface Needed {
  what: string;
  sha256: string | undefined;
}

function neededFor(suite: string, archive: ReleaseFile, { files, before }: ProofRequirements): Needed[] {
  const recipe = recipeOf(files, archive);
  const earlier = needsPrevious(suite) ? before(archive.path) : undefined;
  return [
    ...(needsRecipe(suite) ? [{ what: recipe?.path ?? "a recipe that is published", sha256: recipe?.sha256 }] : []),
    ...(needsPrevious(suite) ? [{ what: "the archive of the release before", sha256: earlier?.sha256 }] : []),
    ...(needsPrevious(suite) && needsRecipe(suite)
      ? [{ what: "the recipe of the release before", sha256: earlier?.recipe?.sha256 }]
      : []),
  ];
}

/** What keeps a suite from being proven by any of these proofs, as the end of a clause; undefined when nothing does. */
function openSuite(
  suite: string,
  archive: ReleaseFile,
  proofs: readonly Proven[],
  asked: ProofRequirements,
): string | undefined {
  const needed = neededFor(suite, archive, asked);
  const having = proofs.filter((proof) => proof.suites.includes(suite));
  const had = ({ companions }: Proven, { sha256 }: Needed): boolean =>
    sha256 !== undefined && companions.includes(sha256);
  if (having.some((proof) => needed.every((each) => had(proof, each)))) return undefined;
  const missing = needed
    .filter((each) => !having.some((proof) => had(proof, each)))
    .map(({ what, sha256 }) => (sha256 ? `${what} (${sha256.slice(0, 12)})` : what));
  return having.length === 0 ? "" : ` on a machine that had ${missing.join(" and ") || "all that it needs at once"}`;
}

/** Why a suite that passed shows too little, as the end of a clause: the proof that counts must itself have run enough. */
function tooFewChecks(
  { suite, least }: { suite: string; least: number },
  archive: ReleaseFile,
  proofs: readonly Proven[],
  asked: ProofRequirements,
): string | undefined {
  const ran = ({ suites, checks }: Proven): number => (suites.includes(suite) ? (checks[suite] ?? 0) : 0);
  const enough = proofs.filter((proof) => ran(proof) >= least);
  if (openSuite(suite, archive, enough, asked) === undefined) return undefined;
  return ` with at least ${least} checks (it ran ${Math.max(0, ...proofs.map(ran))})`;
}

function faultsOfArchive(archive: ReleaseFile, proofs: readonly Proven[], asked: ProofRequirements): ProofFault[] {
  const own = proofs.filter((proof) => proof.subject === archive.sha256);
  const idle = new Set(
    asked.notApplicable.filter(({ base }) => `${base}.zip` === archive.path).map(({ suite }) => suite),
  );
  const named = archiveNamed(asked.product, asked.version, archive.path);
  // Of an archive whose name does not say its kind everything is asked, so that no limit to kinds lets it through.
  const askedOn = (target: string): Map<string, number> =>
    named
      ? suitesRequired(asked.requires, {
          kind: named.kind,
          ...(target === "" ? { platform: named.platform } : { target }),
        })
      : new Map(allSuites(asked.requires).map((suite) => [suite, 1]));
  const requiredOn = (target: string): { suite: string; least: number }[] => {
    const least = askedOn(target);
    // A recipe is required over the release before as well, where that has one to come from.
    const also = asked.before(archive.path)?.recipe ? alsoRequired([...least.keys()]) : [...least.keys()];
    return also.filter((suite) => !idle.has(suite)).map((suite) => ({ suite, least: least.get(suite) ?? 1 }));
  };
  const targets = [
    ...new Set(asked.gates.filter(({ subject }) => subject === archive.sha256).map(({ target }) => target)),
  ];
  const open = (targets.length === 0 ? [""] : targets).flatMap((target) => {
    const about = targets.length < 2 ? archive.path : `${archive.path} on ${target}`;
    const there = own.filter((proof) => proof.target === target);
    const suites = requiredOn(target).map((each) => ({
      suite: each.suite,
      why: openSuite(each.suite, archive, there, asked) ?? tooFewChecks(each, archive, there, asked),
    }));
    const groups = Map.groupBy(
      suites.filter(({ why }) => why !== undefined),
      ({ suite, why }) => `${needsPrevious(suite)} ${why}`,
    );
    return [...groups.values()].map((group): ProofFault => ({
      about: needsPrevious(group[0]!.suite) ? "history" : "other",
      text: `${about} is not proven by ${group.map(({ suite }) => suite).join(", ")}${group[0]!.why}`,
    }));
  });
  if ((targets.length === 0 ? [""] : targets).some((target) => askedOn(target).size === 0))
    open.push({ about: "other", text: `policy requires no suite of ${archive.path}, which proves nothing` });
  return own.some(({ suites }) => suites.length > 0)
    ? open
    : [{ about: "other", text: `${archive.path} is proven by nothing` }, ...open];
}

/**
 * Files that are neither an archive that a gate judged, nor on a machine that proved a recipe, nor said to be used by
 * none.
 */
function unusedFiles({ files, notExecuted }: ProofRequirements, proofs: readonly Proven[]): ProofFault[] {
  const said = new Set(notExecuted?.map(({ path }) => path));
  const unused = files.filter(({ path, role, sha256 }) => {
    if (role === "archive" || role === "evidence") return false;
    if (role === "sidecar" && (notExecuted === undefined || said.has(path))) return false;
    const archives = files
      .filter((each) => each.role === "archive" && recipeOf(files, each)?.path === path)
      .map((each) => each.sha256);
    return !proofs.some(
      ({ companions, subject, suites }) =>
        companions.includes(sha256) && (role !== "recipe" || (suites.includes("recipe") && archives.includes(subject))),
    );
  });
  const wrong = (notExecuted ?? []).filter(
    ({ path }) => !files.some((file) => file.path === path && file.role === "sidecar"),
  );
  return [
    ...unused.map(({ path }): ProofFault => ({
      about: "unused",
      text: `${path} was on no machine that proved it, and is not listed as not executed`,
    })),
    ...wrong.map(({ path }): ProofFault => ({
      about: "other",
      text: `${path} is listed as not executed and is no file beside an archive`,
    })),
  ];
}

/** Every reason not to publish; empty when there is none. */
export function faultsOfProof(asked: ProofRequirements): ProofFault[] {
  const { files, gates, further = [], requires } = asked;
  const faults: ProofFault[] = [];
  const add = (text: string): void => void faults.push({ about: "other", text });
  const archives = files.filter((file) => file.role === "archive");
  if (archives.length === 0) add("there is no archive to release");
  if (gates.length === 0) add("no gate has judged it");
  if (requires.length === 0) add("the policy requires no suite, which proves nothing");
  for (const gate of gates) {
    if (gates.filter((other) => other.name === gate.name).length > 1) add(`gate ${gate.name} is named twice`);
    if (gate.verdict !== "green") add(`gate ${gate.name} is ${gate.verdict}`);
    if (!archives.some((archive) => archive.sha256 === gate.subject))
      add(`gate ${gate.name} judged ${gate.subject.slice(0, 12)}, which is no archive of this release`);
    const age = faultOfAge(gate, asked);
    if (age) faults.push(age);
  }
  const proofs = [...gates, ...further.filter((proof) => faultOfAge(proof, asked) === undefined)].filter(
    ({ verdict }) => verdict === "green",
  );
  for (const archive of archives) faults.push(...faultsOfArchive(archive, proofs, asked));
  return [...faults, ...unusedFiles(asked, proofs)];
}
