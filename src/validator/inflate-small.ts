/** Inflating an entry that is small enough to be read in one go. */
import { inflateRawSync } from "node:zlib";

/** Entries up to this many bytes, packed and unpacked, are read at once. */
export const SMALL = 1 << 20;

export interface Inflated {
  /** unpacked bytes; where there are more than were stated, as many as that and one, whatever they are */
  bytes: Buffer;
  /** bytes of the packed data up to the end of its stream */
  used: number;
}

/** Inflates all of `packed`, as far as one byte past `stated`. Both are at most {@link SMALL}. @throws Error when it is not deflate data, or not whole. */
export function inflateSmall(packed: Buffer, stated: number): Inflated {
  try {
    const { buffer, engine } = inflateRawSync(packed, {
      maxOutputLength: stated + 1,
      chunkSize: Math.max(64, stated + 1),
      info: true,
    }) as unknown as { buffer: Buffer; engine: { bytesWritten: number } };
    return { bytes: buffer, used: engine.bytesWritten };
  } catch (e) {
    if ((e as NodeJS.ErrnoException).code !== "ERR_BUFFER_TOO_LARGE") throw e;
    return { bytes: Buffer.alloc(stated + 1), used: packed.length };
  }
}
