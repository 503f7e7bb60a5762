/** Files that are either wholly there or not there at all, also after a crash. */
import { closeSync, fsyncSync, linkSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import { randomBytes } from "node:crypto";

function writeTemporary(file: string, data: string | Uint8Array, mode: number): string {
  mkdirSync(dirname(file), { recursive: true });
  const temporary = join(dirname(file), `.tmp-${process.pid}-${randomBytes(6).toString("hex")}`);
  const fd = openSync(temporary, "wx", mode);
  try {
    try {
      const bytes = typeof data === "string" ? Buffer.from(data) : data;
      for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at);
      fsyncSync(fd);
    } finally {
      // A disk over the network may say only here that it is full.
      closeSync(fd);
    }
  } catch (e) {
    rmSync(temporary, { force: true });
    throw e;
  }
  return temporary;
}

/** Makes a rename or a new name in `folder` durable. */
export function syncFolder(folder: string): void {
  const fd = openSync(folder, "r");
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** Replaces `file` in one step; a reader sees the old bytes or the new ones, never a part. */
export function writeAtomic(file: string, data: string | Uint8Array, mode = 0o644): void {
  const temporary = writeTemporary(file, data, mode);
  try {
    renameSync(temporary, file);
  } catch (e) {
    rmSync(temporary, { force: true });
    throw e;
  }
  syncFolder(dirname(file));
}

/** Creates `file` in one step and answers true, or answers false and changes nothing when it is there already. */
export function createAtomic(file: string, data: string | Uint8Array, mode = 0o644): boolean {
  const temporary = writeTemporary(file, data, mode);
  try {
    linkSync(temporary, file);
  } catch (e) {
    if ((e as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw e;
  } finally {
    rmSync(temporary, { force: true });
  }
  syncFolder(dirname(file));
  return true;
}
