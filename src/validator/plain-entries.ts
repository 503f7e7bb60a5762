/**
 * Tens of thousands of small entries, read by this thread and by another beside it: one group after the other is taken by whoever
 * is free. Only what is plain is done here: whole, as it states, neither a program nor a script, and without a secret. All else is
 * left to be read one by one, where it is said what it is.
 */
import { hash } from "node:crypto";
import { readSync } from "node:fs";
import { secretIn } from "../secret-search/index.ts";
import { withInflated } from "./inflate-many.ts";

/** An entry as the directory states it, and where its data lie. */
export interface Stated {
  at: number;
  compressedSize: number;
  crc: number;
  size: number;
}

/** What threads share: numbers in memory that both of them see. */
export interface PlainWork {
  /** of the archive, which is open in the whole process */
  fd: number;
  /** at, compressed size, CRC-32 and size of each entry */
  stated: Float64Array<SharedArrayBuffer>;
  /** the end of each group, as an index of entries */
  ends: Uint32Array<SharedArrayBuffer>;
  /** the next group that nobody has taken */
  next: Int32Array<SharedArrayBuffer>;
  /** 1 for each entry that was plain */
  plain: Uint8Array<SharedArrayBuffer>;
  /** 32 bytes of SHA-256 for each of these */
  digests: Uint8Array<SharedArrayBuffer>;
}

const shared = (bytes: number): SharedArrayBuffer => new SharedArrayBuffer(bytes);

/** Work for threads: groups of entries that lie near each other. */
export function plainWork(fd: number, groups: readonly (readonly Stated[])[]): PlainWork {
  const all = groups.flat();
  const work: PlainWork = {
    fd,
    stated: new Float64Array(shared(all.length * 32)),
    ends: new Uint32Array(shared(groups.length * 4)),
    next: new Int32Array(shared(4)),
    plain: new Uint8Array(shared(all.length)),
    digests: new Uint8Array(shared(all.length * 32)),
  };
  for (const [n, { at, compressedSize, crc, size }] of all.entries())
    work.stated.set([at, compressedSize, crc, size], n * 4);
  let end = 0;
  for (const [n, group] of groups.entries()) work.ends[n] = end += group.length;
  return work;
}

/** Whether bytes may begin a program or a script; everything that `beginningOf` knows does. */
export function mayRun(bytes: Uint8Array): boolean {
  const [first, second] = bytes;
  switch (first) {
    case 0x23: // #!
      return second === 0x21;
    case 0xef: // a byte order mark
    case 0x7f: // ELF
    case 0xca: // Mach-O of several processors
    case 0xcf: // Mach-O
    case 0xce:
    case 0x4d: // PE
      return true;
    default:
      return false;
  }
}

/** Reads whole; undefined where the file ends before. */
function readWhole(fd: number, into: Buffer, position: number): boolean {
  for (let filled = 0; filled < into.length;) {
    const read = readSync(fd, into, filled, into.length - filled, position + filled);
    if (read === 0) return false;
    filled += read;
  }
  return true;
}

let room = Buffer.alloc(0);

function readGroup({ fd, stated, plain, digests }: PlainWork, from: number, to: number): void {
  const begin = stated[from * 4]!;
  let end = begin;
  for (let n = from; n < to; n++) end = Math.max(end, stated[n * 4]! + stated[n * 4 + 1]!);
  if (room.length < end - begin) room = Buffer.allocUnsafeSlow(end - begin);
  const bytes = room.subarray(0, end - begin);
  if (!readWhole(fd, bytes, begin)) return;
  const members = Array.from({ length: to - from }, (_, n) => {
    const [at = 0, compressedSize = 0, crc = 0, size = 0] = stated.subarray((from + n) * 4, (from + n + 1) * 4);
    return { packed: bytes.subarray(at - begin, at - begin + compressedSize), crc, size };
  });
  withInflated(members, (contents) => {
    for (const [n, content] of contents.entries()) {
      if (!content || mayRun(content) || secretIn(content) !== undefined) continue;
      digests.set(hash("sha256", content, "buffer"), (from + n) * 32);
      plain[from + n] = 1;
    }
  });
}

/** Takes the next group and reads it; false when there is none left. @throws the file system's error when it cannot be read */
export function readNextGroup(work: PlainWork): boolean {
  const group = Atomics.add(work.next, 0, 1);
  if (group >= work.ends.length) return false;
  readGroup(work, group === 0 ? 0 : work.ends[group - 1]!, work.ends[group]!);
  return true;
}
