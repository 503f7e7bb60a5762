/** One process, and one piece of work in it, at a time: a lock by a path, which the kernel holds and drops with its process. */
import { setTimeout as sleep } from "node:timers/promises";
import { EdgeError } from "../edges/edges.ts";
import { lockAddress, lockOwner, ownerWords, takeLock } from "./kernel-lock.mjs";

/**
 * Takes the lock that a path stands for; the path itself is not made, its folder is.
 * @param doing what it is held for, a few words for those who wait
 * @returns the release, or undefined when somebody has it, which may be this very process
 * @throws EdgeError when this host has no such locks
 */
export async function tryLock(file: string, doing = ""): Promise<(() => void) | undefined> {
  const address = lockAddress(file, "program");
  try {
    return await takeLock(address, doing);
  } catch (e) {
    throw new EdgeError(
      `The lock ${file} cannot be taken (${(e as NodeJS.ErrnoException).code}); see that this process may open sockets and files, then try again.`,
      "host",
    );
  }
}

/**
 * Runs `work` while holding the lock; waits up to `waitSeconds` for it.
 * @param doing what it is held for, a few words for those who wait
 * @throws EdgeError naming the owner when the lock stays taken.
 */
export async function withLock<T>(
  file: string,
  waitSeconds: number,
  work: () => Promise<T> | T,
  doing = "",
): Promise<T> {
  const until = Date.now() + waitSeconds * 1000;
  for (;;) {
    const release = await tryLock(file, doing);
    if (release) {
      try {
        return await work();
      } finally {
        release();
      }
    }
    if (Date.now() >= until) {
      const owner = await lockOwner(lockAddress(file, "program"));
      // Nobody has it any more: it was released while we asked.
      if (!owner) continue;
      throw new EdgeError(
        `${file} is held by ${ownerWords(owner)} since more than ${waitSeconds} s; let it finish or stop it, then try again.`,
        "busy",
      );
    }
    await sleep(100);
  }
}
