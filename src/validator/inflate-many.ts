/**
 * Inflating hundreds of small entries in one call, away from this thread: as the members of one gzip file (RFC 1952), which zlib
 * reads one after another, and whose CRC-32 and sizes it compares itself. A call for each entry takes several times as long as
 * inflating it. What is not as it says, in any way, is given back to be read one by one, by which its fault is found.
 *
 * Data must not pass for several members, nor several members for one. So no member has the two bytes that begin one anywhere
 * else: zlib goes on at the beginning of a member, or not at all. All have at least one byte of contents, and a last one is
 * added: as many bytes come out as all of them state only where each was read from its own beginning to its own end.
 */
import { promisify } from "node:util";
import { crc32, deflateRawSync, gunzip, gunzipSync } from "node:zlib";
import { release } from "./release.ts";

export interface Member {
  /** deflate data, as they lie in the archive */
  packed: Uint8Array;
  /** of the contents, as the archive states it */
  crc: number;
  /** bytes of the contents, as the archive states them */
  size: number;
}

const unzip = promisify(gunzip);
const HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);
const BEGINS = HEADER.subarray(0, 2);
const TRAILER = 8;

const contents = Buffer.from(".");
const last: Member = { packed: deflateRawSync(contents), crc: crc32(contents), size: 1 };

/** Writes a member at `at` and answers its end; undefined for what could pass for more than one. */
function put(into: Buffer, at: number, { packed, crc, size }: Member): number | undefined {
  HEADER.copy(into, at);
  into.set(packed, at + HEADER.length);
  const trailer = at + HEADER.length + packed.length;
  into.writeUInt32LE(crc, trailer);
  into.writeUInt32LE(size, trailer + 4);
  const end = trailer + TRAILER;
  return size === 0 || into.subarray(at, end).indexOf(BEGINS, 1) >= 0 ? undefined : end;
}

/** Members that are read in one call, with those that are not among them left out. */
interface Batch {
  /** what is to be inflated, and all of the memory that it lies in */
  bytes: Buffer;
  whole: Buffer;
  /** indexes of the members in it */
  taken: number[];
  /** bytes that must come out */
  total: number;
}

/** `within`: room for the batch that is used again, when it is large enough. */
function batchOf(members: readonly Member[], within?: Buffer): Batch {
  let room = HEADER.length + last.packed.length + TRAILER;
  for (const { packed } of members) room += HEADER.length + packed.length + TRAILER;
  const bytes = within && within.length >= room ? within : Buffer.allocUnsafeSlow(room);
  const taken: number[] = [];
  let [at, total] = [0, last.size];
  for (const [index, member] of members.entries()) {
    const end = put(bytes, at, member);
    if (end === undefined) continue;
    taken.push(index);
    [at, total] = [end, total + member.size];
  }
  const end = put(bytes, at, last)!;
  return { bytes: bytes.subarray(0, end), whole: bytes, taken, total };
}

const optionsFor = ({ total }: Batch): { maxOutputLength: number; chunkSize: number } => ({
  maxOutputLength: total,
  chunkSize: total + 64,
});

/** What came out of a batch, by its members; undefined for all when it is not as much as they state. */
function divided(members: readonly Member[], { taken, total }: Batch, all: Buffer | undefined): (Buffer | undefined)[] {
  const results = new Array<Buffer | undefined>(members.length).fill(undefined);
  if (all?.length !== total) return results;
  let place = 0;
  for (const index of taken) results[index] = all.subarray(place, (place += members[index]!.size));
  return results;
}

/**
 * Contents of the members, in their order, each whole and of the CRC-32 and size that it states; undefined for those that are
 * to be read one by one. The contents share memory: who keeps a part of them copies it.
 */
export async function inflateMany(members: readonly Member[]): Promise<(Buffer | undefined)[]> {
  const batch = batchOf(members);
  return divided(members, batch, await unzip(batch.bytes, optionsFor(batch)).catch(() => undefined));
}

let room: Buffer | undefined;

/** The same in this thread; gives the contents to `use`, also all that were inflated in one, and their memory back at once. */
export function withInflated(
  members: readonly Member[],
  use: (contents: readonly (Buffer | undefined)[], all: Buffer) => void,
): void {
  const batch = batchOf(members, room);
  room = batch.whole;
  let all: Buffer | undefined;
  try {
    all = gunzipSync(batch.bytes, optionsFor(batch));
  } catch {
    // Which of them it was is found out by reading them one by one.
  }
  if (!all) return;
  use(divided(members, batch, all), all);
  release(all);
}
