/** The policy files of a product in a folder of their own, changed as a test wants them. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileNames, policyFolder, projectFolder } from "../../src/matrix/index.ts";

/** A JSON value that a test may change as it likes. */
export type Json = any;

/** The files by the names that tests call them by, as paths from the project's folder. */
export const policyFiles = (product: string): Record<string, string> => ({
  matrix: `${policyFolder(product)}/${fileNames.matrix}`,
  checklist: `${policyFolder(product)}/${fileNames.checklist}`,
  gates: `${policyFolder(product)}/${fileNames.gates}`,
  words: `src/matrix/vocabulary/${product}.json`,
});

/** A file of this project, parsed. */
export const policyJson = (file: string): Json => JSON.parse(readFileSync(join(projectFolder, file), "utf8"));

/** Writes JSON as people do, so that every value has a line. */
export function writeJson(file: string, value: unknown): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(value, null, 2)}\n`);
}

/** A folder with the product's files, each changed by the function of its name; the caller removes it. */
export function policyFolderOf(product: string, changes: Record<string, (value: Json) => void> = {}): string {
  const root = mkdtempSync(join(tmpdir(), "greenlight-policy-"));
  for (const [name, file] of Object.entries(policyFiles(product))) {
    if (!existsSync(join(projectFolder, file))) continue;
    const value = policyJson(file);
    changes[name]?.(value);
    writeJson(join(root, file), value);
  }
  return root;
}
