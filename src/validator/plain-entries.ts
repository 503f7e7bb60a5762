/**
 * Tens of thousands of small entries, read by this thread and by another beside it: one group after the other is taken by whoever
 * is free. Only what is plain is done here: whole, as it states, neither a program nor a script, and without a secret. All else is
 * left to be read one by one, where it is said what it is. Everything lies in a few arrays of numbers: both threads see them, and
 * tens of thousands of objects would take longer to make and to clear away than the entries take to read.
 */
import { hash } from "node:crypto";
import { readSync } from "node:fs";
import { secretsAmong } from "../secret-search/index.ts";
import { withInflated, type Member } from "./inflate-many.ts";

/** What threads share: numbers in memory that both of them see. */
export interface PlainWork {
  /** of the archive, which is open in the whole process */
  fd: number;
  /** how many groups there are, {@link UNKNOWN} until that is known; and the next that nobody has taken */
  groups: Int32Array<SharedArrayBuffer>;
  /** the end of each group, as an index of entries */
  ends: Uint32Array<SharedArrayBuffer>;
  /** of each entry: where its data lie, their size, and CRC-32 and size of the contents, all as the archive states them */
  stated: Float64Array<SharedArrayBuffer>;
  /** 1 for each entry that was plain */
  plain: Uint8Array<SharedArrayBuffer>;
  /** 32 bytes of SHA-256 for each of these */
  digests: Uint8Array<SharedArrayBuffer>;
}

export const UNKNOWN = -1;
/** Numbers that are stated of an entry. */
export const STATED = 4;
const DIGEST = 32;

const shared = (bytes: number): SharedArrayBuffer => new SharedArrayBuffer(bytes);

/** Room for work of at most so many entries. */
export function plainWork(fd: number, most: number): PlainWork {
  const groups = new Int32Array(shared(8));
  groups[0] = UNKNOWN;
  return {
    fd,
    groups,
    ends: new Uint32Array(shared(most * 4)),
    stated: new Float64Array(shared(most * STATED * 8)),
    plain: new Uint8Array(shared(most)),
    digests: new Uint8Array(shared(most * DIGEST)),
  };
}

/** What is known of an entry that was plain. Its digest is written out when somebody asks: there may be tens of thousands. */
export class PlainContent {
  readonly #digests: Buffer;
  readonly #n: number;
  constructor(digests: Buffer, n: number) {
    [this.#digests, this.#n] = [digests, n];
  }
  get sha256(): string {
    return this.#digests.toString("hex", this.#n * DIGEST, (this.#n + 1) * DIGEST);
  }
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
  const begin = stated[from * STATED]!;
  let end = begin;
  for (let n = from; n < to; n++) end = Math.max(end, stated[n * STATED]! + stated[n * STATED + 1]!);
  if (room.length < end - begin) room = Buffer.allocUnsafeSlow(end - begin);
  const bytes = room.subarray(0, end - begin);
  if (!readWhole(fd, bytes, begin)) return;
  const members: Member[] = [];
  for (let n = from * STATED; n < to * STATED; n += STATED) {
    const at = stated[n]! - begin;
    members.push({ packed: bytes.subarray(at, at + stated[n + 1]!), crc: stated[n + 2]!, size: stated[n + 3]! });
  }
  const into = Buffer.from(digests.buffer);
  withInflated(members, (contents, all) => {
    const secretIn = secretsAmong(all);
    for (let n = 0; n < contents.length; n++) {
      const content = contents[n];
      if (!content || mayRun(content) || secretIn(content) !== undefined) continue;
      // As text: a buffer for each of them takes longer.
      into.write(hash("sha256", content, "hex"), (from + n) * DIGEST, "hex");
      plain[from + n] = 1;
    }
  });
}

/** Takes the next group and reads it; false when there is none left. @throws the file system's error when it cannot be read */
export function readNextGroup({ groups, ...work }: PlainWork): boolean {
  const group = Atomics.add(groups, 1, 1);
  if (group >= Atomics.load(groups, 0)) return false;
  readGroup({ groups, ...work }, group === 0 ? 0 : work.ends[group - 1]!, work.ends[group]!);
  return true;
}
