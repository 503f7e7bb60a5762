/** A copy of the state for a preview: what the engine writes while it looks ahead (settings, salts, locks) goes with it. */
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readState, stateFolder, stateNames, project } from "./state-file.ts";
import { requireTemporaryFolder } from "./temporary-folder.ts";

/** Where the copy lies: the state's folder, and the stack's file of settings. */
export interface StateCopy {
  backend: string;
  settings: string;
}

/**
 * Does something with a copy of the state, in which the stack exists and no update is under way, and removes the copy.
 * @throws EdgeError when the state is not usable, see {@link readState}
 */
export async function withStateCopy<T>(
  workspace: string,
  stack: string,
  work: (copy: StateCopy) => Promise<T>,
): Promise<T> {
  requireTemporaryFolder();
  const state = readState(workspace, stack) ?? {
    version: 3,
    checkpoint: { stack: `organization/${project}/${stack}`, latest: null },
  };
  // What an engine that was killed had begun, the update settles; a preview only has to see past it.
  if (state.checkpoint.latest) delete state.checkpoint.latest.pending_operations;
  const folder = mkdtempSync(join(tmpdir(), "greenlight-preview-"));
  try {
    const stacks = join(folder, "state", ".pulumi", "stacks", project);
    mkdirSync(stacks, { recursive: true });
    writeFileSync(join(folder, "state", ".pulumi", "meta.yaml"), "version: 1\n");
    for (const name of stateNames(workspace))
      copyFileSync(stateFolder(workspace, "stacks", project, name), join(stacks, name));
    rmSync(join(stacks, `${stack}.json.gz`), { force: true });
    writeFileSync(join(stacks, `${stack}.json`), JSON.stringify(state));
    const settings = join(folder, `Pulumi.${stack}.yaml`);
    const own = join(workspace, `Pulumi.${stack}.yaml`);
    if (existsSync(own)) copyFileSync(own, settings);
    return await work({ backend: join(folder, "state"), settings });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
