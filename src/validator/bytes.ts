/** Bytes that are read from any place: an open file, or a buffer. */
import { readSync } from "node:fs";
import { open } from "node:fs/promises";

/** Bytes within others: `length` of them from `at`. */
export interface Look {
  bytes: Buffer;
  at: number;
  length: number;
}

export interface Bytes {
  size: number;
  /** of an open file */
  fd?: number;
  /** Up to `length` bytes from `position`; fewer only at the end. */
  read(position: number, length: number): Promise<Buffer>;
  /** Fills the buffer from `position` on, which is used again and again for a large entry; answers how many bytes there were. */
  readInto(buffer: Buffer, position: number): Promise<number>;
  /** The same as `read` at once, of at most 128 KiB: where they lie in bytes that are there, until the next look. */
  look(position: number, length: number): Look;
  close(): Promise<void>;
}

export function bytesOf(buffer: Buffer): Bytes {
  return {
    size: buffer.length,
    read: (position, length) =>
      Promise.resolve(buffer.subarray(Math.min(position, buffer.length), Math.min(position + length, buffer.length))),
    readInto: (into, position) => Promise.resolve(buffer.copy(into, 0, Math.min(position, buffer.length))),
    look: (position, length) => {
      const at = Math.min(position, buffer.length);
      return { bytes: buffer, at, length: Math.min(length, buffer.length - at) };
    },
    close: () => Promise.resolve(),
  };
}

/** Reads up to so many bytes come out of a window of the file: tens of thousands of small ones go through a file in its order. */
const SHORT = 64 << 10;
const WINDOW = 512 << 10;

/** @throws the file system's error when it cannot be opened. */
export async function bytesOfFile(file: string): Promise<Bytes> {
  const handle = await open(file, "r");
  const { size } = await handle.stat();
  const cut = (position: number, length: number): number => Math.max(0, Math.min(length, size - position));
  // Used again for each window: the collector leaves large buffers about until there are tens of megabytes of them.
  let room = Buffer.alloc(0);
  let window = { at: 0, bytes: room };
  /** In this thread: for a window, going to another thread and back takes longer than reading. */
  const look = (position: number, length: number): Look => {
    if (position < window.at || position + length > window.at + window.bytes.length) {
      if (room.length === 0) room = Buffer.allocUnsafeSlow(WINDOW);
      const bytes = room.subarray(0, cut(position, WINDOW));
      let filled = 0;
      while (filled < bytes.length) {
        const read = readSync(handle.fd, bytes, filled, bytes.length - filled, position + filled);
        if (read === 0) break;
        filled += read;
      }
      window = { at: position, bytes: bytes.subarray(0, filled) };
    }
    const at = Math.min(position - window.at, window.bytes.length);
    return { bytes: window.bytes, at, length: Math.min(length, window.bytes.length - at) };
  };
  const short = (position: number, length: number): Buffer => {
    const { bytes, at, length: there } = look(position, length);
    return Buffer.from(bytes.subarray(at, at + there));
  };
  const readInto = async (buffer: Buffer, position: number): Promise<number> => {
    let filled = 0;
    while (filled < buffer.length) {
      const { bytesRead } = await handle.read(buffer, filled, buffer.length - filled, position + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return filled;
  };
  const long = async (position: number, length: number): Promise<Buffer> => {
    const buffer = Buffer.allocUnsafe(length);
    return buffer.subarray(0, await readInto(buffer, position));
  };
  return {
    size,
    fd: handle.fd,
    read: async (position, length) =>
      length <= SHORT ? short(position, cut(position, length)) : long(position, cut(position, length)),
    readInto,
    look: (position, length) => look(position, cut(position, length)),
    close: () => handle.close(),
  };
}
