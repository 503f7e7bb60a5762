/** An entry's data: unpacked piece by piece, hashed, and stopped at the first byte more than was stated. */
import { createHash } from "node:crypto";
import { crc32, createInflateRaw, inflateRawSync } from "node:zlib";
import { beginningOf, HEAD } from "../binaries/index.ts";
import type { Bytes } from "./bytes.ts";
import type { CentralHeader, Entry } from "./content.ts";

/** Entries up to this many bytes, packed and unpacked, are read at once. */
const small = 1 << 20;
const piece = 1 << 20;

export interface DataRead {
  content?: NonNullable<Entry["content"]>;
  /** bytes, when they were asked for */
  kept?: Buffer;
}

type Say = (rule: string, found: string) => void;

/** Takes pieces of unpacked data; answers false at the first byte that was not stated. */
class Meter {
  readonly hash = createHash("sha256");
  readonly kept: Buffer[] = [];
  readonly stated: number;
  readonly keep: boolean;
  size = 0;
  crc = 0;
  head: Buffer = Buffer.alloc(0);
  constructor(stated: number, keep: boolean) {
    this.stated = stated;
    this.keep = keep;
  }
  take(bytes: Buffer): boolean {
    this.size += bytes.length;
    if (this.size > this.stated) return false;
    if (this.head.length < HEAD) this.head = this.head.length === 0 ? Buffer.from(bytes.subarray(0, HEAD)) : Buffer.concat([this.head, bytes.subarray(0, HEAD - this.head.length)]);
    this.hash.update(bytes);
    this.crc = crc32(bytes, this.crc);
    if (this.keep) this.kept.push(bytes);
    return true;
  }
  /** What was taken, when it is what the header says. */
  result(header: CentralHeader, say: Say): DataRead {
    if (this.size > this.stated) say("declared-size", `unpacks to more than the ${this.stated} bytes that it states`);
    else if (this.size < this.stated) say("declared-size", `unpacks to ${this.size} bytes, and states ${this.stated}`);
    else if (this.crc !== header.crc) say("crc", `has CRC-32 ${this.crc.toString(16).padStart(8, "0")}, and states ${header.crc.toString(16).padStart(8, "0")}`);
    else {
      return { content: { sha256: this.hash.digest("hex"), ...beginningOf(this.head) }, ...(this.keep && { kept: Buffer.concat(this.kept) }) };
    }
    return {};
  }
}

async function inflateSmall(packed: Buffer, meter: Meter): Promise<number> {
  try {
    const { buffer, engine } = inflateRawSync(packed, { maxOutputLength: Math.max(1, meter.stated), chunkSize: Math.min(Math.max(64, meter.stated), 1 << 18), info: true }) as unknown as { buffer: Buffer; engine: { bytesWritten: number } };
    meter.take(buffer);
    return engine.bytesWritten;
  } catch (e) {
    if ((e as NodeJS.ErrnoException).code !== "ERR_BUFFER_TOO_LARGE") throw e;
    meter.size = meter.stated + 1;
    return packed.length;
  }
}

async function inflateLarge(source: Bytes, at: number, length: number, meter: Meter): Promise<number> {
  // Pieces of 256 KiB instead of Node's 16 take half off the time.
  const inflate = createInflateRaw({ chunkSize: 1 << 18 });
  const over = new Promise<void>((resolve) => inflate.once("end", resolve).once("close", resolve).once("error", () => resolve()));
  const feed = async (): Promise<void> => {
    let next = source.read(at, Math.min(piece, length));
    for (let fed = 0; fed < length && !inflate.destroyed && !inflate.readableEnded; ) {
      const bytes = await next;
      fed += bytes.length;
      if (bytes.length === 0) break;
      next = source.read(at + fed, Math.min(piece, length - fed));
      await Promise.race([new Promise<void>((resolve) => inflate.write(bytes, () => resolve())), over]);
    }
    await next;
    if (!inflate.destroyed) inflate.end();
  };
  const fed = feed().catch((e: Error) => void inflate.destroy(e));
  try {
    for await (const bytes of inflate as AsyncIterable<Buffer>) if (!meter.take(bytes)) return length;
    return inflate.bytesWritten;
  } finally {
    inflate.destroy();
    await fed;
  }
}

/** Reads the data of an entry that lies at `at`; what is wrong with it goes to `say`. Memory is bounded, whatever the entry states. */
export async function readData(source: Bytes, header: CentralHeader, at: number, keep: boolean, say: Say): Promise<DataRead> {
  const meter = new Meter(header.size, keep);
  const length = header.compressedSize;
  if (header.method === 0) {
    for (let read = 0; read < length; ) {
      const bytes = await source.read(at + read, Math.min(piece, length - read));
      if (bytes.length === 0 || !meter.take(bytes)) break;
      read += bytes.length;
    }
    return meter.result(header, say);
  }
  try {
    const used = length <= small && header.size <= small ? await inflateSmall(await source.read(at, length), meter) : await inflateLarge(source, at, length, meter);
    if (used !== length) say("deflate", `has ${length - used} bytes after the end of its compressed data`);
  } catch (e) {
    say("deflate", `cannot be unpacked (${(e as Error).message})`);
    return {};
  }
  return meter.result(header, say);
}
