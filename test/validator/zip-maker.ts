/**
 * A ZIP writer for tests that makes, byte for byte, what our writer makes, and in which every single field, and every byte
 * between fields, can be made otherwise.
 */
import { crc32, deflateRawSync } from "node:zlib";

type Fields = Partial<
  Record<
    | "madeBy"
    | "needed"
    | "flags"
    | "method"
    | "time"
    | "date"
    | "crc"
    | "compressedSize"
    | "size"
    | "disk"
    | "internal"
    | "external"
    | "offset",
    number
  >
>;

export interface MadeEntry {
  path: string | Buffer;
  mode: number;
  data: Buffer;
  /** file type bits; a regular file when not given */
  type?: number;
  /** compressed bytes, instead of the data's */
  packed?: Buffer;
  /** what the headers say instead of the truth: in both of them, or in one */
  both?: Fields;
  central?: Fields;
  local?: Fields;
  localPath?: string;
  localExtra?: Buffer;
  extra?: Buffer;
  comment?: string;
  /** instead of the true one behind the data */
  descriptor?: Buffer;
  /** bytes that belong to nobody, before the local header */
  before?: Buffer;
}

export interface MadeZip {
  entries: MadeEntry[];
  /** of all entries */
  date: Date;
  prefix?: Buffer;
  /** whether the offsets count the prefix */
  prefixCounted?: boolean;
  beforeDirectory?: Buffer;
  /** bytes in the directory, behind its last entry */
  inDirectory?: Buffer;
  beforeEnd?: Buffer;
  end?: Partial<Record<"disk" | "directoryDisk" | "here" | "count" | "size" | "offset" | "commentLength", number>>;
  comment?: Buffer;
  suffix?: Buffer;
}

function dos(date: Date): { time: number; date: number } {
  return {
    time: (date.getUTCHours() << 11) | (date.getUTCMinutes() << 5) | (date.getUTCSeconds() >> 1),
    date: ((date.getUTCFullYear() - 1980) << 9) | ((date.getUTCMonth() + 1) << 5) | date.getUTCDate(),
  };
}

/** The archive's bytes; entries in the order given. */
export function makeZip(zip: MadeZip): Buffer {
  const { prefix = Buffer.alloc(0), prefixCounted = false } = zip;
  const parts: Buffer[] = [prefix];
  const directory: Buffer[] = [];
  let place = prefixCounted ? prefix.length : 0;
  const put = (bytes: Buffer): void => {
    parts.push(bytes);
    place += bytes.length;
  };
  for (const entry of zip.entries) {
    const { data, mode, type = 0o100000, comment = "", extra = Buffer.alloc(0), localExtra = Buffer.alloc(0) } = entry;
    const name = Buffer.from(entry.path as string);
    const localName = entry.localPath === undefined ? name : Buffer.from(entry.localPath);
    const packed = entry.packed ?? deflateRawSync(data, { level: 7 });
    const truth = {
      madeBy: 0x032d,
      needed: 20,
      flags: 8 | (name.some((b) => b > 0x7f) ? 0x800 : 0),
      method: 8,
      ...dos(zip.date),
      crc: crc32(data),
      compressedSize: packed.length,
      size: data.length,
      disk: 0,
      internal: 0,
      external: ((type | mode) * 0x10000 + 0x20) >>> 0,
      offset: 0,
      ...entry.both,
    };
    put(entry.before ?? Buffer.alloc(0));
    const c = { ...truth, offset: place, ...entry.central };
    const late = (truth.flags & 8) !== 0;
    const l = { ...truth, ...(late && { crc: 0, compressedSize: 0, size: 0 }), ...entry.local };

    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    [l.needed, l.flags, l.method, l.time, l.date].forEach((n, i) => local.writeUInt16LE(n, 4 + 2 * i));
    [l.crc, l.compressedSize, l.size].forEach((n, i) => local.writeUInt32LE(n, 14 + 4 * i));
    local.writeUInt16LE(localName.length, 26);
    local.writeUInt16LE(localExtra.length, 28);
    put(Buffer.concat([local, localName, localExtra, packed]));
    const descriptor = Buffer.alloc(16);
    [0x08074b50, c.crc, c.compressedSize, c.size].forEach((n, i) => descriptor.writeUInt32LE(n, 4 * i));
    put(entry.descriptor ?? (late ? descriptor : Buffer.alloc(0)));

    const central = Buffer.alloc(46);
    central.writeUInt32LE(0x02014b50, 0);
    [c.madeBy, c.needed, c.flags, c.method, c.time, c.date].forEach((n, i) => central.writeUInt16LE(n, 4 + 2 * i));
    [c.crc, c.compressedSize, c.size].forEach((n, i) => central.writeUInt32LE(n, 16 + 4 * i));
    [name.length, extra.length, comment.length, c.disk, c.internal].forEach((n, i) =>
      central.writeUInt16LE(n, 28 + 2 * i),
    );
    central.writeUInt32LE(c.external, 38);
    central.writeUInt32LE(c.offset, 42);
    directory.push(central, name, extra, Buffer.from(comment));
  }
  put(zip.beforeDirectory ?? Buffer.alloc(0));
  const start = place;
  const directoryBytes = Buffer.concat([...directory, zip.inDirectory ?? Buffer.alloc(0)]);
  const comment = zip.comment ?? Buffer.alloc(0);
  const {
    disk = 0,
    directoryDisk = 0,
    count = zip.entries.length,
    here = count,
    size = directoryBytes.length,
    offset = start,
    commentLength = comment.length,
  } = zip.end ?? {};
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  [disk, directoryDisk, here, count].forEach((n, i) => end.writeUInt16LE(n, 4 + 2 * i));
  end.writeUInt32LE(size, 12);
  end.writeUInt32LE(offset, 16);
  end.writeUInt16LE(commentLength, 20);
  return Buffer.concat([
    ...parts,
    directoryBytes,
    zip.beforeEnd ?? Buffer.alloc(0),
    end,
    comment,
    zip.suffix ?? Buffer.alloc(0),
  ]);
}
