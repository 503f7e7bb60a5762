/**
 * A ZIP's end record and directory (APPNOTE 4.3.12–4.3.16). What a lenient reader would step over is a problem here:
 * two readers must never see two archives in the same bytes.
 */
import { limits } from "../candidate/index.ts";
import type { Bytes } from "./bytes.ts";
import type { Problem } from "./content.ts";
import { ZipEntry } from "./zip-entry.ts";

const END = 0x06054b50;
const LOCATOR64 = 0x07064b50;
const CENTRAL = 0x02014b50;

export interface Directory {
  entries: ZipEntry[];
  /** where the directory begins in the file, and so where the last entry must end */
  start: number;
  /** bytes before the archive that its own offsets do not count */
  shift: number;
}

/** Offset of the last end record in `tail`. */
function endIn(tail: Buffer): number {
  for (let at = tail.length - 22; at >= 0; at--) {
    if (tail[at] === 0x50 && tail.readUInt32LE(at) === END) return at;
  }
  return -1;
}

/** The header at `at`, when there is one, and whole. */
function centralHeader(bytes: Buffer, text: string, at: number, shift: number): ZipEntry | undefined {
  if (at + 46 > bytes.length || bytes.readUInt32LE(at) !== CENTRAL) return undefined;
  const header = new ZipEntry(bytes, text, at, shift);
  return header.next > bytes.length ? undefined : header;
}

/** The directory, or undefined when there is none to be read; what is wrong with it goes to `problems`. */
export async function readDirectory(source: Bytes, problems: Problem[]): Promise<Directory | undefined> {
  const problem = (rule: string, found: string): undefined => void problems.push({ rule, entry: "", found });
  const tailLength = Math.min(source.size, 22 + 0xffff + 20);
  const tail = await source.read(source.size - tailLength, tailLength);
  const at = endIn(tail);
  if (at < 0)
    return problem("zip-end", "has no end record within its last 64 KiB, so it is no ZIP file or was cut short");
  const end = source.size - tailLength + at;
  const [disk, directoryDisk, here, count] = [4, 6, 8, 10].map((offset) => tail.readUInt16LE(at + offset)) as [
    number,
    number,
    number,
    number,
  ];
  const size = tail.readUInt32LE(at + 12);
  const stated = tail.readUInt32LE(at + 16);
  const comment = tail.readUInt16LE(at + 20);
  const after = tail.length - at - 22;
  if (comment > after) problem("zip-end", `announces a comment of ${comment} bytes, of which ${after} are there`);
  else {
    if (comment > 0) problem("archive-comment", `has a comment of ${comment} bytes`);
    if (after > comment) problem("trailing-bytes", `has ${after - comment} bytes after its end`);
  }
  const locator = at >= 20 && tail.readUInt32LE(at - 20) === LOCATOR64;
  if (locator || [here, count].includes(0xffff) || [size, stated].includes(0xffffffff)) {
    problem("zip64", locator ? "has a ZIP64 locator" : "sends readers to ZIP64 records for its directory");
    if ([here, count].includes(0xffff) || [size, stated].includes(0xffffffff)) return undefined;
  }
  if (disk !== 0 || directoryDisk !== 0)
    problem("zip-disks", `says that it ends on disk ${disk} with a directory on disk ${directoryDisk}`);
  if (here !== count) problem("zip-disks", `says that ${here} of its ${count} entries are on this disk`);
  if (count > limits.entries || size > limits.directory)
    return problem("limit-entries", `lists ${count} entries in a directory of ${size} bytes`);

  // Readers disagree on bytes before the archive: some go by the stated offset, some count back from the end.
  let shift = 0;
  let start = stated;
  if (!locator && stated + size !== end) {
    const back = end - size;
    const peek = back > stated ? await source.read(back, 4) : undefined;
    if (peek?.length === 4 && peek.readUInt32LE(0) === CENTRAL && count > 0) {
      shift = back - stated;
      start = back;
      problem("prepended-bytes", `has ${shift} bytes before it that its offsets do not count`);
    } else
      problem(
        "directory-place",
        `says that its directory takes ${size} bytes from ${stated}, and the end record is at ${end}`,
      );
  }
  const directory = await source.read(start, Math.max(0, Math.min(size, end - start)));
  const text = directory.toString("latin1");
  const entries: ZipEntry[] = [];
  let place = 0;
  while (place < directory.length && entries.length <= limits.entries) {
    const header = centralHeader(directory, text, place, shift);
    if (!header) break;
    entries.push(header);
    place = header.next;
  }
  if (entries.length > limits.entries) return problem("limit-entries", `lists more than ${limits.entries} entries`);
  if (entries.length !== count)
    problem("directory-count", `says that it has ${count} entries, and its directory lists ${entries.length}`);
  else if (place !== directory.length)
    problem("directory-count", `has ${directory.length - place} bytes in its directory after the last entry`);
  return { entries, start, shift };
}
