/** `greenlight matrix run`: the scenarios of a profile in a checkout, and the report on them. */
import { readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { commitOf, requireCheckout } from "../candidate/index.ts";
import {
  clearFolder,
  isBad,
  isSelectionPlace,
  makeReport,
  ProfileNameSchema,
  readPolicy,
  removeReport,
  reportKeys,
  reportText,
  runPlace,
  runScenarios,
  scenariosAsked,
  writeReport,
  type ProfileName,
} from "../matrix/index.ts";
import { parseValue } from "../edges/edges.ts";
import { productNamed } from "../products/index.ts";
import { workspacePath } from "../storage/folders.ts";
import { exitCodes } from "../edges/exit-codes.ts";
import type { Voices } from "./voices.ts";

export interface RunOptions {
  product: string;
  profile: string;
  checkout: string;
  only?: string[];
  output?: string;
}

/** A profile that was asked for. @throws EdgeError when it is none */
export function profileNamed(name: string): ProfileName {
  return parseValue(ProfileNameSchema, name, { what: "--profile", remedy: "use fast or full" });
}

/** Where reports on a commit lie in a workspace. */
export function reportsFolder(workspace: string, product: string, commit: string, ...more: string[]): string {
  return workspacePath(workspace, "matrix", product, commit, ...more);
}

/** Takes the reports on some scenarios of a profile away: all of them have run again. */
function removeSelections(folder: string, profile: ProfileName): void {
  for (const name of readdirSync(folder)) if (isSelectionPlace(name, profile)) removeReport(join(folder, name));
}

/** Runs `work` with a signal that Ctrl-C and its like abort; answers whether they did. */
async function interruptible<T>(
  work: (signal: AbortSignal) => Promise<T>,
): Promise<{ result: T; interrupted: boolean }> {
  const controller = new AbortController();
  const abort = (): void => controller.abort();
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const each of signals) process.on(each, abort);
  try {
    return { result: await work(controller.signal), interrupted: controller.signal.aborted };
  } finally {
    for (const each of signals) process.off(each, abort);
  }
}

/**
 * Runs the scenarios and writes the report. A checkout with changes is run as it is, and its report says that it is about no commit.
 * @returns the exit code
 */
export async function runMatrix(
  workspace: () => string,
  options: RunOptions,
  { write, note }: Voices,
): Promise<number> {
  const product = productNamed(options.product).name;
  const profile = profileNamed(options.profile);
  const policy = readPolicy(product);
  const checkout = resolve(options.checkout);
  await requireCheckout(checkout, "name the product's checkout with --checkout");
  const before = await commitOf(checkout);
  const { only } = options;
  // What cannot be run takes no earlier report away.
  scenariosAsked({ matrix: policy.matrix.value, profile, ...(only && { only }) });
  const output =
    options.output === undefined
      ? reportsFolder(workspace(), product, before.revision, runPlace(profile, only))
      : resolve(options.output);
  await clearFolder(output);
  const started = new Date();
  const { matrix } = policy;
  const { result, interrupted } = await interruptible((signal) =>
    runScenarios({ matrix: matrix.value, profile, checkout, output, ...(only && { only }), signal, say: note }),
  );
  if (interrupted) {
    note("Interrupted; what was running is ended, and there is no report.");
    return exitCodes.interrupted;
  }
  // Commands may leave files of their own behind; the sources must be what they were.
  const after = await commitOf(checkout, false);
  const changed = before.dirty || after.dirty || before.revision !== after.revision;
  const report = makeReport({
    policy,
    product,
    profile,
    origin: "run",
    commit: before.revision,
    changed,
    started,
    completed: new Date(),
    ...result,
  });
  const paths = writeReport(output, report);
  const ranAll = only === undefined && options.output === undefined && !changed && report.summary.setup_failed === 0;
  if (ranAll) removeSelections(reportsFolder(workspace(), product, before.revision), profile);
  for (const line of [...reportText(report), ...reportKeys(report, paths)]) write(line);
  return isBad(report) ? exitCodes.red : exitCodes.green;
}
