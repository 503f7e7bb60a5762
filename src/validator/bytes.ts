/** Bytes that are read from any place: an open file, or a buffer. */
import { open } from "node:fs/promises";

export interface Bytes {
  size: number;
  /** Up to `length` bytes from `position`; fewer only at the end. */
  read(position: number, length: number): Promise<Buffer>;
  close(): Promise<void>;
}

export function bytesOf(buffer: Buffer): Bytes {
  return {
    size: buffer.length,
    read: (position, length) => Promise.resolve(buffer.subarray(Math.min(position, buffer.length), Math.min(position + length, buffer.length))),
    close: () => Promise.resolve(),
  };
}

/** Files up to this size are read at once: dozens of small reads cost more than the memory. */
const small = 4 << 20;

/** @throws the file system's error when it cannot be opened. */
export async function bytesOfFile(file: string): Promise<Bytes> {
  const handle = await open(file, "r");
  const { size } = await handle.stat();
  const read = async (position: number, length: number): Promise<Buffer> => {
    const buffer = Buffer.allocUnsafe(Math.max(0, Math.min(length, size - position)));
    let filled = 0;
    while (filled < buffer.length) {
      const { bytesRead } = await handle.read(buffer, filled, buffer.length - filled, position + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return buffer.subarray(0, filled);
  };
  if (size > small) return { size, read, close: () => handle.close() };
  try {
    return bytesOf(await read(0, size));
  } finally {
    await handle.close();
  }
}
