/** Rules about each entry of a ZIP: its header, its data, and the form that our writer gives them. */
import type { CentralHeader, Content, Entry } from "../content.ts";
import { archives, ofEach, readerRule, type Found, type Rule } from "../rule.ts";

const anew = "pack it again with `greenlight`";

const none: readonly string[] = [];

/** What differs from the one form that our writer gives to headers. */
function formFaults({
  madeBy,
  needed,
  method,
  flags,
  internal,
  external,
  disk,
  latin1,
}: CentralHeader): readonly string[] {
  // Of nearly every entry, nothing more is asked.
  const usual =
    madeBy === 0x032d && needed === 20 && method === 8 && internal === 0 && (external & 0xffff) === 0x20 && disk === 0;
  const utf8 = /[^\0-\x7f]/.test(latin1) ? 0x800 : 0;
  if (usual && flags === (8 | utf8)) return none;
  const expected: [what: string, found: number, wanted: number][] = [
    ["the version made by", madeBy, 0x032d],
    ["the version needed", needed, 20],
    // Encryption has a rule of its own.
    // What is neither stored nor deflated has a rule of its own.
    ["the method", method === 0 ? 0 : 8, 8],
    ["the flags", flags & ~0x2041, 8 | utf8],
    ["the internal attributes", internal, 0],
    ["the DOS attributes", external & 0xffff, 0x20],
    ["the disk", disk, 0],
  ];
  return expected.flatMap(([what, found, wanted]) =>
    found === wanted ? [] : [`has ${what} 0x${found.toString(16)} where our writer has 0x${wanted.toString(16)}`],
  );
}

/** DOS date and time in one number, and as text. */
function stampOf({ date, time }: CentralHeader): number {
  return date * 0x10000 + time;
}
/** The nearest time that our writer states: from 1980 on, when DOS begins, and before 2044. */
function dosStamp(said: Date): number {
  const when = new Date(Math.min(Math.max(said.getTime(), Date.UTC(1980, 0, 1)), Date.UTC(2043, 11, 31, 23, 59, 58)));
  const year = when.getUTCFullYear();
  const date = ((year - 1980) << 9) | ((when.getUTCMonth() + 1) << 5) | when.getUTCDate();
  const time = (when.getUTCHours() << 11) | (when.getUTCMinutes() << 5) | (when.getUTCSeconds() >> 1);
  return date * 0x10000 + time;
}
function shownStamp(stamp: number): string {
  const [date, time] = [Math.floor(stamp / 0x10000), stamp & 0xffff];
  const two = (n: number): string => String(n).padStart(2, "0");
  return `${1980 + (date >> 9)}-${two((date >> 5) & 15)}-${two(date & 31)} ${two(time >> 11)}:${two((time >> 5) & 63)}:${two((time & 31) * 2)}`;
}

function dateFaults({ entries, manifest }: Content): Found[] {
  const said = manifest?.value && new Date(manifest.value.generated_at_utc.replace(/(\.\d{3})\d*Z$/, "$1Z"));
  const first = entries[0]?.header;
  const wanted = said && !Number.isNaN(said.getTime()) ? dosStamp(said) : first && stampOf(first);
  return ofEach(entries, ({ header }) => {
    const found = stampOf(header!);
    return found === wanted
      ? undefined
      : `is dated ${shownStamp(found)}, and the archive's date is ${shownStamp(wanted ?? 0)} UTC`;
  });
}

function orderFaults({ entries, problems }: Content): Found[] {
  // Where an entry really lies is not known when its local header is not its own.
  const lost = new Set(problems.filter(({ rule }) => rule === "local-header").map(({ entry }) => entry));
  const all: Found[] = [];
  for (let index = 1; index < entries.length; index++) misplaced(entries[index - 1]!, entries[index]!, lost, all);
  return all;
}

function misplaced(before: Entry, entry: Entry, lost: ReadonlySet<string>, all: Found[]): void {
  if (before.header!.latin1 > entry.header!.latin1)
    all.push({ entry: entry.path, found: `stands behind ${before.path}, and belongs before it` });
  else if (before.header!.offset > entry.header!.offset && !lost.has(before.path) && !lost.has(entry.path))
    all.push({
      entry: entry.path,
      found: `has its data before that of ${before.path}, and its place in the directory behind it`,
    });
}

export const entryRules: Rule[] = [
  readerRule({
    id: "local-header",
    title: "Each entry says the same of itself in the directory and before its data",
    protects: "from readers that unpack other names, sizes or contents than those that were looked at",
    remedy: anew,
    of: archives,
  }),
  readerRule({
    id: "data-descriptor",
    title: "What stands behind an entry's data repeats the directory",
    protects: "from readers that go through the archive without its directory",
    remedy: anew,
    of: archives,
  }),
  readerRule({
    id: "encrypted",
    title: "No entry is encrypted",
    protects: "from contents that nobody can look at",
    remedy: "pack it without a password",
    of: archives,
  }),
  readerRule({
    id: "method",
    title: "Entries are stored or deflated",
    protects: "from archives that common readers cannot unpack",
    remedy: anew,
    of: archives,
  }),
  readerRule({
    id: "deflate",
    title: "Compressed data is whole, and ends where it says",
    protects: "from bytes hidden in compressed data, and from readers that give up",
    remedy: anew,
    of: archives,
  }),
  readerRule({
    id: "declared-size",
    title: "Each entry unpacks to the size that it states",
    protects: "from bombs, and from contents that were cut",
    remedy: "do not unpack it; get the archive from its publisher",
    of: archives,
  }),
  readerRule({
    id: "crc",
    title: "Each entry has the CRC-32 that it states",
    protects: "from damage on the way",
    remedy: "get the archive again from its publisher",
    of: archives,
  }),
  {
    id: "extra-field",
    title: "Entries have no extra fields",
    protects: "from other names, sizes, owners and times than the header's",
    remedy: anew,
    of: archives,
    find: ({ entries, problems }) => [
      ...problems.filter(({ rule }) => rule === "extra-field").map(({ entry, found }) => ({ entry, found })),
      ...ofEach(entries, ({ header }) =>
        header!.extra > 0 ? `has an extra field of ${header!.extra} bytes in the directory` : undefined,
      ),
    ],
  },
  {
    id: "entry-comment",
    title: "Entries have no comments",
    protects: "from bytes that no digest in the archive covers",
    remedy: anew,
    of: archives,
    find: ({ entries }) =>
      ofEach(entries, ({ header }) => (header!.comment > 0 ? `has a comment of ${header!.comment} bytes` : undefined)),
  },
  {
    id: "header-form",
    title: "Headers are as our writer makes them, and entries are deflated",
    protects: "the promise that equal contents are equal bytes",
    remedy: anew,
    of: archives,
    find: ({ entries }) =>
      ofEach(entries, ({ header }) => {
        const faults = formFaults(header!);
        return faults.length === 0 ? undefined : faults.join(", ");
      }),
  },
  readerRule({
    id: "canonical-bytes",
    title: "Compressed data are those that our writer makes of the contents (asked with `--canonical` only)",
    protects:
      "from data hidden in the choices that compressing leaves open, and the promise that equal contents are equal bytes",
    remedy: anew,
    of: archives,
  }),
  {
    id: "entry-date",
    title: "Every entry has the manifest's date, in UTC and even seconds",
    protects: "the promise that equal contents are equal bytes, whenever they are packed",
    remedy: anew,
    of: archives,
    find: dateFaults,
  },
  {
    id: "entry-order",
    title: "Entries are sorted by the bytes of their names, in the directory and in the file",
    protects: "the promise that equal contents are equal bytes",
    remedy: anew,
    of: archives,
    find: orderFaults,
  },
];
