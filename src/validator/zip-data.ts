/** An entry's data: unpacked piece by piece, hashed, and stopped at the first byte more than was stated. */
import { createHash, hash } from "node:crypto";
import { crc32, createInflateRaw } from "node:zlib";
import { SecretScan } from "../secret-search/index.ts";
import {
  beginningOf,
  bytesOfBuffer,
  bytesOfPasses,
  HEAD,
  readBinaryFrom,
  type BinaryFacts,
} from "../binaries/index.ts";
import type { Bytes } from "./bytes.ts";
import type { CentralHeader, Entry } from "./content.ts";
import type { Wanted } from "./grouping.ts";
import { inflateMany } from "./inflate-many.ts";
import { release } from "./release.ts";
import { inflateSmall, SMALL } from "./inflate-small.ts";
import { inflatedPieces, storedPieces } from "./zip-canonical.ts";

const piece = 1 << 20;
/** Compressed data are given to zlib in pieces of so many bytes. */
const FED = 256 << 10;

export interface DataRead {
  content?: NonNullable<Entry["content"]>;
  /** of a program or a library */
  facts?: BinaryFacts;
  /** bytes, when they were asked for */
  kept?: Buffer;
}

type Say = (rule: string, found: string) => void;

/** Takes pieces of unpacked data; answers false at the first byte that was not stated. */
class Meter {
  readonly hash = createHash("sha256");
  /** room for all that was stated, where it is kept */
  readonly kept: Buffer | undefined;
  readonly #secrets = new SecretScan();
  readonly stated: number;
  size = 0;
  crc = 0;
  head: Buffer = Buffer.alloc(0);
  constructor(stated: number, keep: boolean) {
    this.stated = stated;
    this.kept = keep ? Buffer.allocUnsafe(stated) : undefined;
  }
  take(bytes: Buffer): boolean {
    const at = this.size;
    this.size += bytes.length;
    if (this.size > this.stated) return false;
    if (this.head.length < HEAD)
      this.head =
        this.head.length === 0
          ? Buffer.from(bytes.subarray(0, HEAD))
          : Buffer.concat([this.head, bytes.subarray(0, HEAD - this.head.length)]);
    this.hash.update(bytes);
    this.crc = crc32(bytes, this.crc);
    this.#secrets.take(bytes);
    if (this.kept) bytes.copy(this.kept, at);
    return true;
  }
  /** What was taken, when it is what the header says. */
  result(header: CentralHeader, say: Say): DataRead {
    if (!asStated(this.size, this.crc, header, say)) return {};
    return {
      content: { sha256: this.hash.digest("hex"), ...beginningOf(this.head), ...this.#secrets.facts },
      ...(this.kept && { kept: this.kept }),
    };
  }
}

/** Whether so many unpacked bytes of this CRC-32 are what the header says. */
function asStated(size: number, crc: number, header: CentralHeader, say: Say): boolean {
  const hex = (value: number): string => value.toString(16).padStart(8, "0");
  if (size > header.size) say("declared-size", `unpacks to more than the ${header.size} bytes that it states`);
  else if (size < header.size) say("declared-size", `unpacks to ${size} bytes, and states ${header.size}`);
  else if (crc !== header.crc) say("crc", `has CRC-32 ${hex(crc)}, and states ${hex(header.crc)}`);
  else return true;
  return false;
}

/** What the whole bytes of an entry are, which are as stated; what is kept of them is a copy. */
async function factsOf(bytes: Buffer, keep: boolean): Promise<DataRead> {
  const content = contentOf(bytes);
  if (!keep && !content.binary) return { content };
  const own = Buffer.from(bytes);
  return {
    content,
    ...(keep && { kept: own }),
    ...(content.binary && { facts: await readBinaryFrom(bytesOfBuffer(own)) }),
  };
}

function contentOf(bytes: Buffer): NonNullable<Entry["content"]> {
  const secrets = new SecretScan();
  secrets.take(bytes, true);
  return { sha256: hash("sha256", bytes, "hex"), ...beginningOf(bytes.subarray(0, HEAD)), ...secrets.facts };
}

/** Reads an entry in one go. */
async function readSmallData(packed: Buffer, header: CentralHeader, keep: boolean, say: Say): Promise<DataRead> {
  const { bytes, used } = inflateSmall(packed, header.size);
  if (used !== packed.length) say("deflate", `has ${packed.length - used} bytes after the end of its compressed data`);
  if (!asStated(bytes.length, crc32(bytes), header, say)) return {};
  return factsOf(bytes, keep);
}

async function inflateLarge(source: Bytes, at: number, length: number, meter: Meter): Promise<number> {
  // Pieces of 256 KiB instead of Node's 16 take half off the time.
  const inflate = createInflateRaw({ chunkSize: 1 << 18 });
  const over = new Promise<void>((resolve) =>
    inflate
      .once("end", resolve)
      .once("close", resolve)
      .once("error", () => resolve()),
  );
  const feed = async (): Promise<void> => {
    // One is unpacked while the other is read.
    const buffers = [0, 1].map(() => Buffer.allocUnsafeSlow(Math.min(FED, length)));
    const read = (fed: number, into: Buffer): Promise<number> =>
      source.readInto(into.subarray(0, Math.min(FED, length - fed)), at + fed);
    let next = read(0, buffers[0]!);
    for (let fed = 0; fed < length && !inflate.destroyed && !inflate.readableEnded; buffers.reverse()) {
      const bytes = buffers[0]!.subarray(0, await next);
      fed += bytes.length;
      if (bytes.length === 0) break;
      next = read(fed, buffers[1]!);
      await Promise.race([new Promise<void>((resolve) => inflate.write(bytes, () => resolve())), over]);
    }
    await next;
    if (!inflate.destroyed) inflate.end();
  };
  const fed = feed().catch((e: Error) => void inflate.destroy(e));
  try {
    for await (const bytes of inflate as AsyncIterable<Buffer>) {
      if (!meter.take(bytes)) return length;
      // The end of a buffer that was filled, which zlib has let go of; what was in it before has been looked at.
      if (bytes.byteOffset + bytes.length === bytes.buffer.byteLength) release(bytes);
    }
    return inflate.bytesWritten;
  } finally {
    inflate.destroy();
    await fed;
  }
}

/** Looks into what is a program, in further passes through data that unpacked as they should. */
async function withFacts(read: DataRead, size: number, pieces: () => AsyncIterable<Buffer>): Promise<DataRead> {
  if (!read.content?.binary) return read;
  const bytes = bytesOfPasses(size, pieces);
  try {
    return { ...read, facts: await readBinaryFrom(bytes) };
  } finally {
    await bytes.close();
  }
}

/** Reads the data of an entry that lies at `at`; what is wrong with it goes to `say`. Memory is bounded, whatever the entry states. */
export async function readData(
  source: Bytes,
  header: CentralHeader,
  at: number,
  keep: boolean,
  say: Say,
): Promise<DataRead> {
  const length = header.compressedSize;
  if (header.method !== 0 && length <= SMALL && header.size <= SMALL) {
    try {
      return await readSmallData(await source.read(at, length), header, keep, say);
    } catch (e) {
      say("deflate", `cannot be unpacked (${(e as Error).message})`);
      return {};
    }
  }
  const meter = new Meter(header.size, keep);
  if (header.method === 0) {
    for (let read = 0; read < length;) {
      const bytes = await source.read(at + read, Math.min(piece, length - read));
      if (bytes.length === 0 || !meter.take(bytes)) break;
      read += bytes.length;
    }
    return withFacts(meter.result(header, say), header.size, () => storedPieces(source, at, length));
  }
  try {
    const used = await inflateLarge(source, at, length, meter);
    if (used !== length) say("deflate", `has ${length - used} bytes after the end of its compressed data`);
  } catch (e) {
    say("deflate", `cannot be unpacked (${(e as Error).message})`);
    return {};
  }
  return withFacts(meter.result(header, say), header.size, () => inflatedPieces(source, at, length));
}

/** Reads the data of entries that `groupsOf` put together, as {@link readData} reads each. */
export async function readAll(
  source: Bytes,
  group: readonly Wanted[],
  say: (index: number, rule: string, found: string) => void,
): Promise<DataRead[]> {
  const one = ({ header, at, keep }: Wanted, index: number): Promise<DataRead> =>
    readData(source, header, at, keep, (rule, found) => say(index, rule, found));
  if (group.length < 2) return Promise.all(group.map(one));
  const [begin, end] = [group[0]!.at, Math.max(...group.map(({ header, at }) => at + header.compressedSize))];
  const bytes = await source.read(begin, end - begin);
  const found = await inflateMany(
    group.map(({ header, at }) => ({
      packed: bytes.subarray(at - begin, at - begin + header.compressedSize),
      crc: header.crc,
      size: header.size,
    })),
  );
  const read: DataRead[] = [];
  for (const [index, wanted] of group.entries()) {
    const whole = found[index];
    read.push(whole ? await factsOf(whole, wanted.keep) : await one(wanted, index));
  }
  return read;
}
