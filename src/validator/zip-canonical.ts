/**
 * Compressed data beside what our writer makes of the same contents. The same contents have no end of deflate streams, and bits
 * in them that say nothing: only deflating anew tells whether these are ours. It takes as long as packing, and so is asked for.
 */
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createInflateRaw } from "node:zlib";
import type { Bytes } from "./bytes.ts";

/** From an entry's contents to the data that our writer has for it. */
export type Deflate = (contents: AsyncIterable<Buffer>) => AsyncIterable<Buffer>;

const piece = 256 << 10;

/** Data as they lie in the file, in pieces. */
export async function* storedPieces(source: Bytes, at: number, length: number): AsyncGenerator<Buffer> {
  for (let read = 0; read < length;) {
    const bytes = await source.read(at + read, Math.min(piece, length - read));
    if (bytes.length === 0) return;
    read += bytes.length;
    yield bytes;
  }
}

/** Data unpacked, in pieces; ends early where they are broken. */
export async function* inflatedPieces(source: Bytes, at: number, length: number): AsyncGenerator<Buffer> {
  const inflate = createInflateRaw({ chunkSize: 1 << 18 });
  // One piece at a time: of a program, often no more than the beginning is looked at.
  const packed = Readable.from(storedPieces(source, at, length), { highWaterMark: 1 });
  const fed = pipeline(packed, inflate).catch(() => undefined);
  try {
    yield* inflate as AsyncIterable<Buffer>;
  } finally {
    inflate.destroy();
    await fed;
  }
}

/**
 * Where the data at `at`, which unpack as they should, differ from ours, as a clause; undefined when they do not. Memory is
 * bounded by what `deflate` holds.
 */
export async function notOurs(
  source: Bytes,
  at: number,
  length: number,
  deflate: Deflate,
): Promise<string | undefined> {
  let place = 0;
  for await (const own of deflate(inflatedPieces(source, at, length))) {
    const found = await source.read(at + place, Math.min(own.length, length - place));
    if (!found.equals(own)) {
      const same = found.findIndex((byte, n) => byte !== own[n]);
      return `is compressed otherwise than our writer does, from byte ${place + (same < 0 ? found.length : same)} of ${length} on`;
    }
    place += own.length;
  }
  return place === length ? undefined : `has ${length} bytes of compressed data where our writer has ${place}`;
}
