/**
 * Small files, read in one go and in this thread. Streams and the thread pool are made for large ones: for tens of thousands of
 * small files their cost is many times that of reading. One file is open at a time, whatever the host's limit of open files.
 */
import { closeSync, constants, openSync, readSync } from "node:fs";

/** Files up to so many bytes are small. */
export const SMALL = 256 << 10;

/** Read into again and again: what is given out lasts until the next file is read. */
const shared = Buffer.allocUnsafeSlow(SMALL + 1);

/** A link or a pipe that takes the file's place must neither be followed nor waited for. */
const FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOFOLLOW ?? 0);

/** Reads at most `most` bytes of the file's beginning into `into`; once there are `enough`, no more are looked for. */
function readInto(file: string, into: Buffer, most: number, enough = most): number {
  const fd = openSync(file, FLAGS);
  try {
    let filled = 0;
    while (filled < enough) {
      const read = readSync(fd, into, filled, most - filled, filled);
      if (read === 0) break;
      filled += read;
    }
    return filled;
  } finally {
    closeSync(fd);
  }
}

/**
 * All bytes of a file that has at most {@link SMALL}; they are overwritten by the next call, so that who keeps them copies them.
 * `size`: how many, where somebody has just looked: then the end of the file need not be met.
 * @throws the file system's error when it cannot be read, and an error of the code EFBIG when it has grown past that.
 */
export function readSmall(file: string, size?: number): Buffer {
  const filled = readInto(file, shared, SMALL + 1, size && Math.min(size, SMALL + 1));
  if (filled > SMALL) throw Object.assign(new Error("it grew while it was read"), { code: "EFBIG" });
  return shared.subarray(0, filled);
}

/** Up to `length` bytes of a file's beginning; overwritten by the next call, as those of {@link readSmall}. @throws the file system's error */
export function readHead(file: string, length: number): Buffer {
  return shared.subarray(0, readInto(file, shared, Math.min(length, SMALL)));
}
