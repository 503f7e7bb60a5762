/** The part of compress-commons, the layer of archiver that writes ZIP containers, that this folder uses. */
declare module "compress-commons" {
  import type { Readable, Transform } from "node:stream";

  export class ZipArchiveEntry {
    constructor(name: string);
    setTime(time: Date): void;
    setUnixMode(mode: number): void;
    setCrc(crc: number): void;
    setSize(bytes: number): void;
    setCompressedSize(bytes: number): void;
  }

  export class ZipArchiveOutputStream extends Transform {
    constructor(options: { zlib: { level: number } });
    entry(entry: ZipArchiveEntry, source: Buffer | Readable, done: (error: Error | null) => void): this;
    finish(): void;
    /** bytes of the archive so far */
    protected offset: number;
    write(chunk: Buffer | string): boolean;
    end(): this;
    /** an entry whose source is a buffer */
    protected _appendBuffer(entry: ZipArchiveEntry, source: Buffer, done: (error: Error | null) => void): void;
    protected _writeLocalFileHeader(entry: ZipArchiveEntry): void;
    /** what an entry's bytes pass through on their way into the archive */
    protected _smartStream(entry: ZipArchiveEntry, done: (error: Error | null) => void): Transform;
    protected _afterAppend(entry: ZipArchiveEntry): void;
  }
}
