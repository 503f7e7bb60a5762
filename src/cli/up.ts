/** `greenlight up`: one candidate to one channel, or a promotion; ends by saying what came of it. */
import { existsSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { readCandidate } from "../candidate/index.ts";
import { readChannel } from "../channel/index.ts";
import { EdgeError } from "../edges/edges.ts";
import { sweep } from "../machines/index.ts";
import { productNamed } from "../products/index.ts";
import { exitCodes } from "../edges/exit-codes.ts";
import { killedSentence, pulumiEvents, type Finished } from "./engine.ts";
import { plain } from "./findings.ts";
import { preview } from "./preview.ts";
import { isInconclusive, showProgress, type Progress } from "./progress.ts";
import { ensureStack, isLocked, recoverStack, requireSource, requireStack, setConfig, stackConfig } from "./stack.ts";
import { cutShort, summarize } from "./summary.ts";

export interface UpOptions {
  stack: string;
  candidate?: string;
  product?: string;
  keepRed?: boolean;
  preview?: boolean;
}

type Write = (line: string) => void;

/** Runs a script of the project in the foreground. */
async function runScript(workspace: string, script: string, args: string[]): Promise<void> {
  const { execa } = await import("execa");
  const { failed, exitCode, signal, code } = await execa(process.execPath, [join(workspace, script), ...args], {
    cwd: workspace,
    stdio: "inherit",
    reject: false,
  });
  if (failed)
    throw new EdgeError(
      `${script} failed (${signal ?? code ?? `exit code ${exitCode}`}); what it printed above says why.`,
    );
}

/** The candidate's folder as the stack's file names it: relative where it lies in the workspace. npm starts us in the project, the person stood elsewhere. */
export function candidateSetting(
  workspace: string,
  given: string,
  from = process.env["INIT_CWD"] ?? process.cwd(),
): string {
  const absolute = resolve(from, given);
  const inside = relative(workspace, absolute);
  return inside === "" || inside.startsWith("..") ? absolute : inside;
}

/** What the stack publishes, and to which channel. */
interface Destination {
  channel: string;
  product: string;
}

/** Settles the settings of this run; builds the product's sample when no candidate is asked for and none is there. */
async function settle(workspace: string, options: UpOptions, write: Write): Promise<Destination> {
  const { stack } = options;
  // What is refused anyway makes no stack, and changes no setting.
  if (options.product !== undefined) productNamed(options.product);
  await ensureStack(workspace, stack);
  const config = await stackConfig(workspace, stack);
  const current = (key: string) => config[`greenlight:${key}`]?.value ?? "";
  const change = async (key: string, value: string | undefined) => {
    if (value === undefined || current(key) === value) return;
    await setConfig(workspace, stack, key, value);
    write(`Stack ${stack} has a new setting, which later updates keep: greenlight:${key} is ${plain(value)}.`);
  };
  const from = current("promoteFrom");
  if (from !== "") requireSource(workspace, stack, from, options.candidate);
  if (options.candidate !== undefined)
    readCandidate(resolve(workspace, candidateSetting(workspace, options.candidate)));
  await change("product", options.product);
  await change(
    "candidate",
    options.candidate === undefined ? undefined : candidateSetting(workspace, options.candidate),
  );
  await change("keepRedMachines", options.keepRed === undefined ? undefined : String(options.keepRed));
  const settled = { channel: current("channel"), product: options.product ?? current("product") };
  if (from !== "") return settled;
  const folder = options.candidate ?? current("candidate");
  const { sample } = productNamed(options.product ?? current("product"));
  if (
    options.candidate === undefined &&
    sample !== undefined &&
    folder.startsWith("candidates/") &&
    !existsSync(resolve(workspace, folder, "candidate.json"))
  ) {
    await runScript(workspace, sample, ["--out", folder]);
  }
  return settled;
}

/** The releases that a channel names, by version and identity; none of an index that cannot be read, which the update itself will say. */
function releasesOf(workspace: string, channel: string, product: string): string[] {
  try {
    return (readChannel(workspace, channel)[product]?.releases ?? []).map(
      ({ version, release }) => `${version} ${release}`,
    );
  } catch (e) {
    if (e instanceof EdgeError) return [];
    throw e;
  }
}

/** One update of the stack. */
async function update(
  workspace: string,
  stack: string,
  write: Write,
): Promise<{ progress: Progress; finished: Finished }> {
  const progress = showProgress(write);
  const finished = await pulumiEvents(workspace, ["up", "--yes", "--skip-preview", "--stack", stack], progress.onEvent);
  return { progress, finished };
}

const anotherUpdate = (stack: string) =>
  `Another update of stack ${stack} is running; wait for it or stop it, then try again.`;

/**
 * Brings the stack to its settings. A lost machine is answered by one more update on fresh ones; red is red.
 * @returns the exit code, see exit-codes.ts
 */
export async function up(workspace: string, options: UpOptions, write: Write): Promise<number> {
  if (options.preview) {
    return preview(
      workspace,
      options.stack,
      {
        ...(options.product !== undefined && { product: productNamed(options.product).name }),
        ...(options.candidate !== undefined && { candidate: candidateSetting(workspace, options.candidate) }),
      },
      write,
    );
  }
  requireStack(workspace, options.stack);
  await recoverStack(workspace, options.stack, write);
  const { channel, product } = await settle(workspace, options, write);
  const before = releasesOf(workspace, channel, product);
  await sweep();
  let { progress, finished } = await update(workspace, options.stack, write);
  if (finished.code !== 0 && !finished.interrupted && isInconclusive(progress)) {
    write(
      "A machine was lost or could not be had, so the verdict is inconclusive; trying once more on fresh machines.",
    );
    ({ progress, finished } = await update(workspace, options.stack, write));
  }
  // What came there while this run was red is another run's.
  const red = progress.closed.size > 0 || progress.errors.some(({ type }) => type === "greenlight:index:Publication");
  const [published] = releasesOf(workspace, channel, product)
    .filter((release) => !red && !before.includes(release))
    .map((release) => `${product} ${release.split(" ")[0]}`);
  if (finished.interrupted) {
    write(
      `\nInterrupted; ${cutShort(published, channel)}. \`npm start -- up --stack ${options.stack}\` goes on, \`npm start -- destroy --stack ${options.stack}\` takes the machines down.`,
    );
    return exitCodes.interrupted;
  }
  if (finished.killed) {
    write(`\n${killedSentence(finished.killed, `\`npm start -- up --stack ${options.stack}\` goes on`)}`);
    if (published !== undefined) write(`${cutShort(published, channel)}.`);
    return exitCodes.inconclusive;
  }
  // The engine got nowhere, and somebody has the stack: one that began since we looked.
  if (finished.code !== 0 && !progress.began && isLocked(workspace, options.stack))
    progress.errors = [{ type: "", name: "", text: anotherUpdate(options.stack) }];
  // That the other stack does not exist is the promotion gate's to say.
  if (progress.errors.some((e) => e.type === "greenlight:index:Gate"))
    progress.errors = progress.errors.filter((e) => e.type !== "pulumi:pulumi:StackReference");
  if (finished.code !== 0 && progress.errors.length === 0)
    progress.errors.push({
      type: "",
      name: "",
      text: finished.stderr.trim() || finished.stdout.trim() || "the engine ended without a word",
    });
  await summarize({ workspace, stack: options.stack, channel, progress, green: finished.code === 0, published, write });
  if (finished.code === 0) return exitCodes.green;
  if (isInconclusive(progress)) return exitCodes.inconclusive;
  const judged = progress.errors.some(
    (e) => e.type === "greenlight:index:Gate" || e.type === "greenlight:index:Publication",
  );
  return judged ? exitCodes.red : exitCodes.usage;
}
