/** Reading a binary here and there: few and bounded reads, so that its size does not matter and nothing it says can cost memory. */
import { open, type FileHandle } from "node:fs/promises";

/** A file is not what its own headers say. The message is a clause that follows the file's name. */
export class Damaged extends Error {
  override name = "Damaged";
}

/** The most that is read at once: symbol tables of large programs are below a tenth of it. */
const MOST = 64 << 20;

export interface Bytes {
  size: number;
  /** exactly `length` bytes at `offset`. @throws Damaged when the file does not have them, or they are absurdly many */
  read(offset: number, length: number, what: string): Promise<Buffer>;
}

/** Opens a file for `use` and closes it again. @throws the file system's error when it cannot be read. */
export async function withBytes<T>(file: string | Buffer, use: (bytes: Bytes) => Promise<T>): Promise<T> {
  const handle = await open(file, "r");
  try {
    return await use(bytesOf(handle, (await handle.stat()).size));
  } finally {
    await handle.close();
  }
}

/** Whether such a place is within a file. @throws Damaged when it is not, or absurdly large */
export function requireInside(size: number, offset: number, length: number, what: string): void {
  if (!Number.isSafeInteger(offset) || offset < 0 || length < 0 || offset + length > size)
    throw new Damaged(`has its ${what} outside the file`);
  if (length > MOST) throw new Damaged(`has a ${what} of ${length} bytes`);
}

/** Bytes in memory. */
export function bytesOfBuffer(buffer: Buffer): Bytes {
  return {
    size: buffer.length,
    read: async (offset, length, what) => {
      requireInside(buffer.length, offset, length, what);
      return buffer.subarray(offset, offset + length);
    },
  };
}

function bytesOf(handle: FileHandle, size: number): Bytes {
  return {
    size,
    read: async (offset, length, what) => {
      requireInside(size, offset, length, what);
      const buffer = Buffer.alloc(length);
      const { bytesRead } = await handle.read(buffer, 0, length, offset);
      if (bytesRead !== length) throw new Damaged(`ends in its ${what}`);
      return buffer;
    },
  };
}

/** What is cut short has lost what its own headers still name, usually on its way here. @throws Damaged when `end` is behind the file's */
export function within(size: number, end: number, what: string): void {
  if (end > size) throw new Damaged(`is cut short: its ${what} at byte ${end}, and it has ${size}`);
}

/** A 64-bit offset or size as a number. @throws Damaged when it is beyond every file. */
export function small(value: bigint, what: string): number {
  if (value > 1n << 52n) throw new Damaged(`has its ${what} outside the file`);
  return Number(value);
}

/** Text up to the next NUL. @throws Damaged when it does not start or end within the table. */
export function textAt(table: Buffer, at: number, what: string): string {
  const end = at < table.length ? table.indexOf(0, at) : -1;
  if (end < 0) throw new Damaged(`has a name outside its ${what}`);
  return table.toString("utf8", at, end);
}
