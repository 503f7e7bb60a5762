/** A folder that is either wholly there or not there at all: filled under another name beside its own and renamed. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";

/**
 * Fills `folder` in one step, in place of an older one. Call it under a lock: what earlier, killed fillers left is removed.
 * @param {string} folder
 * @param {(temporary: string) => Promise<void>} fill writes into the empty folder it is given
 */
export async function fillWhole(folder, fill) {
  const parent = dirname(folder);
  const prefix = `.new-${basename(folder)}-`;
  mkdirSync(parent, { recursive: true });
  for (const name of readdirSync(parent))
    if (name.startsWith(prefix)) rmSync(join(parent, name), { recursive: true, force: true });
  const temporary = mkdtempSync(join(parent, prefix));
  try {
    const fresh = join(temporary, "new");
    mkdirSync(fresh);
    await fill(fresh);
    if (existsSync(folder)) renameSync(folder, join(temporary, "old"));
    renameSync(fresh, folder);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}
