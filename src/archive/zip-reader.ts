/**
 * Reading a ZIP that may have been made to harm: entry by entry, nothing extracted, memory bounded whatever it says of
 * itself. Gives facts and what is wrong with the container; what the files mean is judged by validate.ts.
 */
import { createHash } from "node:crypto";
import { pipeline } from "node:stream/promises";
import { Writable } from "node:stream";
import { crc32, createInflateRaw } from "node:zlib";
import * as yauzl from "yauzl";
import { nameCollisions, pathFault } from "../candidate/index.ts";
import type { Finding } from "../edges/edges.ts";

/** One file of an archive, as read. */
export interface EntryFacts {
  path: string;
  /** permission bits */
  mode: number;
  sha256: string;
  size: number;
}

/** The most that an archive may claim: 4 GiB in all, 65,000 entries, 200 times its size once past a megabyte. */
const most = { bytes: 4 * 2 ** 30, entries: 65_000, ratio: 200, free: 1 << 20 };

/** Texts that are kept while reading, and the most bytes of each. */
export type Wanted = Record<string, number>;

export interface Reading {
  entries: EntryFacts[];
  /** the wanted files that were there and small enough */
  texts: Map<string, string>;
  faults: Finding[];
}

const utf8 = new TextDecoder("utf-8", { fatal: true });

function nameOf(entry: yauzl.Entry): { path: string } | { fault: string; path: string } {
  const raw = entry.fileNameRaw;
  const shown = raw.toString("latin1");
  const ascii = raw.every((byte) => byte < 0x80);
  if (!ascii && !(entry.generalPurposeBitFlag & 0x800)) return { path: shown, fault: "has a name outside ASCII that is not marked as UTF-8" };
  let path: string;
  try {
    path = utf8.decode(raw);
  } catch {
    return { path: shown, fault: "has a name that is not valid UTF-8" };
  }
  if (path.endsWith("/")) return { path, fault: "is an entry for a folder; list files only" };
  const fault = pathFault(path);
  return fault ? { path, fault } : { path };
}

/** What makes an entry unfit to be read at all, each as a clause. */
function headerFaults(entry: yauzl.Entry): string[] {
  const type = (entry.externalFileAttributes >>> 16) & 0o170000;
  const faults: string[] = [];
  if (entry.isEncrypted()) faults.push("is encrypted");
  if (entry.compressionMethod !== 0 && entry.compressionMethod !== 8) faults.push(`is compressed by method ${entry.compressionMethod}, neither stored nor deflated`);
  if (entry.versionMadeBy >>> 8 !== 3) faults.push("does not state a Unix mode");
  else if (type === 0o120000) faults.push("is a symbolic link");
  else if (type !== 0o100000 && type !== 0) faults.push(`is a special file (type 0${type.toString(8)})`);
  if (entry.uncompressedSize > most.free && entry.uncompressedSize > entry.compressedSize * most.ratio) faults.push(`unpacks to more than ${most.ratio} times its size`);
  return faults;
}

async function readEntry(zip: yauzl.ZipFile, entry: yauzl.Entry, keep: number): Promise<{ sha256: string; text?: string }> {
  const local = await zip.readLocalFileHeaderPromise(entry);
  if (!local.fileName.equals(entry.fileNameRaw)) throw new Error("has another name in its local header than in the directory");
  if (local.compressionMethod !== entry.compressionMethod) throw new Error("is compressed by another method in its local header than in the directory");
  const hash = createHash("sha256");
  const kept: Buffer[] = [];
  let [sum, size] = [0, 0];
  const sink = new Writable({
    highWaterMark: 1 << 20,
    write(chunk: Buffer, _encoding, done) {
      size += chunk.length;
      // The stated size was accepted beforehand: not a byte more is let through.
      if (size > entry.uncompressedSize) return done(new Error(`unpacks to more than the ${entry.uncompressedSize} bytes that it states`));
      hash.update(chunk);
      sum = crc32(chunk, sum);
      if (keep > 0) kept.push(chunk);
      done();
    },
  });
  const raw = await zip.openReadStreamPromise(entry, { decodeFileData: false });
  if (entry.compressionMethod === 0) await pipeline(raw, sink);
  else {
    // Pieces of 64 KiB instead of Node's 16 take a third off the time.
    const inflate = createInflateRaw({ chunkSize: 1 << 16 });
    await pipeline(raw, inflate, sink);
    if (inflate.bytesWritten !== entry.compressedSize) throw new Error(`has ${entry.compressedSize - inflate.bytesWritten} bytes after the end of its compressed data`);
  }
  if (size !== entry.uncompressedSize) throw new Error(`unpacks to ${size} bytes, and states ${entry.uncompressedSize}`);
  if (sum !== entry.crc32) throw new Error(`has CRC-32 ${sum.toString(16)}, and the archive says ${entry.crc32.toString(16)}`);
  return { sha256: hash.digest("hex"), ...(keep > 0 && { text: Buffer.concat(kept).toString("utf8") }) };
}

/** Reads every entry of `file`. Faults are about single entries where they can be, so that all of them are found. */
export async function readZip(file: string, wanted: Wanted): Promise<Reading> {
  const reading: Reading = { entries: [], texts: new Map(), faults: [] };
  const fault = (path: string, message: string): void => void reading.faults.push({ path, message });
  let zip: yauzl.ZipFile;
  try {
    zip = await yauzl.openPromise(file, { decodeStrings: false, validateEntrySizes: false, autoClose: false });
  } catch (e) {
    const code = (e as NodeJS.ErrnoException).code;
    fault("", code === "ENOENT" ? `${file} does not exist` : `${file} is not a whole ZIP file (${(e as Error).message})`);
    return reading;
  }
  const names: string[] = [];
  let claimed = 0;
  try {
    if (zip.entryCount > most.entries) fault("", `lists ${zip.entryCount} entries, more than ${most.entries}`);
    else {
      for await (const entry of zip.eachEntry()) {
        const name = nameOf(entry);
        names.push(name.path);
        if ("fault" in name) fault(name.path, name.fault);
        const faults = headerFaults(entry);
        for (const message of faults) fault(name.path, message);
        claimed += entry.uncompressedSize;
        if (claimed > most.bytes) {
          fault(name.path, `takes the unpacked size past ${most.bytes} bytes; the rest was not read`);
          break;
        }
        if (faults.length > 0) continue;
        const limit = wanted[name.path] ?? 0;
        if (limit > 0 && entry.uncompressedSize > limit) fault(name.path, `has ${entry.uncompressedSize} bytes, more than ${limit}`);
        try {
          const { sha256, text } = await readEntry(zip, entry, entry.uncompressedSize > limit ? 0 : limit);
          const mode = (entry.externalFileAttributes >>> 16) & 0o7777;
          reading.entries.push({ path: name.path, mode, sha256, size: entry.uncompressedSize });
          if (text !== undefined) reading.texts.set(name.path, text);
        } catch (e) {
          fault(name.path, (e as Error).message);
        }
      }
    }
  } catch (e) {
    fault("", `the archive's directory cannot be read (${(e as Error).message})`);
  } finally {
    zip.close();
  }
  for (const { path, other } of nameCollisions(names)) fault(path, other === path ? "is in the archive twice" : `collides with ${other} where case or Unicode forms do not count`);
  return reading;
}
