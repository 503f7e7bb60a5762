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

/** Headers are written field by field: of so many bytes one piece is made, or tens of thousands of files are millions of pieces. */
const PIECE = 64 << 10;

/** A ZIP as a readable stream; entries are given by {@link entry}, one at a time, then `finish()`. */
export class ZipContainer extends ZipArchiveOutputStream {
  #sums: Sums = { crc: 0, size: 0, compressed: 0 };
  #waiting: Buffer[] = [];
  #waitingBytes = 0;

  constructor() {
    super({ zlib: { level: 6 } });
  }

  /** Adds one file: `pieces` are raw deflate data in order; `sums` is asked when they have ended. */
  async add(path: string, mode: number, date: Date, pieces: AsyncIterable<Buffer>, sums: () => Sums): Promise<void> {
    const source = new PassThrough({ highWaterMark: 1 << 21 });
    const { promise: written, resolve, reject } = Promise.withResolvers<void>();
    written.catch(() => undefined);
    this.entry(entryOf(path, mode, date), source, (e) => (e ? reject(e) : resolve()));
    for await (const piece of pieces) if (!source.write(piece)) await once(source, "drain");
    this.#sums = sums();
    source.end();
    await written;
  }

  /** Adds one file whose raw deflate data are all here: the same bytes, without streams of its own. */
  async addWhole(path: string, mode: number, date: Date, packed: Buffer, sums: Sums): Promise<void> {
    this.#sums = sums;
    const { promise: written, resolve, reject } = Promise.withResolvers<void>();
    this.entry(entryOf(path, mode, date), packed, (e) => (e ? reject(e) : resolve()));
    await written;
    if (this.writableNeedDrain) await once(this, "drain");
  }

  override write(chunk: Buffer | string): boolean {
    const bytes = typeof chunk === "string" ? Buffer.from(chunk) : chunk;
    this.offset += bytes.length;
    this.#waitingBytes += bytes.length;
    this.#waiting.push(bytes);
    return this.#waitingBytes < PIECE || this.#pass();
  }

  override end(): this {
    this.#pass();
    return super.end();
  }

  #pass(): boolean {
    const bytes = Buffer.concat(this.#waiting);
    this.#waiting = [];
    this.#waitingBytes = 0;
    // What is passed on is counted once more.
    this.offset -= bytes.length;
    return super.write(bytes);
  }

  protected override _appendBuffer(entry: ZipArchiveEntry, packed: Buffer, done: (error: Error | null) => void): void {
    this._writeLocalFileHeader(entry);
    this.write(packed);
    this.#finishEntry(entry);
    done(null);
  }

  protected override _smartStream(entry: ZipArchiveEntry, done: (error: Error | null) => void): Transform {
    const pass = new PassThrough({ highWaterMark: 1 << 21 });
    pass.once("end", () => {
      this.#finishEntry(entry);
      done(null);
    });
    pass.pipe(this, { end: false });
    return pass;
  }

  #finishEntry(entry: ZipArchiveEntry): void {
    entry.setCrc(this.#sums.crc);
    entry.setSize(this.#sums.size);
    entry.setCompressedSize(this.#sums.compressed);
    this._afterAppend(entry);
  }
}

function entryOf(path: string, mode: number, date: Date): ZipArchiveEntry {
  const entry = new ZipArchiveEntry(path);
  entry.setTime(date);
  entry.setUnixMode(mode);
  return entry;
}
