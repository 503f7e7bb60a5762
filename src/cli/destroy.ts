/** `greenlight destroy`: takes the fleet down. Published releases and evidence stay. */
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { workspacePath } from "../storage/folders.ts";
import { reap, sweep } from "../machines/index.ts";
import { pulumiEvents } from "./engine.ts";
import { exitCodes } from "./exit-codes.ts";
import { showProgress } from "./progress.ts";
import { ensureStack, recoverStack } from "./stack.ts";

/** Removes what no stack's state knows: archives that previews have packed, and notes about machines that never came up. */
function removeUnused(workspace: string): void {
  const stacks = workspacePath(workspace, "state", ".pulumi", "stacks", "greenlight");
  const states = readdirSync(stacks).filter((name) => name.endsWith(".json")).map((name) => readFileSync(join(stacks, name), "utf8"));
  const archives = workspacePath(workspace, "archives");
  for (const name of existsSync(archives) ? readdirSync(archives) : []) {
    if (!states.some((state) => state.includes(name))) rmSync(join(archives, name), { recursive: true, force: true });
  }
  rmSync(workspacePath(workspace, "machines", "failed"), { recursive: true, force: true });
}

export async function destroy(workspace: string, stack: string, write: (line: string) => void): Promise<number> {
  await ensureStack(workspace, stack);
  await recoverStack(workspace, stack, write);
  const progress = showProgress(write);
  const { code, stderr, interrupted } = await pulumiEvents(workspace, ["destroy", "--yes", "--skip-preview", "--stack", stack], progress.onEvent);
  // A machine that was being made when an engine was killed is in no state; the host knows it all the same.
  await reap({ workspace, stack });
  await sweep();
  for (const error of progress.errors) write(`${error.name ? `${error.name}: ` : ""}${error.text}`);
  if (interrupted) {
    write(`\nInterrupted; \`npm start -- destroy --stack ${stack}\` goes on.`);
    return exitCodes.interrupted;
  }
  if (code !== 0) {
    if (progress.errors.length === 0) write(stderr.trim());
    return exitCodes.red;
  }
  removeUnused(workspace);
  write(`\nStack ${stack} is taken down; what it released and its evidence are kept in .greenlight.`);
  return exitCodes.green;
}
