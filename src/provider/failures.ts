/**
 * What is known of a machine that never came up. The engine keeps nothing of a resource that was not made, so this goes
 * from the machine to its cell's gate by the workspace, and from there into the evidence.
 */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { EdgeError, parseFile } from "../edges/edges.ts";
import { writeAtomic } from "../storage/atomic-write.ts";
import { workspacePath } from "../storage/folders.ts";

const FailuresSchema = z.object({ schema: z.literal(1), sentences: z.array(z.string()) });

/** A name of a stack or a cell as one of a folder or file: without `/`, and never `.` or `..`. */
const nameFor = (text: string): string => encodeURIComponent(text).replaceAll(".", "%2E");

function folderOf(workspace: string, stack: string): string {
  return workspacePath(workspace, "machines", "failed", nameFor(stack));
}

function fileOf(workspace: string, stack: string, cell: string): string {
  return join(folderOf(workspace, stack), `${nameFor(cell)}.json`);
}

/** Forgets what the gates of a stack that was destroyed have not taken. */
export function forgetFailures(workspace: string, stack: string): void {
  rmSync(folderOf(workspace, stack), { recursive: true, force: true });
}

/** Keeps the sentences about attempts that failed until the cell's gate takes them. */
export function recordFailures(workspace: string, stack: string, cell: string, sentences: string[]): void {
  writeAtomic(fileOf(workspace, stack, cell), JSON.stringify({ schema: 1, sentences }));
}

/** Takes the sentences away; empty when there are none. */
export function takeFailures(workspace: string, stack: string, cell: string): string[] {
  const file = fileOf(workspace, stack, cell);
  try {
    return parseFile(FailuresSchema, file, "delete it").sentences;
  } catch (e) {
    if (e instanceof EdgeError) return [];
    throw e;
  } finally {
    rmSync(file, { force: true });
  }
}
