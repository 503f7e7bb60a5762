/** A step of setup is done by one process at a time: the others wait for its result. The kernel holds the lock, see kernel-lock.mjs. */
import { setTimeout as sleep } from "node:timers/promises";
import { lockAddress, lockOwner, ownerWords, takeLock } from "../storage/kernel-lock.mjs";
import { SetupFault } from "./fault.mjs";

/**
 * Takes the lock that a path stands for; the path itself is not made.
 * @param {string} file
 * @param {string} [doing] what it is held for, a few words
 * @returns {Promise<(() => void) | undefined>} the release, or undefined when somebody has it
 */
export async function tryLock(file, doing = "setup") {
  const address = lockAddress(file, "setup");
  try {
    return await takeLock(address, doing);
  } catch (e) {
    throw new SetupFault(
      `The lock ${file} cannot be taken (${/** @type {NodeJS.ErrnoException} */ (e).code}); see that this host has its loopback network, then try again.`,
    );
  }
}

/**
 * Runs `work` while holding the lock; waits as long as its owner lives, and says once who that is.
 * @template T
 * @param {string} file
 * @param {(text: string) => void} report
 * @param {() => Promise<T>} work
 * @param {string} [doing] what it is held for, a few words
 * @returns {Promise<T>}
 */
export async function withLock(file, report, work, doing) {
  for (let said = false; ;) {
    const release = await tryLock(file, doing);
    if (release) {
      try {
        return await work();
      } finally {
        release();
      }
    }
    const owner = said ? undefined : await lockOwner(lockAddress(file, "setup"));
    if (owner) {
      report(`waiting for ${ownerWords(owner)}, which is at the same step`);
      said = true;
    }
    await sleep(200);
  }
}
