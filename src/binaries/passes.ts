/**
 * Reading here and there in data that can only be gone through from their beginning, as compressed data: what was passed lately
 * is kept, and where something before that is wanted, another pass begins. Programs are written so that one or two are enough.
 */
import { Damaged, requireInside, type Bytes } from "./bytes.ts";

/** Bytes of the beginning that are kept, and of what was passed last. */
const KEPT = 1 << 20;
/** More passes than any program takes that a linker wrote. */
const MOST_PASSES = 12;

/** `begin` starts a pass through all `size` bytes. Call `close` when nothing more is read. */
export function bytesOfPasses(size: number, begin: () => AsyncIterable<Buffer>): Bytes & { close(): Promise<void> } {
  let pass: AsyncIterator<Buffer> | undefined;
  let passes = 0;
  let beginning: Buffer = Buffer.alloc(0);
  /** bytes from `at` up to the place where the pass is */
  let recent: Buffer[] = [];
  let at = 0;
  let place = 0;

  const close = async (): Promise<void> => {
    await pass?.return?.();
    pass = undefined;
  };
  /** Goes on until `end` is passed; keeps what lies from `from` on. */
  const advance = async (from: number, end: number): Promise<void> => {
    while (place < end) {
      const next = await pass!.next();
      if (next.done) throw new Damaged("ends while it is read");
      if (beginning.length === place && place < KEPT)
        beginning = Buffer.concat([beginning, next.value]).subarray(0, KEPT);
      recent.push(next.value);
      place += next.value.length;
      while (recent.length > 1 && at + recent[0]!.length <= Math.min(from, place - KEPT)) at += recent.shift()!.length;
    }
  };
  const read = async (offset: number, length: number, what: string): Promise<Buffer> => {
    requireInside(size, offset, length, what);
    if (offset + length <= beginning.length) return beginning.subarray(offset, offset + length);
    if (!pass || offset < at) {
      if (++passes > MOST_PASSES) throw new Damaged("has its headers in more places than can be looked at");
      await close();
      pass = begin()[Symbol.asyncIterator]();
      recent = [];
      [at, place] = [0, 0];
    }
    await advance(offset, offset + length);
    const parts: Buffer[] = [];
    let begins = at;
    for (const piece of recent) {
      if (begins < offset + length && begins + piece.length > offset)
        parts.push(piece.subarray(Math.max(0, offset - begins), offset + length - begins));
      begins += piece.length;
    }
    return Buffer.concat(parts);
  };
  return { size, read, close };
}
