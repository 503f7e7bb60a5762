/** What lies in a workspace of a product at a commit: reports, and what its sources hold. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { EdgeError, parseFile } from "../edges/edges.ts";
import {
  readReport,
  reportFiles,
  SourceContractSchema,
  sourceContractPlace,
  type Brought,
  type SourceContract,
} from "../matrix/index.ts";
import { workspacePath } from "../storage/folders.ts";

/** Where everything known of a product's commit lies, but for evidence of machines. */
export function matrixFolder(workspace: string, product: string, commit: string): string {
  return workspacePath(workspace, "matrix", product, commit);
}

/** Every report on the commit, by the names of their folders. @throws EdgeError naming the file that cannot be read, or is no report */
export function reportsOf(workspace: string, product: string, commit: string): Brought[] {
  const folder = matrixFolder(workspace, product, commit);
  let names: string[];
  try {
    names = readdirSync(folder).sort();
  } catch (e) {
    const { code } = e as NodeJS.ErrnoException;
    if (code === "ENOENT") return [];
    throw new EdgeError(`${folder} cannot be read (${code}); make it readable.`, "stored");
  }
  // A folder without a report is of a run that was interrupted.
  return names
    .map((name) => join(folder, name, reportFiles.report))
    .filter((file) => existsSync(file))
    .map((file) => ({ file, report: readReport(file) }));
}

/** What was found in the sources at the commit; undefined when nobody has looked. @throws EdgeError naming the file when it is unreadable */
export function sourceContractOf(workspace: string, product: string, commit: string): SourceContract | undefined {
  const file = sourceContractFile(workspace, product, commit);
  if (!existsSync(file)) return undefined;
  return parseFile(SourceContractSchema, file, "look again with `greenlight evidence source-contract`");
}

/** The file in which it is kept what the sources at a commit hold. */
export function sourceContractFile(workspace: string, product: string, commit: string): string {
  return join(matrixFolder(workspace, product, commit), sourceContractPlace.folder, sourceContractPlace.file);
}
