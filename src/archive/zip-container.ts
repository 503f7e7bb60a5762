/**
 * The ZIP around bytes that are deflated already. archiver deflates each entry itself, one after another on one core, and
 * neither it nor zip-stream takes deflated bytes. Beneath both, compress-commons writes the container: this is that same
 * writer, with its one step that deflates replaced by one that passes on what was deflated elsewhere, on all cores.
 */
import { once } from "node:events";
import { PassThrough, type Transform } from "node:stream";
import { ZipArchiveEntry, ZipArchiveOutputStream } from "compress-commons";

/** What a ZIP states of an entry, known when the last of its bytes has passed. */
export interface Sums {
  crc: number;
  /** bytes, unpacked and as stored */
  size: number;
  compressed: number;
}

/** A ZIP as a readable stream; entries are given by {@link entry}, one at a time, then `finish()`. */
export class ZipContainer extends ZipArchiveOutputStream {
  #sums: Sums = { crc: 0, size: 0, compressed: 0 };

  constructor() {
    super({ zlib: { level: 6 } });
  }

  /** Adds one file: `pieces` are raw deflate data in order; `sums` is asked when they have ended. */
  async add(path: string, mode: number, date: Date, pieces: AsyncIterable<Buffer>, sums: () => Sums): Promise<void> {
    const entry = new ZipArchiveEntry(path);
    entry.setTime(date);
    entry.setUnixMode(mode);
    const source = new PassThrough({ highWaterMark: 1 << 21 });
    const { promise: written, resolve, reject } = Promise.withResolvers<void>();
    written.catch(() => undefined);
    this.entry(entry, source, (e) => (e ? reject(e) : resolve()));
    for await (const piece of pieces) if (!source.write(piece)) await once(source, "drain");
    this.#sums = sums();
    source.end();
    await written;
  }

  protected override _smartStream(entry: ZipArchiveEntry, done: (error: Error | null) => void): Transform {
    const pass = new PassThrough({ highWaterMark: 1 << 21 });
    pass.once("end", () => {
      entry.setCrc(this.#sums.crc);
      entry.setSize(this.#sums.size);
      entry.setCompressedSize(this.#sums.compressed);
      this._afterAppend(entry);
      done(null);
    });
    pass.pipe(this, { end: false });
    return pass;
  }
}
