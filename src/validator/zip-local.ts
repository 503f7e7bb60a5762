/** What stands before and after each entry's data in a ZIP (APPNOTE 4.3.7, 4.3.9), beside what the directory says of it. */
import type { Bytes } from "./bytes.ts";
import type { CentralHeader, Problem } from "./content.ts";
import type { Directory } from "./zip-directory.ts";

const LOCAL = 0x04034b50;
const DESCRIPTOR = 0x08074b50;

/** Where an entry's bytes lie in the file. */
export interface Extent {
  start: number;
  /** of the compressed data */
  data: number;
  /** behind the data and its descriptor */
  end: number;
}

type Say = (rule: string, found: string) => void;

/** Reads the local header of an entry; undefined when there is none, so that its data cannot be found. */
async function extentOf(source: Bytes, header: CentralHeader, say: Say): Promise<Extent | undefined> {
  const bytes = await source.read(header.offset, 30 + header.name.length);
  if (bytes.length < 30 || bytes.readUInt32LE(0) !== LOCAL) return void say("local-header", `has no local header at ${header.offset}, where the directory says it begins`);
  const nameLength = bytes.readUInt16LE(26);
  const extra = bytes.readUInt16LE(28);
  const name = nameLength === header.name.length ? bytes.subarray(30) : await source.read(header.offset + 30, nameLength);
  const data = header.offset + 30 + nameLength + extra;
  const after = data + header.compressedSize;
  if (!name.equals(header.name)) say("local-header", `is named ${JSON.stringify(name.toString("latin1"))} in its local header`);
  // A writer that does not know them yet leaves these three empty, and states them behind the data.
  const late = (header.flags & 8) !== 0;
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
    if (comesLater && local !== 0) say("local-header", `has ${what} ${local} in its local header, which says that it comes behind the data`);
    if (!comesLater && local !== central) say("local-header", `has ${what} ${local} in its local header and ${central} in the directory`);
  }
  if (extra > 0) say("extra-field", `has an extra field of ${extra} bytes in its local header`);
  if (after > source.size) return void say("local-header", `ends at ${after}, behind the end of the archive`);
  if (!late) return { start: header.offset, data, end: after };
  const descriptor = await source.read(after, 16);
  const stated = descriptor.length === 16 ? [0, 4, 8, 12].map((at) => descriptor.readUInt32LE(at)) : [];
  if (stated[0] !== DESCRIPTOR || stated[1] !== header.crc || stated[2] !== header.compressedSize || stated[3] !== header.size) {
    say("data-descriptor", "has behind its data no descriptor that repeats CRC-32 and sizes of the directory");
  }
  return { start: header.offset, data, end: after + 16 };
}

/**
 * Where every entry lies, by its place in the directory; undefined for those whose data must not be read, because there
 * are none or another entry owns them. Every byte of the file must belong to exactly one entry or to the directory.
 */
export async function layoutOf(source: Bytes, directory: Directory, say: (entry: number, rule: string, found: string) => void, problems: Problem[]): Promise<(Extent | undefined)[]> {
  const extents: (Extent | undefined)[] = [];
  for (const [index, header] of directory.headers.entries()) extents.push(await extentOf(source, header, (rule, found) => say(index, rule, found)));
  const placed = extents.flatMap((extent, index) => (extent ? [{ extent, index }] : [])).sort((a, b) => a.extent.start - b.extent.start);
  // Where an entry cannot be found, what lies around it is not judged: its own problem says enough.
  const whole = placed.length === extents.length;
  let at = directory.shift;
  for (const [order, { extent, index }] of placed.entries()) {
    if (extent.start < at) {
      say(index, "overlap", `begins at ${extent.start}, within what the entry before it takes (up to ${at})`);
      extents[index] = undefined;
    } else if (extent.start > at && whole) {
      if (order === 0) problems.push({ rule: "prepended-bytes", entry: "", found: `has ${extent.start} bytes before its first entry` });
      else say(index, "hidden-bytes", `has ${extent.start - at} bytes before it that belong to no entry`);
    }
    at = Math.max(at, extent.end);
  }
  if (at > directory.start) problems.push({ rule: "overlap", entry: "", found: `has entries up to ${at}, and its directory begins at ${directory.start}` });
  else if (at < directory.start && whole) problems.push({ rule: "hidden-bytes", entry: "", found: `has ${directory.start - at} bytes between its last entry and its directory` });
  return extents;
}
