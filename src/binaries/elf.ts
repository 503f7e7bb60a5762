/**
 * ELF programs, by what a loader reads: program headers and the dynamic segment, which stripping leaves alone. Format: System V
 * ABI, chapters 4 and 5; versions of symbols: Linux Standard Base, "Symbol Versioning". The parsers on npm (elfy, elfinfo,
 * elf-tools) rest since years, read whole files into memory and know no symbol versions: hence this one.
 */
import { Damaged, small, textAt, within, type Bytes } from "./bytes.ts";
import { compareLibraryVersions } from "./versions.ts";
import { nothingKnown, type Architecture, type BinaryFacts, type GlibcNeed } from "./facts.ts";

const [PT_LOAD, PT_DYNAMIC, PT_INTERP] = [1, 2, 3];
const tag = {
  needed: 1,
  strtab: 5,
  symtab: 6,
  strsz: 10,
  rpath: 15,
  runpath: 29,
  versym: 0x6ffffff0,
  flags1: 0x6ffffffb,
  verneed: 0x6ffffffe,
  verneednum: 0x6fffffff,
};
const machines: Record<number, Architecture> = { 62: "x64", 183: "arm64" };
/** EI_OSABI of Linux programs: System V, or GNU where they use its extensions. */
const linuxAbis = [0, 3];
const ET_EXEC = 2;
const ET_DYN = 3;
/** in DT_FLAGS_1 of programs that may be loaded anywhere; shared libraries are of the same type, and do not have it */
const DF_1_PIE = 0x08000000;

interface Segment {
  type: number;
  offset: number;
  address: number;
  size: number;
}

async function segmentsOf(bytes: Bytes, header: Buffer): Promise<Segment[]> {
  const [size, count] = [header.readUInt16LE(54), header.readUInt16LE(56)];
  if (count === 0) throw new Damaged("has no program headers, so that nothing can start it");
  if (size !== 56) throw new Damaged(`has program headers of ${size} bytes`);
  const table = await bytes.read(small(header.readBigUInt64LE(32), "program headers"), size * count, "program headers");
  const segments = Array.from({ length: count }, (_, n) => {
    const at = n * size;
    return {
      type: table.readUInt32LE(at),
      offset: small(table.readBigUInt64LE(at + 8), "segments"),
      address: small(table.readBigUInt64LE(at + 16), "segments"),
      size: small(table.readBigUInt64LE(at + 32), "segments"),
    };
  });
  within(
    bytes.size,
    Math.max(0, ...segments.filter(({ type }) => type === PT_LOAD).map((s) => s.offset + s.size)),
    "segments end",
  );
  // Nothing that runs needs the table of sections; where one is named, the file was written with it, at its end.
  within(
    bytes.size,
    small(header.readBigUInt64LE(40), "table of sections") + header.readUInt16LE(58) * header.readUInt16LE(60),
    "table of sections ends",
  );
  return segments;
}

/** Where in the file an address of the running program lies, and how many bytes follow there. */
function placeOf(segments: readonly Segment[], address: number, what: string): { offset: number; left: number } {
  const segment = segments.find((s) => s.type === PT_LOAD && address >= s.address && address < s.address + s.size);
  if (!segment) throw new Damaged(`has its ${what} outside what is loaded`);
  const into = address - segment.address;
  return { offset: segment.offset + into, left: segment.size - into };
}

interface Dynamic {
  segments: Segment[];
  values: Map<number, number>;
  strings: Buffer;
}

/** Versions `GLIBC_x` that are needed, by the index that symbols carry. */
async function neededVersions(bytes: Bytes, { segments, values, strings }: Dynamic): Promise<Map<number, string>> {
  const found = new Map<number, string>();
  const start = values.get(tag.verneed);
  if (start === undefined) return found;
  const { offset, left } = placeOf(segments, start, "table of needed versions");
  const table = await bytes.read(offset, Math.min(left, 1 << 20), "table of needed versions");
  const inside = (at: number): number => {
    if (at + 16 > table.length) throw new Damaged("has its table of needed versions cut off");
    return at;
  };
  let at = 0;
  for (let n = Math.min(values.get(tag.verneednum) ?? 0, 4096); n > 0; n--) {
    inside(at);
    let aux = at + table.readUInt32LE(at + 8);
    for (let m = table.readUInt16LE(at + 2); m > 0; m--) {
      inside(aux);
      const name = textAt(strings, table.readUInt32LE(aux + 8), "table of strings");
      const version = /^GLIBC_(\d+(?:\.\d+)*)$/.exec(name)?.[1];
      if (version) found.set(table.readUInt16LE(aux + 6) & 0x7fff, version);
      aux += table.readUInt32LE(aux + 12);
    }
    at += table.readUInt32LE(at + 12);
  }
  return found;
}

/** The first symbol that asks for one of these versions. */
async function symbolOf(
  bytes: Bytes,
  { segments, values, strings }: Dynamic,
  indices: ReadonlySet<number>,
): Promise<string | null> {
  const [symbols, versions, names] = [values.get(tag.symtab), values.get(tag.versym), values.get(tag.strtab)];
  // No tag counts the symbols; linkers put their names right behind them. Where one does not, no symbol is named.
  if (symbols === undefined || versions === undefined || names === undefined || names <= symbols) return null;
  const count = Math.min(Math.floor((names - symbols) / 24), 1 << 20);
  const table = await bytes.read(placeOf(segments, symbols, "symbols").offset, count * 24, "symbols");
  const indexed = await bytes.read(
    placeOf(segments, versions, "versions of symbols").offset,
    count * 2,
    "versions of symbols",
  );
  for (let n = 0; n < count; n++)
    if (indices.has(indexed.readUInt16LE(n * 2) & 0x7fff))
      return textAt(strings, table.readUInt32LE(n * 24), "table of strings");
  return null;
}

async function glibcOf(bytes: Bytes, dynamic: Dynamic): Promise<GlibcNeed | null> {
  const versions = await neededVersions(bytes, dynamic);
  const newest = [...versions.values()].sort(compareLibraryVersions).at(-1);
  if (newest === undefined) return null;
  const indices = new Set([...versions].filter(([, version]) => version === newest).map(([index]) => index));
  return { version: newest, symbol: await symbolOf(bytes, dynamic, indices) };
}

async function dynamicOf(
  bytes: Bytes,
  segments: Segment[],
): Promise<{ dynamic: Dynamic; needed: number[] } | undefined> {
  const segment = segments.find((s) => s.type === PT_DYNAMIC);
  if (!segment) return undefined;
  const table = await bytes.read(segment.offset, segment.size, "dynamic segment");
  const values = new Map<number, number>();
  const needed: number[] = [];
  for (let at = 0; at + 16 <= table.length; at += 16) {
    const [key, value] = [table.readBigInt64LE(at), table.readBigUInt64LE(at + 8)];
    if (key === 0n) break;
    if (key === BigInt(tag.needed)) needed.push(small(value, "names of libraries"));
    else if (value < 1n << 52n) values.set(Number(key), Number(value));
  }
  const at = values.get(tag.strtab);
  if (at === undefined) return { dynamic: { segments, values, strings: Buffer.alloc(0) }, needed };
  const strings = await bytes.read(
    placeOf(segments, at, "table of strings").offset,
    values.get(tag.strsz) ?? 0,
    "table of strings",
  );
  return { dynamic: { segments, values, strings }, needed };
}

/** Facts of a file that begins with ELF's magic number. @throws Damaged when it is not as it says. */
export async function readElf(bytes: Bytes): Promise<BinaryFacts> {
  const header = await bytes.read(0, Math.min(bytes.size, 64), "header");
  const facts: BinaryFacts = { ...nothingKnown("elf"), architectures: ["other"] };
  if (header.length < 64) throw new Damaged("ends in its header");
  // 32-bit and big-endian programs are for none of the platforms there are.
  if (header[4] !== 2 || header[5] !== 1) return facts;
  facts.architectures = [machines[header.readUInt16LE(18)] ?? "other"];
  if (linuxAbis.includes(header[7]!)) facts.os = "linux";
  const type = header.readUInt16LE(16);
  if (type !== ET_EXEC && type !== ET_DYN) throw new Damaged("is an object or a core dump, not a program");
  const segments = await segmentsOf(bytes, header);
  const interpreter = segments.find((s) => s.type === PT_INTERP);
  if (interpreter)
    facts.interpreter = textAt(
      await bytes.read(interpreter.offset, Math.min(interpreter.size, 4096), "interpreter"),
      0,
      "interpreter",
    );
  const found = await dynamicOf(bytes, segments);
  if (found) {
    facts.libraries = found.needed.map((at) => textAt(found.dynamic.strings, at, "table of strings"));
    facts.glibc = await glibcOf(bytes, found.dynamic);
    const folders = (key: number): string[] => {
      const at = found.dynamic.values.get(key);
      return at === undefined
        ? []
        : textAt(found.dynamic.strings, at, "table of strings")
            .split(":")
            .filter((folder) => folder !== "");
    };
    facts.runpath = folders(tag.runpath);
    facts.rpath = folders(tag.rpath);
  }
  facts.loadable = type === ET_DYN && !((found?.dynamic.values.get(tag.flags1) ?? 0) & DF_1_PIE);
  if (facts.loadable && !interpreter) facts.fault = "is a shared library, not a program";
  return facts;
}
