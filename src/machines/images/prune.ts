/** Old images and parents leave the cache: each is a gigabyte, and every change of blueprint, QEMU or host makes new ones. */
import { existsSync, readdirSync, rmSync, statSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { cachePath } from "../../storage/folders.ts";
import { isRunning, machineIds, readRecord } from "../host/index.ts";

/** Days without use after which an image or a parent goes. */
const keptDays = 14;

/** Notes that an image's or a parent's folder is in use now. */
export function markUsed(folder: string): void {
  const now = new Date();
  utimesSync(folder, now, now);
}

/** Removes what was not used for two weeks, unless some machine runs: its disk stands on them. Answers what was removed. */
export function prune(now = Date.now()): string[] {
  const running = machineIds().some((id) => {
    const record = readRecord(id);
    return record !== undefined && isRunning(record);
  });
  if (running) return [];
  const removed: string[] = [];
  // Parents first: their disks stand on images.
  for (const kind of ["parents", "images"]) {
    for (const name of existsSync(cachePath(kind)) ? readdirSync(cachePath(kind)) : []) {
      const folder = join(cachePath(kind), name);
      const stat = statSync(folder, { throwIfNoEntry: false });
      if (!stat?.isDirectory() || now - stat.mtimeMs < keptDays * 86_400_000) continue;
      rmSync(folder, { recursive: true, force: true });
      removed.push(folder);
    }
  }
  return removed;
}
