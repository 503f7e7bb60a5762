/** The folder for temporary files, tried before the engine and its plugins run into a fault of it and name everything but that. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EdgeError } from "../edges/edges.ts";

let tried: string | undefined;

/** @throws EdgeError when no file can be made in TMPDIR (or in /tmp without it) */
export function requireTemporaryFolder(): void {
  const folder = tmpdir();
  if (tried === folder) return;
  let made: string | undefined;
  try {
    made = mkdtempSync(join(folder, "greenlight-try-"));
    // More than a file system keeps for names alone: a full one takes an empty folder.
    writeFileSync(join(made, "try"), Buffer.alloc(64 << 10));
  } catch (e) {
    const { code } = e as NodeJS.ErrnoException;
    const whose = process.env["TMPDIR"] ? "TMPDIR" : "The folder for temporary files";
    throw new EdgeError(
      `${whose} is ${folder}, in which no file can be made (${code}); ${process.env["TMPDIR"] ? "set it to a folder that can be written into, or unset it" : "make it one that can be written into, or set TMPDIR"}.`,
    );
  } finally {
    if (made !== undefined) rmSync(made, { recursive: true, force: true });
  }
  tried = folder;
}
