/** A deterministic ZIP: equal entries give equal bytes, whatever the clock, the umask, the time zone or the order given. */
import { createHash, randomBytes } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, open, readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { ZipArchive } from "archiver";
import { nameCollisions, pathFault } from "../candidate/index.ts";
import { EdgeError } from "../edges/edges.ts";
import { syncFolder } from "../storage/atomic-write.ts";
import { processIdentity } from "../storage/lock.ts";

/** Bytes in memory, or a file of that many bytes. */
export type EntryData = Buffer | { file: string; size: number };

export interface ZipEntry {
  /** path in the archive, POSIX, see `pathFault` */
  path: string;
  /** permission bits: 0o755 or 0o644 */
  mode: number;
  data: EntryData;
}

/** The earliest time that a ZIP can state: the date of entries whose source states none. */
export const EARLIEST = new Date("1980-01-01T00:00:00Z");

/** Has a say in the bytes that are written; part of every archive's identity. Raise it when the writer changes. */
export const WRITER = "zip-1 deflate-6";

// Pieces larger than Node's default of 16 KiB: fewer trips to the thread pool that compresses, and equal bytes. More
// memory (memLevel 9) makes real binaries larger, not smaller: 16.59 MB against 16.56 MB for NATS.
const zlib = { level: 6, memLevel: 8, chunkSize: 256 * 1024 };

function refuse(entries: readonly ZipEntry[]): void {
  const faults = entries.flatMap(({ path, mode }) => [
    ...(pathFault(path) ? [`${JSON.stringify(path)} ${pathFault(path)}`] : []),
    ...(mode === 0o755 || mode === 0o644 ? [] : [`${path} has mode 0${mode.toString(8)}, neither 0755 nor 0644`]),
  ]);
  for (const { path, other } of nameCollisions(entries.map((e) => e.path))) faults.push(`${path} collides with ${other}`);
  if (faults.length > 0) throw new EdgeError(`The archive cannot be packed: ${faults.join("; ")}; rename these entries.`);
}

/** By code points of the path, as `LC_ALL=C sort` does: the order of entries and of checksum lines. */
export function byPath(a: { path: string }, b: { path: string }): number {
  return Buffer.compare(Buffer.from(a.path), Buffer.from(b.path));
}

/** A name beside `file` for this process alone; what killed processes left under such names is removed. */
async function partOf(file: string): Promise<string> {
  const prefix = `${basename(file)}.part-`;
  for (const name of await readdir(dirname(file))) {
    if (name.startsWith(prefix) && !processIdentity(Number.parseInt(name.slice(prefix.length), 10))) await rm(join(dirname(file), name), { force: true });
  }
  return `${file}.part-${process.pid}-${randomBytes(4).toString("hex")}`;
}

/**
 * Writes `file` (whole or not at all) and answers digest and size in bytes. Streams: files are never held in memory.
 * @throws EdgeError for a name that is not safe everywhere or a file whose size is not the one stated.
 */
export async function packEntries(entries: readonly ZipEntry[], file: string, date: Date = EARLIEST): Promise<{ sha256: string; size: number }> {
  refuse(entries);
  await mkdir(dirname(file), { recursive: true });
  const temporary = await partOf(file);
  const hash = createHash("sha256");
  let size = 0;
  const archive = new ZipArchive({ zlib });
  const meter = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      size += chunk.length;
      done(null, chunk);
    },
  });
  try {
    const written = pipeline(archive, meter, createWriteStream(temporary, { mode: 0o644 }));
    // One entry after another: a file is opened when its turn comes, so that a thousand assets are not a thousand open files.
    const appended = (async () => {
      for (const entry of [...entries].sort(byPath)) await append(archive, entry, date);
      await archive.finalize();
    })();
    appended.catch((e: Error) => archive.destroy(e));
    await Promise.all([appended, written]);
    const handle = await open(temporary, "r");
    await handle.sync().finally(() => handle.close());
    await rename(temporary, file);
    syncFolder(dirname(file));
    return { sha256: hash.digest("hex"), size };
  } catch (e) {
    await rm(temporary, { force: true });
    throw e;
  }
}

function append(archive: ZipArchive, { path, mode, data }: ZipEntry, date: Date): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = (): void => {
      archive.off("entry", entered).off("error", reject);
    };
    const entered = (): void => {
      done();
      resolve();
    };
    archive.on("entry", entered).on("error", reject);
    const options = { name: path, mode, date };
    if (Buffer.isBuffer(data)) {
      archive.append(data, options);
      return;
    }
    let read = 0;
    const source = createReadStream(data.file, { highWaterMark: 1 << 20 });
    source.on("data", (chunk) => (read += chunk.length));
    source.on("error", (e: NodeJS.ErrnoException) => {
      done();
      reject(new EdgeError(`${data.file} cannot be read (${e.code}); make it readable and try again.`));
    });
    source.on("end", () => {
      if (read === data.size) return;
      done();
      reject(new EdgeError(`${data.file} has ${read} bytes, and ${data.size} were expected; leave the candidate alone while it is packed.`));
    });
    archive.append(source, options);
  });
}
