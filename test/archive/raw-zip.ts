/** A ZIP writer that refuses nothing: for archives that no honest packer would make. Stored entries, or deflated on request. */
import { crc32, deflateRawSync } from "node:zlib";

export interface RawEntry {
  name: string | Buffer;
  data: Buffer | string;
  /** file type and permission bits */
  mode?: number;
  deflate?: boolean;
  /** bytes after the compressed data, counted with it */
  tail?: string;
  /** what headers claim instead of the truth */
  claim?: { size?: number; compressedSize?: number; crc?: number; method?: number; localName?: string; flags?: number; madeBy?: number };
}

/** The archive's bytes. */
export function rawZip(entries: readonly RawEntry[], options: { before?: Buffer; count?: number; comment?: string } = {}): Buffer {
  const parts: Buffer[] = [options.before ?? Buffer.alloc(0)];
  const directory: Buffer[] = [];
  let offset = parts[0]!.length;
  for (const { name, data, mode = 0o100644, deflate = false, tail = "", claim = {} } of entries) {
    const bytes = Buffer.from(data as Buffer);
    const body = Buffer.concat([deflate ? deflateRawSync(bytes) : bytes, Buffer.from(tail)]);
    const raw = Buffer.from(name as Buffer);
    const method = claim.method ?? (deflate ? 8 : 0);
    const flags = claim.flags ?? (raw.some((b) => b > 0x7f) ? 0x800 : 0);
    const sizes = [claim.crc ?? crc32(bytes), claim.compressedSize ?? body.length, claim.size ?? bytes.length] as const;
    const localName = claim.localName === undefined ? raw : Buffer.from(claim.localName);

    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(20, 4);
    local.writeUInt16LE(flags, 6);
    local.writeUInt16LE(method, 8);
    local.writeUInt32LE(0x00210000, 10);
    sizes.forEach((n, i) => local.writeUInt32LE(n, 14 + 4 * i));
    local.writeUInt16LE(localName.length, 26);

    const central = Buffer.alloc(46);
    central.writeUInt32LE(0x02014b50, 0);
    central.writeUInt16LE(claim.madeBy ?? (3 << 8) | 45, 4);
    central.writeUInt16LE(20, 6);
    central.writeUInt16LE(flags, 8);
    central.writeUInt16LE(method, 10);
    central.writeUInt32LE(0x00210000, 12);
    sizes.forEach((n, i) => central.writeUInt32LE(n, 16 + 4 * i));
    central.writeUInt16LE(raw.length, 28);
    central.writeUInt32LE((mode * 0x10000) >>> 0, 38);
    central.writeUInt32LE(offset, 42);

    parts.push(local, localName, body);
    directory.push(central, raw);
    offset += local.length + localName.length + body.length;
  }
  const directoryBytes = Buffer.concat(directory);
  const comment = Buffer.from(options.comment ?? "");
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(options.count ?? entries.length, 8);
  end.writeUInt16LE(options.count ?? entries.length, 10);
  end.writeUInt32LE(directoryBytes.length, 12);
  end.writeUInt32LE(offset, 16);
  end.writeUInt16LE(comment.length, 20);
  return Buffer.concat([...parts, directoryBytes, end, comment]);
}
