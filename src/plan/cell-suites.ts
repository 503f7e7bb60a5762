/** What one machine is asked: the suites of a cell, and the texts that its commands are given. */
import { basename } from "node:path";
import { EdgeError } from "../edges/edges.ts";
import type { Product, Subject } from "../products/index.ts";
import { canonicalJson, sha256 } from "../storage/digest.ts";
import {
  chaosSuites,
  machineChecks,
  planPhases,
  recipeSuites,
  renderRunner,
  standardSuites,
  uploadFolder,
  upgradeSuites,
  type Check,
  type Suite,
} from "../suites/index.ts";
import type { Cell } from "./plan.ts";

/** Where the installer is unpacked to on the machine. */
const installer = `${uploadFolder}/install.sh`;

/** A file on its way to the machine: where it lies here, and its digest. */
export interface Brought {
  path: string;
  sha256: string;
}

/** Everything that decides a cell's suites. */
export interface CellFacts {
  cell: Pick<Cell, "group" | "suites" | "kind">;
  product: Product;
  subject: Subject;
  soakSeconds: number;
  /** the recipe as it was packed, for a cell that proves it */
  recipe: Brought | null;
  /** the same kind of the release before, where there is one */
  previous: (Brought & { version: string; binaryVersions: Record<string, string>; recipe: Brought | null }) | null;
}

const onMachine = (path: string): string => `${uploadFolder}/${basename(path)}`;

/** What is brought along beside the subject, in the order of upload: the machine has seen nothing else. */
export function companionsOf({
  cell,
  subject,
  recipe,
  previous,
}: Pick<CellFacts, "cell" | "recipe" | "previous"> & { subject: Pick<Subject, "base"> }): Brought[] {
  const before = previous ? [{ path: previous.path, sha256: previous.sha256 }] : [];
  if (cell.group === "upgrade") return before;
  if (cell.group !== "recipe") return [];
  if (!recipe)
    throw new EdgeError(`Archive ${subject.base} has no recipe to prove; take recipe out of greenlight:suites.`);
  return previous?.recipe ? [recipe, ...before, previous.recipe] : [recipe];
}

/**
 * A suite without the checks that compare with what another suite noted, where that one is not asked for: there is nothing to
 * compare with, and what is released needs both.
 */
function withinSuites(suite: Suite, wanted: ReadonlySet<string>): Suite {
  const since = (check: Check): unknown => (check.expect?.judge?.given as { since?: unknown } | undefined)?.since;
  const checks = suite.checks.filter((check) => {
    const noted = since(check);
    return typeof noted !== "string" || !noted.includes("/") || wanted.has(noted.split("/")[0]!);
  });
  return { ...suite, checks };
}

/** The suites of a cell, in order. */
export function cellSuites({ cell, product, subject, soakSeconds, recipe, previous }: CellFacts): Suite[] {
  const archivePath = `${uploadFolder}/${subject.base}.zip`;
  const wanted = new Set<string>(cell.suites);
  const files = { installer, archivePath, soakSeconds };
  const asked = (suites: readonly Suite[]): Suite[] =>
    suites.filter((suite) => wanted.has(suite.name)).map((suite) => withinSuites(suite, wanted));
  if (cell.group === "lifecycle") return asked(standardSuites(product, cell.kind, subject, files));
  if (cell.group === "chaos") return asked(chaosSuites(product, cell.kind, subject, files));
  if (cell.group === "upgrade") {
    if (!previous)
      throw new EdgeError(
        `Archive ${subject.base} has no release before it to upgrade from; take upgrade out of greenlight:suites.`,
      );
    const { version, binaryVersions, sha256, path } = previous;
    return asked(
      upgradeSuites(product, cell.kind, subject, files, {
        version,
        binaryVersions,
        sha256,
        archivePath: onMachine(path),
      }),
    );
  }
  if (!recipe)
    throw new EdgeError(`Archive ${subject.base} has no recipe to prove; take recipe out of greenlight:suites.`);
  const before = previous?.recipe
    ? {
        version: previous.version,
        binaryVersions: previous.binaryVersions,
        sha256: previous.sha256,
        archivePath: onMachine(previous.path),
        recipePath: onMachine(previous.recipe.path),
        recipeSha256: previous.recipe.sha256,
      }
    : undefined;
  return recipeSuites(product, cell.kind, subject, {
    archivePath,
    recipePath: onMachine(recipe.path),
    recipeSha256: recipe.sha256,
    previous: before,
  });
}

/** Suites that a reboot comes before. */
const afterReboot: ReadonlySet<string> = new Set(["reboot", "power-cut", "chaos-power-cut"]);

/** How many commands a cell takes: a reboot ends one and begins the next. */
export function phaseCount({ group, suites }: Pick<Cell, "group" | "suites">): number {
  const reboots = group === "recipe" ? 1 : suites.filter((name) => afterReboot.has(name)).length;
  return 1 + reboots;
}

/** The shell text for one phase (from 0) of a cell, to be read by `sh -s`. */
export function phaseScript(suites: readonly Suite[], run: string, phase: number, limitSeconds: number): string {
  const phases = planPhases(suites);
  if (phase >= phases.length)
    throw new EdgeError(
      `The suites have ${phases.length} phases, and phase ${phase + 1} is asked for; the plan counts reboots that no suite has.`,
    );
  return renderRunner({
    suites: phases[phase] ?? [],
    run,
    phase: phase + 1,
    limitSeconds,
    rebootAtEnd: phases[phase + 1]?.[0]?.afterReboot,
  });
}

/** How long a cell's machine will be busy, beside others of the same release: the number of its checks; a reboot takes as long as a dozen. */
export function workLoad(suites: readonly Suite[]): number {
  return suites.reduce((sum, suite) => sum + machineChecks(suite).length + (suite.afterReboot ? 12 : 0), 0);
}

/** Digest of all that a cell's machine will be told, and of what is expected of it: when it changes, the proof must be made again. */
export function workDigest(suites: readonly Suite[], limitSeconds: number): string {
  return sha256(
    canonicalJson(suites) +
      planPhases(suites)
        .map((_, phase) => phaseScript(suites, "work-digest", phase, limitSeconds))
        .join("\0"),
  );
}
