/**
 * What archiver hands entries to, in place of its own ZIP engine, which deflates one entry after another on one core: here
 * contents are deflated on all cores, ahead of the writing and across the borders of entries.
 */
import { once } from "node:events";
import { PassThrough } from "node:stream";
import type { EntryData } from "archiver";
import { EdgeError } from "../edges/edges.ts";
import { deflatedBlocks, runAhead, type Block } from "./deflate.ts";
import { centralHeader, dataDescriptor, endRecord, localHeader, MOST_BYTES, type EntryRecord } from "./zip-records.ts";

/** An entry as archiver hands it on. */
export interface PackedEntry extends EntryData {
  date: Date;
  /** permission bits */
  mode: number;
}

type Contents = Buffer | AsyncIterable<Buffer>;

interface Job {
  entry: PackedEntry;
  contents: Contents;
  taken: () => void;
}

/** Headers have some bytes each: of so many one piece is made, or tens of thousands of files are as many writes. */
const PIECE = 64 << 10;

/** A module of archiver: takes entries by {@link append}, and is read as the bytes of the ZIP. */
export class ZipModule extends PassThrough {
  readonly #jobs = new PassThrough({ objectMode: true, highWaterMark: 1 });
  readonly #directory: EntryRecord[] = [];
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #offset = 0;

  constructor() {
    super({ highWaterMark: 1 << 20 });
    this.#write().catch((e: Error) => this.destroy(e));
  }

  /** Called by archiver, which hands over the next entry when `taken` is called: when the contents of this one have been read. */
  append(contents: Contents, entry: PackedEntry, taken: () => void): void {
    this.#jobs.write({ contents, entry, taken } satisfies Job);
  }

  /** Called by archiver after the last entry. */
  finalize(): void {
    this.#jobs.end();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#jobs.destroy();
    super._destroy(error, done);
  }

  /** Blocks of all entries one after another, each at work already. */
  async *#blocks(): AsyncGenerator<Block & { entry: PackedEntry }> {
    for await (const { contents, entry, taken } of this.#jobs as AsyncIterable<Job>) {
      for await (const block of deflatedBlocks(Buffer.isBuffer(contents) ? [contents] : contents))
        yield { ...block, entry };
      taken();
    }
  }

  async #write(): Promise<void> {
    let record: EntryRecord | undefined;
    for await (const { entry, deflated, last } of runAhead(this.#blocks())) {
      if (!record) {
        const { name, mode, date } = entry;
        record = { name: Buffer.from(name), mode, date, crc: 0, compressed: 0, size: 0, offset: this.#offset };
        await this.#put(localHeader(record));
      }
      const data = await deflated;
      record.compressed += data.length;
      await this.#put(data);
      if (!last) continue;
      Object.assign(record, last);
      await this.#put(dataDescriptor(record));
      this.#directory.push(record);
      record = undefined;
    }
    const start = this.#offset;
    for (const entry of this.#directory) await this.#put(centralHeader(entry));
    await this.#put(endRecord(this.#directory.length, this.#offset - start, start));
    await this.#pass();
    this.end();
  }

  async #put(bytes: Buffer): Promise<void> {
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    this.#offset += bytes.length;
    if (this.#offset > MOST_BYTES)
      throw new EdgeError("The archive would be larger than 4 GiB, the most that a ZIP holds; pack less.");
    if (this.#waitingBytes >= PIECE) await this.#pass();
  }

  async #pass(): Promise<void> {
    const bytes = Buffer.concat(this.#waiting);
    this.#waiting = [];
    this.#waitingBytes = 0;
    if (!this.write(bytes)) await once(this, "drain");
  }
}
