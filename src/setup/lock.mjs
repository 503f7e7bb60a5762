/** A lock between processes of this host that a killed owner does not keep: it names the process and when that one started. */
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";

/**
 * When that process started, or undefined when it is gone. Where /proc does not exist the answer is only that it lives.
 * @param {number} pid
 */
export function startOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" || fields[0] === "X" ? undefined : fields[19];
  } catch {
    if (process.platform === "linux") return undefined;
  }
  try {
    process.kill(pid, 0);
    return "unknown";
  } catch {
    return undefined;
  }
}

/**
 * The living owner's process number, or undefined.
 * @param {string} file
 * @returns {number | undefined}
 */
function livingOwner(file) {
  try {
    const owner = JSON.parse(readFileSync(file, "utf8"));
    return startOf(owner.pid) === owner.startTime ? owner.pid : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Takes the lock if it is free or its owner is dead.
 * @param {string} file
 * @returns {(() => void) | undefined} the release, or undefined when somebody has it
 */
export function tryLock(file) {
  mkdirSync(dirname(file), { recursive: true });
  const mine = `${file}.${process.pid}-${randomBytes(4).toString("hex")}`;
  writeFileSync(mine, JSON.stringify({ pid: process.pid, startTime: startOf(process.pid) }));
  try {
    for (let attempt = 0; attempt < 3; attempt++) {
      try {
        linkSync(mine, file); // fails when the file is there: of several takers one wins
        return () => rmSync(file, { force: true });
      } catch (e) {
        if (/** @type {NodeJS.ErrnoException} */ (e).code !== "EEXIST") throw e;
      }
      if (livingOwner(file) !== undefined) return undefined;
      // The owner is dead. Of several who see that, one wins the rename; it looks again at what it moved away,
      // since a quicker one may have taken the lock in between.
      const moved = `${mine}.dead`;
      try {
        renameSync(file, moved);
      } catch {
        continue;
      }
      if (livingOwner(moved) !== undefined) {
        try {
          linkSync(moved, file);
        } catch {
          // a third one took it; the second finds that out by its own check of the result
        }
      }
      rmSync(moved, { force: true });
    }
    return undefined;
  } finally {
    rmSync(mine, { force: true });
  }
}

/**
 * Runs `work` while holding the lock; waits as long as its owner lives, and says so once.
 * @template T
 * @param {string} file
 * @param {(text: string) => void} report
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withLock(file, report, work) {
  for (let said = false; ; ) {
    const release = tryLock(file);
    if (release) {
      try {
        return await work();
      } finally {
        release();
      }
    }
    if (!said) report(`waiting for process ${livingOwner(file) ?? "unknown"}, which is at the same step`);
    said = true;
    await sleep(200);
  }
}
