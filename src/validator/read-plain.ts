/** Reading the plain ones of many small entries with a second thread, where there is a second processor. */
import { once } from "node:events";
import { availableParallelism } from "node:os";
import { setImmediate } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { plainWork, readNextGroup, type PlainWork, type Stated } from "./plain-entries.ts";

/** From so many groups on, a second thread takes less time than it takes to start it. */
const MANY = 8;

/** A thread for the work, whose fault is nobody's: what it has not done is done elsewhere. */
async function helped(work: PlainWork): Promise<void> {
  const thread = new Worker(new URL("./plain-thread.ts", import.meta.url), {
    workerData: work,
    resourceLimits: { maxYoungGenerationSizeMb: 8 },
  });
  await once(thread, "exit").catch(() => undefined);
}

/**
 * Digests of those entries that are plain, by their place among all of the groups; undefined for the others, which are to be
 * read one by one. `fd` is the archive's.
 */
export async function readPlain(
  fd: number,
  groups: readonly (readonly Stated[])[],
  threads = availableParallelism(),
): Promise<(string | undefined)[]> {
  const work = plainWork(fd, groups);
  const other = threads > 1 && groups.length >= MANY ? helped(work) : undefined;
  try {
    // Other work of this thread, such as large entries, has its turn between groups.
    while (readNextGroup(work)) await setImmediate();
  } catch {
    // Reading them one by one says what keeps them from being read.
  }
  await other;
  const digests = Buffer.from(work.digests.buffer);
  return Array.from(work.plain, (plain, n) => (plain === 1 ? digests.toString("hex", n * 32, n * 32 + 32) : undefined));
}
