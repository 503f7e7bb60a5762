/** A deterministic ZIP: equal entries give equal bytes, whatever the clock, the umask, the time zone or the order given. */
import { createHash, randomBytes } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, open, readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { Readable, Transform } from "node:stream";
import { buffer } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { nameCollisions, pathFault } from "../candidate/index.ts";
import { EdgeError } from "../edges/edges.ts";
import { syncFolder } from "../storage/atomic-write.ts";
import { processIdentity } from "../storage/process-identity.ts";
import { readSmall, SMALL } from "../storage/small-files.ts";
import type { ZipArchive } from "./zip-archive.ts";
import { MOST_ENTRIES } from "./zip-records.ts";

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
export const WRITER = "zip-2 deflate-6 blocks-1m";

function refuse(entries: readonly ZipEntry[]): void {
  const faults = entries.flatMap(({ path, mode }) => [
    ...(pathFault(path) ? [`${JSON.stringify(path)} ${pathFault(path)}`] : []),
    ...(mode === 0o755 || mode === 0o644 ? [] : [`${path} has mode 0${mode.toString(8)}, neither 0755 nor 0644`]),
  ]);
  for (const { path, other } of nameCollisions(entries.map((e) => e.path)))
    faults.push(`${path} collides with ${other}`);
  if (entries.length > MOST_ENTRIES)
    faults.push(`it would have ${entries.length} entries, and a ZIP holds ${MOST_ENTRIES}`);
  if (faults.length > 0)
    throw new EdgeError(`The archive cannot be packed: ${faults.join("; ")}; rename or remove these entries.`);
}

/** By code points of the path, as `LC_ALL=C sort` does: the order of entries and of checksum lines. */
export function byPath(a: { path: string }, b: { path: string }): number {
  return Buffer.compare(Buffer.from(a.path), Buffer.from(b.path));
}

/** A name beside `file` for this process alone; what killed processes left under such names is removed. */
async function partOf(file: string): Promise<string> {
  const prefix = `${basename(file)}.part-`;
  for (const name of await readdir(dirname(file))) {
    if (name.startsWith(prefix) && !processIdentity(Number.parseInt(name.slice(prefix.length), 10)))
      await rm(join(dirname(file), name), { force: true });
  }
  return `${file}.part-${process.pid}-${randomBytes(4).toString("hex")}`;
}

/** The contents of an entry, in pieces as they come. @throws EdgeError when its file is not as was stated. */
async function* contentsOf(data: EntryData): AsyncGenerator<Buffer> {
  if (Buffer.isBuffer(data)) {
    yield data;
    return;
  }
  let read = 0;
  try {
    if (data.size <= SMALL) {
      const whole = readSmall(data.file);
      read = whole.length;
      yield whole;
    } else
      for await (const piece of createReadStream(data.file, { highWaterMark: 1 << 20 })) {
        read += (piece as Buffer).length;
        yield piece as Buffer;
      }
  } catch (e) {
    const { code } = e as NodeJS.ErrnoException;
    const found =
      code === "EFBIG"
        ? `has more than the ${data.size} bytes that were expected; leave the candidate alone while it is packed`
        : `cannot be read (${code}); make it readable and try again`;
    throw new EdgeError(`${data.file} ${found}.`);
  }
  if (read !== data.size)
    throw new EdgeError(
      `${data.file} has ${read} bytes, and ${data.size} were expected; leave the candidate alone while it is packed.`,
    );
}

/** Appends each entry when the one before it has been read: a thousand assets are not a thousand open files. */
async function fill(zip: ZipArchive, entries: readonly ZipEntry[], date: Date): Promise<void> {
  for (const { path, mode, data } of entries) {
    // Streams are made for large files: for tens of thousands of small ones their cost is many times that of reading.
    const small = Buffer.isBuffer(data) || data.size <= SMALL;
    const contents = contentsOf(data);
    const source = small ? await buffer(contents) : Readable.from(contents, { objectMode: false });
    await zip.add(source, { name: path, mode, date });
  }
  await zip.finalize();
}

/**
 * Writes `file` (whole or not at all) and answers digest and size in bytes. Streams: files are never held in memory.
 * @throws EdgeError for a name that is not safe everywhere or a file whose size is not the one stated.
 */
export async function packEntries(
  entries: readonly ZipEntry[],
  file: string,
  date: Date = EARLIEST,
): Promise<{ sha256: string; size: number }> {
  refuse(entries);
  await mkdir(dirname(file), { recursive: true });
  const temporary = await partOf(file);
  const hash = createHash("sha256");
  let size = 0;
  const { ZipArchive } = await import("./zip-archive.ts");
  const zip = new ZipArchive();
  const meter = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      size += chunk.length;
      done(null, chunk);
    },
  });
  try {
    const written = pipeline(zip, meter, createWriteStream(temporary, { mode: 0o644 }));
    const filled = fill(zip, [...entries].sort(byPath), date);
    filled.catch((e: Error) => zip.fail(e));
    await Promise.all([filled, written]);
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
