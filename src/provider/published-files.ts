/** The files of a release, sorted by what machines have done with them: proven, not executed, or withheld. */
import { basename, join } from "node:path";
import { inspectArchive } from "../archive/index.ts";
import type { ArchiveToPublish, File } from "../contract/index.ts";
import type { FileToPublish, GateToPublish, Release } from "../channel/index.ts";
import { EdgeError } from "../edges/edges.ts";

/** What is published, and what is not, and why. */
export interface Sorted {
  files: FileToPublish[];
  notExecuted: NonNullable<Release["notExecuted"]>;
  withheld: Release["withheld"];
}

/**
 * Why a file beside an archive was on no machine by itself. The installer beside the archive must be the one in it,
 * which machines have run.
 * @throws EdgeError when it is another one.
 */
async function whyNotExecuted(workspace: string, { base, path }: ArchiveToPublish, sidecar: File): Promise<string> {
  if (basename(sidecar.path) !== `${base}.install.sh`) return "it describes the archive, and nothing runs it";
  const { entries } = await inspectArchive(join(workspace, path));
  const inside = entries.find((entry) => entry.path === "install.sh")?.sha256;
  if (inside !== sidecar.sha256) {
    throw new EdgeError(
      `${sidecar.path} has SHA-256 ${sidecar.sha256}, and install.sh in the archive ${inside ?? "is not there"}, ` +
        "so that no machine has run it; remove its folder and run `greenlight up` again.",
      "stored",
    );
  }
  return "machines ran the same bytes out of the archive, where they are install.sh";
}

/**
 * Sorts the files of all archives. A recipe is published when a machine that proved it was given these very bytes.
 * @param there the files of this version that the channel holds already: it has its recipes, or has them not, for good
 * @throws EdgeError for an installer that no machine has run.
 */
export async function sortFiles(
  workspace: string,
  archives: readonly ArchiveToPublish[],
  gates: readonly GateToPublish[],
  there: Record<string, string> | undefined,
): Promise<Sorted> {
  const sorted: Sorted = { files: [], notExecuted: [], withheld: [] };
  const add = (role: FileToPublish["role"], { path, sha256 }: { path: string; sha256: string }): void => {
    sorted.files.push({ name: basename(path), role, file: join(workspace, path), sha256 });
  };
  for (const archive of archives) {
    add("archive", archive);
    for (const sidecar of archive.sidecars) {
      sorted.notExecuted.push({
        path: basename(sidecar.path),
        reason: await whyNotExecuted(workspace, archive, sidecar),
      });
      add("sidecar", sidecar);
    }
    const { recipe } = archive;
    if (!recipe) continue;
    const name = basename(recipe.path);
    const proven = gates.some(
      ({ subject, suites, companions }) =>
        subject === archive.sha256 && suites.includes("recipe") && companions.includes(recipe.sha256),
    );
    if (there ? name in there : proven) add("recipe", recipe);
    else sorted.withheld.push({ base: basename(name, ".zip"), reason: "no machine has proven the recipe" });
  }
  return sorted;
}
