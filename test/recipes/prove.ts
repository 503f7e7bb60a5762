/** Runs the suites of a recipe's machine on a real one, and judges what came back. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { createMachine, deleteMachine, ensureImage } from "../../src/machines/index.ts";
import {
  judgeSuite,
  parseEvidence,
  planPhases,
  recipeSuites,
  renderRunner,
  uploadFolder,
  type RunRecord,
  type Suite,
  type SuiteResult,
} from "../../src/suites/index.ts";
import { remotely } from "../suites/on-machine.ts";
import type { Released } from "./released.ts";

export interface RecipeProof {
  results: SuiteResult[];
  records: RunRecord[];
  /** seconds of each phase, from its command to its evidence */
  seconds: number[];
}

const at = (file: string): string => `${uploadFolder}/${basename(file)}`;

/** The suites of a release's recipe, with the release before it when one is given. */
export function suitesOf(
  { product, kind, subject, archiveFile, recipeFile, recipeSha256 }: Released,
  previous?: Released,
): Suite[] {
  return recipeSuites(product, kind, subject, {
    archivePath: at(archiveFile),
    recipePath: at(recipeFile),
    recipeSha256,
    ...(previous && {
      previous: {
        version: previous.subject.version,
        binaryVersions: previous.subject.binaryVersions,
        sha256: previous.subject.sha256,
        archivePath: at(previous.archiveFile),
        recipePath: at(previous.recipeFile),
        recipeSha256: previous.recipeSha256,
      },
    }),
  });
}

/** Proves the release on a fresh machine. `change` spoils what is run, not what is expected. */
export async function proveRecipe(
  release: Released,
  previous?: Released,
  change: (suites: Suite[]) => Suite[] = (suites) => suites,
): Promise<RecipeProof> {
  const workspace = mkdtempSync(join(tmpdir(), "greenlight-recipe-"));
  const report = (): void => undefined;
  const image = await ensureImage("linux-x64/debian-12", { report });
  const { sha256: subject } = release.subject;
  const machine = await createMachine({
    image,
    owner: { workspace, stack: "test", urn: "urn:recipe" },
    incarnation: 1,
    cell: "recipe",
    subject,
    lifeSeconds: 900,
    report,
  });
  try {
    await remotely(machine, `mkdir -p ${uploadFolder}`);
    for (const file of [release, ...(previous ? [previous] : [])].flatMap(({ archiveFile, recipeFile }) => [
      archiveFile,
      recipeFile,
    ]))
      await remotely(machine, `cat >${at(file)}`, readFileSync(file));
    const suites = change(suitesOf(release, previous));
    const phases = planPhases(suites);
    const records: RunRecord[] = [];
    const seconds: number[] = [];
    for (const [i, phase] of phases.entries()) {
      const started = performance.now();
      const script = renderRunner({
        suites: phase,
        run: machine.id,
        phase: i + 1,
        limitSeconds: 600,
        rebootAtEnd: phases[i + 1]?.[0]?.afterReboot,
      });
      const ran = await remotely(machine, "timeout -k 10 660 sh -s", script);
      if (ran.code !== 0) throw new Error(`phase ${i + 1} ended with ${ran.code}: ${ran.stderr}`);
      records.push(parseEvidence(ran.stdout, { run: machine.id, phase: i + 1 }));
      seconds.push((performance.now() - started) / 1000);
    }
    // What the host alone sees of a machine is not looked at here.
    return {
      results: phases.flatMap((phase, i) =>
        phase.map((suite) =>
          judgeSuite(
            { ...suite, checks: suite.checks.filter((check) => check.on !== "host") },
            records[i],
            [],
            records.slice(0, i),
          ),
        ),
      ),
      records,
      seconds,
    };
  } finally {
    await deleteMachine(workspace, machine.id);
    rmSync(workspace, { recursive: true, force: true });
  }
}

/** What did not pass, as `<suite>/<check>: what was seen`. */
export function open({ results }: Pick<RecipeProof, "results">): string[] {
  return results.flatMap(({ suite, checks }) =>
    checks
      .filter(({ status }) => status !== "passed")
      .map(
        ({ check, status, expected, observed }) =>
          `${suite}/${check} ${status}: expected ${expected}; observed ${observed}`,
      ),
  );
}
