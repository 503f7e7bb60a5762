/** An entry and its header in the directory: one object, since there may be tens of thousands. */
import type { CentralHeader, Entry, EntryType } from "./content.ts";

/** Systems whose attributes hold a Unix mode: Unix and macOS (APPNOTE 4.4.2). */
const unix = [3, 19];

function typeOf(name: string, mode: number | undefined, external: number): EntryType {
  const stated = mode === undefined ? 0 : mode & 0o170000;
  if (stated === 0o120000) return "symlink";
  if (stated !== 0 && stated !== 0o100000 && stated !== 0o040000) return "special";
  return name.endsWith("/") || stated === 0o040000 || (external & 0x10) !== 0 ? "folder" : "file";
}

/**
 * An entry as it stands in the directory, with room for what is found out later. The fields of its header are read when they are
 * asked for: copies would take the memory.
 */
export class ZipEntry implements Entry, CentralHeader {
  readonly latin1: string;
  /** the name as far as it can be decoded, which is done elsewhere for what is not ASCII */
  path: string;
  readonly type: EntryType;
  declare mode?: number;
  content?: NonNullable<Entry["content"]>;
  facts?: NonNullable<Entry["facts"]>;
  readonly #bytes: Buffer;
  readonly #at: number;
  readonly #shift: number;
  /** `text`: the bytes as Latin-1; `shift` is added to the offset that it states. */
  constructor(bytes: Buffer, text: string, at: number, shift: number) {
    this.#bytes = bytes;
    this.#at = at;
    this.#shift = shift;
    // A part of one text: to make each name out of bytes takes longer.
    this.latin1 = text.slice(at + 46, at + 46 + bytes.readUInt16LE(at + 28));
    this.path = this.latin1;
    const mode = unix.includes(this.madeBy >>> 8) ? this.external >>> 16 : undefined;
    this.type = typeOf(this.latin1, mode, this.external);
    if (mode !== undefined) this.mode = mode & 0o7777;
  }
  get header(): CentralHeader {
    return this;
  }
  get madeBy(): number {
    return this.#bytes.readUInt16LE(this.#at + 4);
  }
  get needed(): number {
    return this.#bytes.readUInt16LE(this.#at + 6);
  }
  get flags(): number {
    return this.#bytes.readUInt16LE(this.#at + 8);
  }
  get method(): number {
    return this.#bytes.readUInt16LE(this.#at + 10);
  }
  get time(): number {
    return this.#bytes.readUInt16LE(this.#at + 12);
  }
  get date(): number {
    return this.#bytes.readUInt16LE(this.#at + 14);
  }
  get crc(): number {
    return this.#bytes.readUInt32LE(this.#at + 16);
  }
  get compressedSize(): number {
    return this.#bytes.readUInt32LE(this.#at + 20);
  }
  get size(): number {
    return this.#bytes.readUInt32LE(this.#at + 24);
  }
  get name(): Buffer {
    return this.#bytes.subarray(this.#at + 46, this.#at + 46 + this.latin1.length);
  }
  get extra(): number {
    return this.#bytes.readUInt16LE(this.#at + 30);
  }
  get comment(): number {
    return this.#bytes.readUInt16LE(this.#at + 32);
  }
  get disk(): number {
    return this.#bytes.readUInt16LE(this.#at + 34);
  }
  get internal(): number {
    return this.#bytes.readUInt16LE(this.#at + 36);
  }
  get external(): number {
    return this.#bytes.readUInt32LE(this.#at + 38);
  }
  get offset(): number {
    return this.#bytes.readUInt32LE(this.#at + 42) + this.#shift;
  }
  /** where the next one begins, as it states it: behind the end of the directory for one that is cut off */
  get next(): number {
    return this.#at + 46 + this.#bytes.readUInt16LE(this.#at + 28) + this.extra + this.comment;
  }
}
