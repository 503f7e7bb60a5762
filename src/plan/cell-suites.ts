/** What one machine is asked: the suites of a cell, and the texts that its commands are given. */
import { basename } from "node:path";
import { EdgeError } from "../edges/edges.ts";
import { renderInstaller } from "../installer/index.ts";
import type { Product, Subject } from "../products/index.ts";
import { canonicalJson, sha256 } from "../storage/digest.ts";
import { planPhases, recipeSuites, renderRunner, standardSuites, uploadFolder, type Suite } from "../suites/index.ts";
import type { Cell } from "./plan.ts";

/** Where the installer lies on the machine. */
const installer = `${uploadFolder}/install.sh`;

/** Everything that decides a cell's suites. */
export interface CellFacts {
  cell: Pick<Cell, "group" | "suites" | "kind">;
  product: Product;
  subject: Subject;
  soakSeconds: number;
  /** the recipe as it was packed, for a cell that proves it */
  recipe: { path: string; sha256: string } | null;
}

/** The suites of a cell, in order. */
export function cellSuites({ cell, product, subject, soakSeconds, recipe }: CellFacts): Suite[] {
  const archivePath = `${uploadFolder}/${subject.base}.zip`;
  if (cell.group === "recipe") {
    if (!recipe) throw new EdgeError(`Archive ${subject.base} has no recipe to prove; take recipe out of greenlight:suites.`);
    return recipeSuites(product, cell.kind, subject, { archivePath, recipePath: `${uploadFolder}/${basename(recipe.path)}`, recipeSha256: recipe.sha256 });
  }
  const wanted = new Set<string>(cell.suites);
  // The installer is not in the archive; it comes with the first command instead of by an upload of its own.
  const installerText = renderInstaller(product, cell.kind, subject);
  return standardSuites(product, cell.kind, subject, { installer, installerText, archivePath, soakSeconds }).filter((suite) => wanted.has(suite.name));
}

/** How many commands a cell takes: a reboot ends one and begins the next. */
export function phaseCount(cell: Pick<Cell, "suites">): number {
  return cell.suites.includes("reboot") || cell.suites.includes("recipe") ? 2 : 1;
}

/** The shell text for one phase (from 0) of a cell, to be read by `sh -s`. */
export function phaseScript(suites: readonly Suite[], run: string, phase: number, limitSeconds: number): string {
  const phases = planPhases(suites);
  return renderRunner({ suites: phases[phase] ?? [], run, phase: phase + 1, limitSeconds, rebootAtEnd: phase + 1 < phases.length });
}

/** Digest of all that a cell's machine will be told, and of what is expected of it: when it changes, the proof must be made again. */
export function workDigest(suites: readonly Suite[], limitSeconds: number): string {
  return sha256(canonicalJson(suites) + planPhases(suites).map((_, phase) => phaseScript(suites, "work-digest", phase, limitSeconds)).join("\0"));
}
