/** `greenlight evidence import` and `greenlight matrix merge`: reports of others, and reports put together. */
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { EdgeError, parseValue } from "../edges/edges.ts";
import { exitCodes } from "../edges/exit-codes.ts";
import {
  clearFolder,
  CommitSchema,
  importCases,
  importPlace,
  isBad,
  isMergedBad,
  junitTime,
  makeReport,
  mergedText,
  mergeReports,
  readJunitReport,
  readPolicy,
  readReport,
  reportFiles,
  reportKeys,
  reportText,
  writeReport,
} from "../matrix/index.ts";
import { productNamed } from "../products/index.ts";
import { writeAtomic } from "../storage/atomic-write.ts";
import { sha256 } from "../storage/digest.ts";
import type { Voices } from "./voices.ts";
import { profileNamed, reportsFolder } from "./matrix.ts";

export interface ImportOptions {
  product: string;
  junit: string;
  commit: string;
  profile: string;
  output?: string;
}

function bytesOf(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (e) {
    const { code } = e as NodeJS.ErrnoException;
    throw new EdgeError(
      `${file} ${code === "ENOENT" ? "does not exist" : `cannot be read (${code})`}; name the JUnit file with --junit.`,
    );
  }
}

/** Makes a report of a JUnit file, and keeps the file beside it. @returns the exit code */
export async function importJunit(workspace: () => string, options: ImportOptions, { write }: Voices): Promise<number> {
  const product = productNamed(options.product).name;
  const profile = profileNamed(options.profile);
  const commit = parseValue(CommitSchema, options.commit, {
    what: "--commit",
    remedy: "give the whole commit, as `git rev-parse HEAD` prints it",
  });
  const policy = readPolicy(product);
  const file = resolve(options.junit);
  const bytes = bytesOf(file);
  const { cases, timestamps } = readJunitReport(bytes.toString("utf8"), file);
  const scenarios = importCases(policy.matrix.value, profile, cases, file);
  // Brought in again, it is no younger.
  const now = new Date();
  const time = junitTime(timestamps, file, now) ?? now;
  const folder =
    options.output === undefined
      ? reportsFolder(workspace(), product, commit, importPlace(profile, bytes))
      : resolve(options.output);
  await clearFolder(folder);
  mkdirSync(join(folder, "logs"));
  writeFileSync(join(folder, "logs", basename(file)), bytes);
  const sources = [{ name: basename(file), sha256: sha256(bytes) }];
  const report = makeReport({
    ...{ policy, product, profile, origin: "import", commit, changed: false, started: time, completed: time },
    ...{ setup: [], scenarios, sources },
  });
  const paths = writeReport(folder, report);
  for (const line of [...reportText(report), ...reportKeys(report, paths)]) write(line);
  return isBad(report) ? exitCodes.red : exitCodes.green;
}

/** What `matrix merge` is asked. */
export interface MergeOptions {
  /** a file to write */
  output?: string;
}

/** Says what reports come to together. @returns the exit code */
export function mergeMatrix(reports: readonly string[], options: MergeOptions, { write }: Voices): number {
  const brought = reports.map((path) => {
    const at = resolve(path);
    const file = statSync(at, { throwIfNoEntry: false })?.isDirectory() ? join(at, reportFiles.report) : at;
    return { file, report: readReport(file) };
  });
  const merged = mergeReports(readPolicy(productNamed(brought[0]!.report.product).name), brought);
  if (options.output !== undefined) writeAtomic(resolve(options.output), `${JSON.stringify(merged, null, 2)}\n`);
  for (const line of mergedText(merged)) write(line);
  return isMergedBad(merged) ? exitCodes.red : exitCodes.green;
}
