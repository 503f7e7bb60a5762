/** Reading a ZIP that may have been made to harm: nothing is extracted, and it takes bounded time and memory. */
import { limits } from "../candidate/index.ts";
import type { Bytes } from "./bytes.ts";
import { keptUpTo, UnitCount, type CentralHeader, type Entry, type Problem } from "./content.ts";
import { SMALL } from "./inflate-small.ts";
import { notOurs, type Deflate } from "./zip-canonical.ts";
import { Grouping, groupsOf, isTiny, type Wanted } from "./grouping.ts";
import { readAll } from "./zip-data.ts";
import { PlainReader } from "./read-plain.ts";
import { readDirectory } from "./zip-directory.ts";
import type { ZipEntry } from "./zip-entry.ts";
import { layoutOf, NOWHERE } from "./zip-local.ts";

export interface Contents {
  entries: Entry[];
  problems: Problem[];
  /** bytes of the texts that were asked for, by path */
  texts: Map<string, Buffer>;
}

const ascii = /^[\0-\x7f]*$/;
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** A name outside ASCII as text; raw bytes as Latin-1 where they are nothing else. */
function nameOf({ name, latin1, flags }: CentralHeader, say: (rule: string, found: string) => void): string {
  if (!(flags & 0x800)) {
    say("name-encoding", "has a name outside ASCII that is not marked as UTF-8");
    return latin1;
  }
  try {
    return utf8.decode(name);
  } catch {
    say("name-encoding", "has a name that is not valid UTF-8");
    return latin1;
  }
}

/** What keeps an entry's data from being read. */
function refused(header: CentralHeader, say: (rule: string, found: string) => void): boolean {
  let refuse = false;
  const no = (rule: string, found: string): void => {
    refuse = true;
    say(rule, found);
  };
  // Bits 0, 6 and 13: traditional and strong encryption, masked headers.
  if (header.flags & 0x2041) no("encrypted", "is encrypted");
  if (header.method !== 0 && header.method !== 8) no("method", `is compressed by method ${header.method}`);
  if (header.size > limits.free && header.size > header.compressedSize * limits.ratio)
    no(
      "limit-ratio",
      `states ${header.size} bytes in ${header.compressedSize}, more than ${limits.ratio} times its size`,
    );
  return refuse;
}

/** Reads every entry of an archive; with `deflate`, also whether its compressed data are ours. */
export async function readZip(source: Bytes, deflate?: Deflate): Promise<Contents> {
  const problems: Problem[] = [];
  const contents: Contents = { entries: [], problems, texts: new Map() };
  const directory = await readDirectory(source, problems);
  if (!directory) return contents;
  const { entries } = directory;
  contents.entries = entries;
  // Where the compressed data themselves are asked about, each is looked at.
  const plain = source.fd === undefined || deflate ? undefined : new PlainReader(source.fd, entries.length);
  try {
    /** Problems of entries, in the order of the directory whenever they are found. */
    const found: (Problem[] | undefined)[] = [];
    found.length = entries.length;
    const say = (index: number, rule: string, what: string): void =>
      void (found[index] ??= []).push({ rule, entry: entries[index]!.path, found: what });
    for (const [index, entry] of entries.entries())
      if (!ascii.test(entry.latin1))
        entry.path = nameOf(entry, (rule, what) =>
          (found[index] ??= []).push({ rule, entry: entry.latin1, found: what }),
        );
    const { data, order } = layoutOf(source, directory, say, problems);
    const asked = askedOf(entries, data, say);
    await unpack(source, contents, inParts(entries, data, order, asked, plain), { say, plain, deflate });
    for (const all of found) if (all) problems.push(...all);
    return contents;
  } finally {
    await plain?.close();
  }
}

/** What is asked of an entry's data. */
const [NOTHING, FACTS, FACTS_AND_BYTES] = [0, 1, 2];

/** What is asked of the data of each entry, by its place in the directory. */
function askedOf(
  entries: readonly Entry[],
  data: Float64Array,
  say: (index: number, rule: string, found: string) => void,
): Uint8Array {
  const asked = new Uint8Array(entries.length);
  const units = new UnitCount();
  let claimed = 0;
  for (let index = 0; index < entries.length; index++) {
    const { path, type, header } = entries[index]!;
    const { size } = header!;
    claimed += size;
    if (claimed > limits.bytes) {
      say(index, "limit-total", `takes the unpacked size past ${limits.bytes} bytes; it and the rest were not read`);
      break;
    }
    const limit = keptUpTo(path);
    const keep = limit !== undefined && type === "file" && size <= limit && units.admit(path);
    if (limit !== undefined && size > limit) say(index, "limit-text", `has ${size} bytes, more than ${limit}`);
    else if (limit !== undefined && !keep && type === "file")
      say(index, "limit-text", `is one of more than ${limits.units} systemd units`);
    const stop = refused(header!, (rule, what) => say(index, rule, what));
    if (!stop && data[index] !== NOWHERE && (type === "file" || type === "symlink"))
      asked[index] = keep ? FACTS_AND_BYTES : FACTS;
  }
  return asked;
}

interface Job extends Wanted {
  /** of the entry */
  index: number;
}

/** Entries that are read in different ways, each in the order of their data. */
interface Parts {
  large: Job[];
  small: Job[];
  /** those that may be plain, by their places in the directory */
  plain: number[];
  /** where the data of each entry lie, by its place in the directory */
  data: Float64Array;
}

/** Divides what is asked; those that may be plain are added to the reader, where there is one. */
function inParts(
  entries: readonly ZipEntry[],
  data: Float64Array,
  order: Uint32Array,
  asked: Uint8Array,
  reader: PlainReader | undefined,
): Parts {
  const parts: Parts = { large: [], small: [], plain: [], data };
  const grouping = new Grouping();
  for (const index of order) {
    if (asked[index] === NOTHING) continue;
    const [header, at] = [entries[index]!, data[index]!];
    if (reader && asked[index] === FACTS && isTiny(header)) {
      reader.add(at, header, grouping.isFirst(at, header));
      parts.plain.push(index);
    } else {
      const job = { index, header, at, keep: asked[index] === FACTS_AND_BYTES };
      (header.size > SMALL ? parts.large : parts.small).push(job);
    }
  }
  return parts;
}

interface How {
  say: (index: number, rule: string, found: string) => void;
  plain: PlainReader | undefined;
  deflate: Deflate | undefined;
}

/**
 * Large entries, of which zlib unpacks the next piece while this thread looks at the one before; beside them another thread reads
 * those that are plain, and this one helps with what is left of these. Then all others.
 */
async function unpack(
  source: Bytes,
  contents: Contents,
  { large, small, plain, data }: Parts,
  how: How,
): Promise<void> {
  large.sort((a, b) => b.header.size - a.header.size);
  const each = (groups: readonly Job[][]): Promise<void> => readEach(source, contents, groups, how);
  how.plain?.begin();
  await each(large.map((job) => [job]));
  const read = (await how.plain?.read()) ?? [];
  for (const [n, index] of plain.entries()) {
    const entry = contents.entries[index]!;
    const content = read[n];
    if (content) entry.content = content;
    else small.push({ index, header: entry.header!, at: data[index]!, keep: false });
  }
  small.sort((a, b) => a.at - b.at);
  await each(groupsOf(small));
}

/** Reads groups of entries, two at a time, since unpacking them leaves this thread. */
async function readEach(
  source: Bytes,
  contents: Contents,
  groups: readonly Job[][],
  { say, deflate }: How,
): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    for (;;) {
      const group = groups[next++];
      if (!group) return;
      const all = await readAll(source, group, (place, rule, found) => say(group[place]!.index, rule, found));
      for (const [place, { content, kept, facts }] of all.entries()) {
        const { index, header, at } = group[place]!;
        const entry = contents.entries[index]!;
        if (content) entry.content = content;
        if (facts) entry.facts = facts;
        const other =
          deflate && content && header.method === 8
            ? await notOurs(source, at, header.compressedSize, deflate)
            : undefined;
        if (other !== undefined) say(index, "canonical-bytes", other);
        if (kept && !contents.texts.has(entry.path)) contents.texts.set(entry.path, kept);
      }
    }
  };
  await Promise.all([worker(), worker()]);
}
