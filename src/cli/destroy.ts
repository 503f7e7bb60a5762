/** `greenlight destroy`: takes the fleet down. Published releases and evidence stay. */
import { reap, sweep } from "../machines/index.ts";
import { endAllUse } from "../provider/archive-use.ts";
import { forgetFailures } from "../provider/failures.ts";
import { killedSentence, pulumiEvents } from "./engine.ts";
import { exitCodes } from "../edges/exit-codes.ts";
import { showProgress } from "./progress.ts";
import { ensureStack, recoverStack } from "./stack.ts";

export async function destroy(workspace: string, stack: string, write: (line: string) => void): Promise<number> {
  await ensureStack(workspace, stack);
  await recoverStack(workspace, stack, write);
  const progress = showProgress(write);
  const { code, stderr, interrupted, killed } = await pulumiEvents(
    workspace,
    ["destroy", "--yes", "--skip-preview", "--stack", stack],
    progress.onEvent,
  );
  // A machine that was being made when an engine was killed is in no state; the host knows it all the same.
  await reap({ workspace, stack });
  await sweep();
  for (const error of progress.errors) write(`${error.name ? `${error.name}: ` : ""}${error.text}`);
  if (interrupted) {
    write(`\nInterrupted; \`npm start -- destroy --stack ${stack}\` goes on.`);
    return exitCodes.interrupted;
  }
  if (killed) {
    write(killedSentence(killed, `run \`npm start -- destroy --stack ${stack}\` again`));
    return exitCodes.inconclusive;
  }
  if (code !== 0) {
    if (progress.errors.length === 0) write(stderr.trim());
    return exitCodes.red;
  }
  // What is in no state, and this stack's alone: archives that its previews have packed, notes about machines that never came up.
  await endAllUse(workspace, stack);
  forgetFailures(workspace, stack);
  write(`\nStack ${stack} is taken down; what it released and its evidence are kept in .greenlight.`);
  return exitCodes.green;
}
