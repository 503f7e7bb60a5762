/**
 * Inflating small entries one after another. Node makes and frees a stream and zlib's state for each call of `inflateRawSync`,
 * which for tens of thousands of small files takes six times as long as inflating them. Here one inflater is reset between them.
 * It uses a method that Node's own synchronous calls use and does not document: where it is not there, those calls do the work.
 */
import { constants, createInflateRaw, inflateRawSync, type InflateRaw } from "node:zlib";

/** Entries up to this many bytes, packed and unpacked, are read at once. */
export const SMALL = 1 << 20;

export interface Inflated {
  /** unpacked bytes, one more than was stated where there are more; overwritten by the next call */
  bytes: Buffer;
  /** bytes of the packed data up to the end of its stream */
  used: number;
}

interface Synchronous extends InflateRaw {
  _handle?: { writeSync?(flush: number, from: Buffer, at: number, length: number, into: Buffer, place: number, room: number): void };
  /** room left in the output, and input left, after a call */
  _writeState?: Uint32Array;
}

const into = Buffer.allocUnsafeSlow(SMALL + 1);
let kept: Synchronous | undefined;

/** The inflater, ready for another entry; undefined where Node has not what is used of it. */
function inflater(): Synchronous | undefined {
  if (!kept || kept.errored || kept.destroyed) {
    kept = createInflateRaw() as Synchronous;
    // What is wrong is read where it happens.
    kept.on("error", () => undefined);
  } else kept.reset();
  return typeof kept._handle?.writeSync === "function" && kept._writeState?.length === 2 ? kept : undefined;
}

/** By the documented way, for other Nodes. */
export function inflateDocumented(packed: Buffer, stated: number): Inflated {
  try {
    const { buffer, engine } = inflateRawSync(packed, { maxOutputLength: stated + 1, chunkSize: Math.max(64, stated + 1), info: true }) as unknown as { buffer: Buffer; engine: { bytesWritten: number } };
    return { bytes: buffer, used: engine.bytesWritten };
  } catch (e) {
    if ((e as NodeJS.ErrnoException).code !== "ERR_BUFFER_TOO_LARGE") throw e;
    return { bytes: into.subarray(0, stated + 1), used: packed.length };
  }
}

/** Inflates all of `packed`, as far as one byte past `stated`. Both are at most {@link SMALL}. @throws Error when it is not deflate data, or not whole. */
export function inflateSmall(packed: Buffer, stated: number): Inflated {
  const own = inflater();
  if (!own) return inflateDocumented(packed, stated);
  const room = stated + 1;
  own._handle!.writeSync!(constants.Z_FINISH, packed, 0, packed.length, into, 0, room);
  if (own.errored) throw own.errored;
  const [left = 0, unread = 0] = own._writeState!;
  return { bytes: into.subarray(0, room - left), used: left === 0 ? packed.length : packed.length - unread };
}
