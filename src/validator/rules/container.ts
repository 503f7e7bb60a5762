/** Rules about the ZIP as a whole: one archive in these bytes, whichever reader looks, and no more work than was bargained for. */
import { limits } from "../../candidate/index.ts";
import { archives, everything, readerRule, type Rule } from "../rule.ts";

const anew = "pack it again with `greenlight`, and transfer it as binary data";

export const containerRules: Rule[] = [
  readerRule({
    id: "path-exists",
    title: "The path is a file or a folder that can be read",
    protects: "from taking silence for a verdict",
    remedy: "name an archive, an unpacked folder or an installed folder",
    of: everything,
    upstream: 1,
  }),
  readerRule({
    id: "readable",
    title: "Every file of a folder can be read",
    protects: "from judging a part for the whole",
    remedy: "make it readable for the user who validates",
    of: ["folder", "installed"],
  }),
  readerRule({
    id: "zip-end",
    title: "The archive has a whole end record",
    protects: "from archives that were cut short",
    remedy: anew,
    of: archives,
  }),
  readerRule({
    id: "zip-disks",
    title: "The archive is on one disk, and its two counts of entries agree",
    protects: "from readers that go by one count or the other",
    remedy: anew,
    of: archives,
  }),
  readerRule({
    id: "zip64",
    title: "The archive has no ZIP64 records, which none of its permitted size needs",
    protects: "from readers that go by the one or the other statement of size, count and place",
    remedy: anew,
    of: archives,
  }),
  readerRule({
    id: "directory-place",
    title: "The directory ends where the end record begins",
    protects: "from readers that find another directory than the one that was looked at",
    remedy: anew,
    of: archives,
  }),
  readerRule({
    id: "directory-count",
    title: "The directory lists as many entries as the end record says, and nothing else",
    protects: "from entries that some readers see and others do not",
    remedy: anew,
    of: archives,
  }),
  readerRule({
    id: "prepended-bytes",
    title: "Nothing stands before the first entry",
    protects: "from programs and other archives hidden in front",
    remedy: anew,
    of: archives,
  }),
  readerRule({
    id: "trailing-bytes",
    title: "Nothing stands behind the end",
    protects: "from a second archive hidden behind the first",
    remedy: anew,
    of: archives,
  }),
  readerRule({
    id: "archive-comment",
    title: "The archive has no comment",
    protects: "from an end record hidden in a comment",
    remedy: anew,
    of: archives,
  }),
  readerRule({
    id: "hidden-bytes",
    title: "Every byte belongs to an entry or to the directory",
    protects: "from entries that are in the bytes and not in the directory",
    remedy: anew,
    of: archives,
  }),
  readerRule({
    id: "overlap",
    title: "No byte belongs to two entries",
    protects: "from bombs that unpack the same bytes again and again",
    remedy: "do not unpack it; get the archive from its publisher",
    of: archives,
  }),
  readerRule({
    id: "limit-entries",
    title: `There are at most ${limits.entries} entries, in a directory of at most ${limits.directory >> 20} MiB`,
    protects: "from using up memory and file system",
    remedy: "do not unpack it; pack fewer files",
    of: everything,
  }),
  readerRule({
    id: "limit-total",
    title: "Everything together unpacks to at most 4 GiB",
    protects: "from filling a disk",
    remedy: "do not unpack it; pack less",
    of: everything,
  }),
  readerRule({
    id: "limit-ratio",
    title: `No entry past 1 MiB unpacks to more than ${limits.ratio} times its size`,
    protects: "from bombs",
    remedy: "do not unpack it; get the archive from its publisher",
    of: archives,
  }),
  readerRule({
    id: "limit-text",
    title: `The manifest has at most ${limits.manifest >> 10} KiB, checksums.txt ${limits.checksums >> 20} MiB, install-metadata.json ${limits.installed >> 20} MiB; there are at most ${limits.units} systemd units of ${limits.unit >> 10} KiB`,
    protects: "from texts that are too large to be held in memory",
    remedy: anew,
    of: everything,
  }),
];
