/** What stands before and after each entry's data in a ZIP (APPNOTE 4.3.7, 4.3.9), beside what the directory says of it. */
import type { Bytes, Look } from "./bytes.ts";
import type { CentralHeader, Problem } from "./content.ts";
import type { Directory } from "./zip-directory.ts";

const LOCAL = 0x04034b50;
const DESCRIPTOR = 0x08074b50;
const CENTRAL = 0x02014b50;

/** Where the entries' bytes lie in the file, by their places in the directory. */
interface Extents {
  /** of the local header; {@link NOWHERE} where there is none */
  start: Float64Array;
  /** of the compressed data; {@link NOWHERE} for those that must not be read */
  data: Float64Array;
  /** behind the data and its descriptor */
  end: Float64Array;
}

export const NOWHERE = -1;

export interface Layout {
  /** where each entry's compressed data lie; {@link NOWHERE} where there are none, or another entry owns them */
  data: Float64Array;
  /** entries that have a place, in the order of the file */
  order: Uint32Array;
}

type Say = (rule: string, found: string) => void;

/** Whether a local header says what the directory does: of nearly every entry, nothing more is asked. */
function sameFields(bytes: Buffer, at: number, header: CentralHeader, late: boolean): boolean {
  return (
    bytes.readUInt16LE(at + 4) === header.needed &&
    bytes.readUInt16LE(at + 6) === header.flags &&
    bytes.readUInt16LE(at + 8) === header.method &&
    bytes.readUInt16LE(at + 10) === header.time &&
    bytes.readUInt16LE(at + 12) === header.date &&
    bytes.readUInt32LE(at + 14) === (late ? 0 : header.crc) &&
    bytes.readUInt32LE(at + 18) === (late ? 0 : header.compressedSize) &&
    bytes.readUInt32LE(at + 22) === (late ? 0 : header.size)
  );
}

/** Whether the bytes at `at` are the name, which has one character a byte. */
function isName(bytes: Buffer, at: number, latin1: string): boolean {
  for (let n = 0; n < latin1.length; n++) if (bytes[at + n] !== latin1.charCodeAt(n)) return false;
  return true;
}

/** Names every field in which the two differ. */
function sayFields(bytes: Buffer, header: CentralHeader, late: boolean, say: Say): void {
  const fields: [what: string, local: number, central: number, comesLater: boolean][] = [
    ["needed version", bytes.readUInt16LE(4), header.needed, false],
    ["flags", bytes.readUInt16LE(6), header.flags, false],
    ["method", bytes.readUInt16LE(8), header.method, false],
    ["time", bytes.readUInt16LE(10), header.time, false],
    ["date", bytes.readUInt16LE(12), header.date, false],
    ["CRC-32", bytes.readUInt32LE(14), header.crc, late],
    ["compressed size", bytes.readUInt32LE(18), header.compressedSize, late],
    ["size", bytes.readUInt32LE(22), header.size, late],
  ];
  for (const [what, local, central, comesLater] of fields) {
    if (comesLater && local !== 0)
      say("local-header", `has ${what} ${local} in its local header, which says that it comes behind the data`);
    if (!comesLater && local !== central)
      say("local-header", `has ${what} ${local} in its local header and ${central} in the directory`);
  }
}

/** Whether CRC-32 and sizes of the directory are repeated at `at`. */
function repeats(bytes: Buffer, at: number, { crc, compressedSize, size }: CentralHeader): boolean {
  return (
    bytes.length >= at + 12 &&
    bytes.readUInt32LE(at) === crc &&
    bytes.readUInt32LE(at + 4) === compressedSize &&
    bytes.readUInt32LE(at + 8) === size
  );
}

/** The same, with sizes of eight bytes. */
function repeatsLong(bytes: Buffer, at: number, { crc, compressedSize, size }: CentralHeader): boolean {
  return (
    bytes.length >= at + 20 &&
    bytes.readUInt32LE(at) === crc &&
    bytes.readBigUInt64LE(at + 4) === BigInt(compressedSize) &&
    bytes.readBigUInt64LE(at + 12) === BigInt(size)
  );
}

/** Bytes that the descriptor takes; what is wrong with it goes to `say`. Other writers leave its signature out, as they may (APPNOTE 4.3.9.3). */
function descriptorLength({ bytes: around, at: begin, length }: Look, header: CentralHeader, say: Say): number {
  // Of nearly every entry, nothing more is asked.
  if (length >= 16 && around.readUInt32LE(begin) === DESCRIPTOR && repeats(around, begin + 4, header)) return 16;
  const bytes = around.subarray(begin, begin + length);
  const signed = bytes.length >= 4 && bytes.readUInt32LE(0) === DESCRIPTOR;
  if (signed && repeats(bytes, 4, header)) return 16;
  if (repeats(bytes, 0, header)) {
    say("data-descriptor", "has a descriptor without its signature behind its data");
    return 12;
  }
  for (const at of [4, 0]) {
    if ((at === 4 && !signed) || !repeatsLong(bytes, at, header)) continue;
    say("data-descriptor", "has a descriptor of ZIP64 behind its data, which is none of a ZIP64 archive");
    return at + 20;
  }
  const next = bytes.length >= 4 ? bytes.readUInt32LE(0) : undefined;
  if (next === LOCAL || next === CENTRAL) {
    say("data-descriptor", "announces a descriptor behind its data, and has none");
    return 0;
  }
  say("data-descriptor", "has behind its data no descriptor that repeats CRC-32 and sizes of the directory");
  return 16;
}

/** Reads the local header of an entry; says where its bytes lie, and nothing when there is none, so that its data cannot be found. */
function placeEntry(source: Bytes, header: CentralHeader, extents: Extents, index: number, say: Say): void {
  const { offset, latin1, flags } = header;
  const { bytes, at, length } = source.look(offset, 30 + latin1.length);
  if (length < 30 || bytes.readUInt32LE(at) !== LOCAL)
    return void say("local-header", `has no local header at ${offset}, where the directory says it begins`);
  const nameLength = bytes.readUInt16LE(at + 26);
  const extra = bytes.readUInt16LE(at + 28);
  // A writer that does not know them yet leaves these three empty, and states them behind the data.
  const late = (flags & 8) !== 0;
  const same = sameFields(bytes, at, header, late);
  const named = nameLength === latin1.length && length === 30 + nameLength && isName(bytes, at + 30, latin1);
  if (!named || !same) {
    const own = Buffer.from(bytes.subarray(at, at + 30));
    if (!named)
      say("local-header", `is named ${JSON.stringify(textAt(source, offset + 30, nameLength))} in its local header`);
    if (!same) sayFields(own, header, late, say);
  }
  const data = offset + 30 + nameLength + extra;
  const after = data + header.compressedSize;
  if (extra > 0) say("extra-field", `has an extra field of ${extra} bytes in its local header`);
  if (after > source.size) return void say("local-header", `ends at ${after}, behind the end of the archive`);
  extents.start[index] = offset;
  extents.data[index] = data;
  extents.end[index] = late ? after + descriptorLength(source.look(after, 24), header, say) : after;
}

function textAt(source: Bytes, position: number, length: number): string {
  const look = source.look(position, length);
  return look.bytes.toString("latin1", look.at, look.at + look.length);
}

/** Places in the directory of those entries that have one in the file, in the file's order. */
function inOrder({ start }: Extents): Uint32Array {
  const order = Uint32Array.from(start.keys()).filter((index) => start[index] !== NOWHERE);
  const sorted = order.every((index, n) => n === 0 || start[order[n - 1]!]! <= start[index]!);
  return sorted ? order : order.sort((a, b) => start[a]! - start[b]! || a - b);
}

/**
 * Where every entry lies. Those whose data must not be read have no place: because there are none, or because another entry owns
 * them. Every byte of the file must belong to exactly one entry or to the directory.
 */
export function layoutOf(
  source: Bytes,
  directory: Directory,
  say: (entry: number, rule: string, found: string) => void,
  problems: Problem[],
): Layout {
  let index = 0;
  const sayOfThis: Say = (rule, found) => say(index, rule, found);
  const count = directory.entries.length;
  const places = (): Float64Array => new Float64Array(count).fill(NOWHERE);
  const extents: Extents = { start: places(), data: places(), end: places() };
  for (; index < count; index++) placeEntry(source, directory.entries[index]!, extents, index, sayOfThis);
  const order = inOrder(extents);
  // Where an entry cannot be found, what lies around it is not judged: its own problem says enough.
  const whole = order.length === count;
  let at = directory.shift;
  for (let n = 0; n < order.length; n++) {
    const index = order[n]!;
    const start = extents.start[index]!;
    if (start < at) {
      say(index, "overlap", `begins at ${start}, within what the entry before it takes (up to ${at})`);
      extents.data[index] = NOWHERE;
    } else if (start > at && whole) {
      if (n === 0)
        problems.push({ rule: "prepended-bytes", entry: "", found: `has ${start} bytes before its first entry` });
      else say(index, "hidden-bytes", `has ${start - at} bytes before it that belong to no entry`);
    }
    at = Math.max(at, extents.end[index]!);
  }
  if (at > directory.start)
    problems.push({
      rule: "overlap",
      entry: "",
      found: `has entries up to ${at}, and its directory begins at ${directory.start}`,
    });
  else if (at < directory.start && whole)
    problems.push({
      rule: "hidden-bytes",
      entry: "",
      found: `has ${directory.start - at} bytes between its last entry and its directory`,
    });
  return { data: extents.data, order };
}
