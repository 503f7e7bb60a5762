/** Reading a ZIP that may have been made to harm: nothing is extracted, and it takes bounded time and memory. */
import { limits } from "../candidate/index.ts";
import type { Bytes } from "./bytes.ts";
import { keptUpTo, UnitCount, type CentralHeader, type Entry, type EntryType, type Problem } from "./content.ts";
import { SMALL } from "./inflate-small.ts";
import { notOurs, type Deflate } from "./zip-canonical.ts";
import { groupsOf, readAll, type Wanted } from "./zip-data.ts";
import { readPlain } from "./read-plain.ts";
import { readDirectory } from "./zip-directory.ts";
import { layoutOf } from "./zip-local.ts";

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

/** Systems whose attributes hold a Unix mode: Unix and macOS (APPNOTE 4.4.2). */
const unix = [3, 19];

function typeOf(header: CentralHeader, path: string): EntryType {
  const stated = unix.includes(header.madeBy >>> 8) ? (header.external >>> 16) & 0o170000 : 0;
  if (stated === 0o120000) return "symlink";
  if (stated !== 0 && stated !== 0o100000 && stated !== 0o040000) return "special";
  return path.endsWith("/") || stated === 0o040000 || (header.external & 0x10) !== 0 ? "folder" : "file";
}

function modeOf(header: CentralHeader): { mode?: number } {
  return unix.includes(header.madeBy >>> 8) ? { mode: (header.external >>> 16) & 0o7777 } : {};
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
  /** Problems of entries, in the order of the directory whenever they are found. */
  const found: (Problem[] | undefined)[] = [];
  found.length = directory.headers.length;
  const say = (index: number, rule: string, what: string): void =>
    void (found[index] ??= []).push({ rule, entry: contents.entries[index]!.path, found: what });
  const paths = directory.headers.map((header, index) =>
    ascii.test(header.latin1)
      ? header.latin1
      : nameOf(header, (rule, what) => (found[index] ??= []).push({ rule, entry: header.latin1, found: what })),
  );
  contents.entries = directory.headers.map((header, index): Entry => {
    const path = paths[index]!;
    return { path, type: typeOf(header, path), size: header.size, header, ...modeOf(header) };
  });
  const extents = layoutOf(source, directory, say, problems);

  let claimed = 0;
  const units = new UnitCount();
  const jobs: Job[] = [];
  for (const [index, { path, type, header }] of contents.entries.entries()) {
    claimed += header!.size;
    if (claimed > limits.bytes) {
      say(index, "limit-total", `takes the unpacked size past ${limits.bytes} bytes; it and the rest were not read`);
      break;
    }
    const limit = keptUpTo(path);
    const keep = limit !== undefined && type === "file" && header!.size <= limit && units.admit(path);
    if (limit !== undefined && header!.size > limit)
      say(index, "limit-text", `has ${header!.size} bytes, more than ${limit}`);
    else if (limit !== undefined && !keep && type === "file")
      say(index, "limit-text", `is one of more than ${limits.units} systemd units`);
    const stop = refused(header!, (rule, what) => say(index, rule, what));
    const extent = extents[index];
    if (!stop && extent && (type === "file" || type === "symlink"))
      jobs.push({ index, header: header!, at: extent.data, keep });
  }
  await unpack(source, contents, jobs, say, deflate);
  for (const all of found) if (all) problems.push(...all);
  return contents;
}

interface Job extends Wanted {
  /** of the entry */
  index: number;
}

/**
 * Small entries that are plain, with a second thread, while unpacking large ones leaves this one; then all that is left. Where
 * the compressed data themselves are asked about, each is looked at.
 */
async function unpack(
  source: Bytes,
  contents: Contents,
  jobs: readonly Job[],
  say: (index: number, rule: string, found: string) => void,
  deflate: Deflate | undefined,
): Promise<void> {
  const large = jobs.filter(({ header }) => header.size > SMALL).sort((a, b) => b.header.size - a.header.size);
  const small = jobs.filter(({ header }) => header.size <= SMALL).sort((a, b) => a.at - b.at);
  const each = (groups: readonly Job[][]): Promise<void> => readEach(source, contents, groups, say, deflate);
  const largeOnes = each(large.map((job) => [job]));
  const left = source.fd === undefined || deflate ? small : await withoutPlain(source.fd, contents, small);
  await Promise.all([largeOnes, each(groupsOf(left))]);
}

/** Reads those that are plain, and answers the others. */
async function withoutPlain(fd: number, contents: Contents, small: readonly Job[]): Promise<Job[]> {
  const groups = groupsOf(small.filter(({ keep }) => !keep)).filter((group) => group.length > 1);
  const digests = await readPlain(
    fd,
    groups.map((group) =>
      group.map(({ at, header: { compressedSize, crc, size } }) => ({ at, compressedSize, crc, size })),
    ),
  );
  const done = new Set<Job>();
  for (const [n, job] of groups.flat().entries()) {
    const sha256 = digests[n];
    if (sha256 === undefined) continue;
    contents.entries[job.index]!.content = { sha256 };
    done.add(job);
  }
  return small.filter((job) => !done.has(job));
}

/** Reads groups of entries, two at a time, since unpacking them leaves this thread. */
async function readEach(
  source: Bytes,
  contents: Contents,
  groups: readonly Job[][],
  say: (index: number, rule: string, found: string) => void,
  deflate: Deflate | undefined,
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
