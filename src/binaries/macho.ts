/**
 * Mach-O programs of macOS, also universal ones: processors, libraries, and what kind of code signature is there (not whether
 * it holds). Formats: Apple's mach-o/loader.h, mach-o/fat.h, and cs_blobs.h of xnu. The npm parsers (macho, fatmacho) rest
 * since years and read whole files.
 */
import { Damaged, small, textAt, within, type Bytes } from "./bytes.ts";
import { nothingKnown, type Architecture, type BinaryFacts } from "./facts.ts";

const MAGIC_64 = 0xfeedfacf;
const MAGIC_FAT = 0xcafebabe;
const processors: Record<number, Architecture> = { 0x01000007: "x64", 0x0100000c: "arm64" };
const MH_EXECUTE = 2;
const LC_SEGMENT_64 = 0x19;
const LC_LOAD_DYLIB = 0xc;
const LC_REEXPORT_DYLIB = 0x8000001f;
const LC_CODE_SIGNATURE = 0x1d;
const LC_LOAD_DYLINKER = 0xe;
const LC_VERSION_MIN_MACOSX = 0x24;
const LC_BUILD_VERSION = 0x32;
const PLATFORM_MACOS = 1;
const CSMAGIC_EMBEDDED_SIGNATURE = 0xfade0cc0;
const CSSLOT_SIGNATURE = 0x10000;

async function signatureAt(bytes: Bytes, offset: number, size: number): Promise<BinaryFacts["signature"]> {
  const head = await bytes.read(offset, Math.min(size, 12), "code signature");
  if (head.length < 12 || head.readUInt32BE(0) !== CSMAGIC_EMBEDDED_SIGNATURE)
    throw new Damaged("has something else in the place of its code signature");
  const count = head.readUInt32BE(8);
  if (count > 64) throw new Damaged(`has a code signature of ${count} parts`);
  const index = await bytes.read(offset + 12, count * 8, "code signature");
  for (let n = 0; n < count; n++) {
    if (index.readUInt32BE(n * 8) !== CSSLOT_SIGNATURE) continue;
    // An empty wrapper (a header of 8 bytes) is what ad-hoc signing leaves here.
    const length = (await bytes.read(offset + index.readUInt32BE(n * 8 + 4), 8, "code signature")).readUInt32BE(4);
    if (length > 8) return "code-signature";
  }
  return "ad-hoc";
}

async function readOne(bytes: Bytes, base: number, end: number): Promise<BinaryFacts> {
  const header = await bytes.read(base, 32, "header");
  const facts: BinaryFacts = { ...nothingKnown("mach-o"), architectures: ["other"] };
  // 32-bit and big-endian programs run on no macOS of today.
  if (header.readUInt32LE(0) !== MAGIC_64) return facts;
  facts.architectures = [processors[header.readUInt32LE(4)] ?? "other"];
  if (header.readUInt32LE(12) !== MH_EXECUTE) throw new Damaged("is a library or an object, not a program");
  const commands = await bytes.read(base + 32, header.readUInt32LE(20), "load commands");
  let platform: number | undefined;
  let at = 0;
  for (let n = header.readUInt32LE(16); n > 0; n--) {
    if (at + 8 > commands.length) throw new Damaged("has its load commands cut off");
    const [kind, size] = [commands.readUInt32LE(at), commands.readUInt32LE(at + 4)];
    if (size < 8 || at + size > commands.length) throw new Damaged("has its load commands cut off");
    const command = commands.subarray(at, at + size);
    const field = (offset: number): number => {
      if (offset + 4 > size) throw new Damaged("has a load command that is too short");
      return command.readUInt32LE(offset);
    };
    if (kind === LC_LOAD_DYLIB || kind === LC_REEXPORT_DYLIB)
      facts.libraries.push(textAt(command, field(8), "load commands"));
    else if (kind === LC_LOAD_DYLINKER) facts.interpreter = textAt(command, field(8), "load commands");
    else if (kind === LC_BUILD_VERSION) platform = field(8);
    else if (kind === LC_VERSION_MIN_MACOSX) platform = PLATFORM_MACOS;
    else if (kind === LC_SEGMENT_64) {
      if (size < 72) throw new Damaged("has a load command that is too short");
      within(
        end,
        base + small(command.readBigUInt64LE(40), "segments") + small(command.readBigUInt64LE(48), "segments"),
        "segments end",
      );
    } else if (kind === LC_CODE_SIGNATURE) facts.signature = await signatureAt(bytes, base + field(8), field(12));
    at += size;
  }
  // Old linkers state no system; iOS and the others state theirs.
  facts.os = platform === undefined || platform === PLATFORM_MACOS ? "macos" : null;
  return facts;
}

/** Facts of a file that begins with a magic number of Mach-O. @throws Damaged when it is not as it says. */
export async function readMachO(bytes: Bytes): Promise<BinaryFacts> {
  const head = await bytes.read(0, 8, "header");
  if (head.readUInt32BE(0) !== MAGIC_FAT) return readOne(bytes, 0, bytes.size);
  const count = head.readUInt32BE(4);
  const table = await bytes.read(8, count * 20, "list of processors");
  const slices: BinaryFacts[] = [];
  for (let n = 0; n < count; n++) {
    const [processor, offset, size] = [
      table.readUInt32BE(n * 20),
      table.readUInt32BE(n * 20 + 8),
      table.readUInt32BE(n * 20 + 12),
    ];
    within(bytes.size, offset + size, `part for processor ${n + 1} ends`);
    slices.push(await readSlice(bytes, processors[processor] ?? "other", offset, offset + size));
  }
  const [first] = slices;
  if (!first) throw new Damaged("is for no processor");
  return {
    ...nothingKnown("mach-o"),
    architectures: slices.flatMap((s) => s.architectures),
    os: slices.some((s) => s.os === "macos") ? "macos" : null,
    slices,
  };
}

/** One part of a universal binary, which macOS chooses by what the list says of it, and then holds against it. */
async function readSlice(bytes: Bytes, listed: Architecture, start: number, end: number): Promise<BinaryFacts> {
  try {
    const facts = await readOne(bytes, start, end);
    const [own = "other"] = facts.architectures;
    if (own === listed) return facts;
    return {
      ...facts,
      architectures: [listed],
      fault: `has a part that is listed for ${listed} and is for ${own === "other" ? "another processor" : own}`,
    };
  } catch (e) {
    if (!(e instanceof Damaged) && !(e instanceof RangeError)) throw e;
    return {
      ...nothingKnown("mach-o"),
      os: "macos",
      architectures: [listed],
      fault: e instanceof Damaged ? e.message : "has headers that do not fit together",
    };
  }
}

/** Whether these first bytes are those of a Mach-O file; Java's classes begin like universal ones, with a version from 45 on. */
export function isMachO(head: Buffer): boolean {
  if (head.length < 8) return false;
  const big = head.readUInt32BE(0);
  return (
    head.readUInt32LE(0) === MAGIC_64 ||
    head.readUInt32LE(0) === 0xfeedface ||
    (big === MAGIC_FAT && head.readUInt32BE(4) < 40)
  );
}
