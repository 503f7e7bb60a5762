/** For which system a program was built, from the first bytes of its file; nothing more is read of it here. */
import { shebangOf, type Shebang } from "./script.ts";

export interface HeaderFacts {
  format: "ELF" | "PE" | "Mach-O";
  os: "linux" | "windows" | "macos" | "another system";
  /** as in a platform's name, or the format's own number for another one; several in a universal Mach-O */
  architectures: string[];
}

/** Bytes of a file's beginning that are enough: a PE header lies behind a DOS program of some hundred bytes. */
export const HEAD = 4096;

// System V ABI e_machine, PE Machine, Mach-O cputype.
const elf: Record<number, string> = { 62: "x64", 183: "arm64" };
const pe: Record<number, string> = { 0x8664: "x64", 0xaa64: "arm64" };
const macho: Record<number, string> = { 0x01000007: "x64", 0x0100000c: "arm64" };
const named = (table: Record<number, string>, value: number): string => table[value] ?? `0x${value.toString(16)}`;

/** What a file's beginning says of it: nothing for what nobody can run. */
export interface Beginning {
  /** where it is a program of a format that is known */
  binary?: HeaderFacts;
  /** where it is text that names its interpreter in the first line */
  script?: Shebang;
}

/** `head` is the file's beginning, {@link HEAD} bytes or all of it. */
export function beginningOf(head: Buffer): Beginning {
  const binary = headerFacts(head);
  const script = shebangOf(head);
  return { ...(binary && { binary }), ...(script && { script }) };
}

function headerFacts(head: Buffer): HeaderFacts | undefined {
  if (head.length < 20) return undefined;
  const magic = head.readUInt32BE(0);
  if (magic === 0x7f454c46) {
    const machine = head[5] === 2 ? head.readUInt16BE(18) : head.readUInt16LE(18);
    // EI_OSABI: System V, or GNU where a program uses its extensions.
    return {
      format: "ELF",
      os: head[7] === 0 || head[7] === 3 ? "linux" : "another system",
      architectures: [named(elf, machine)],
    };
  }
  if (magic === 0xcffaedfe || magic === 0xcefaedfe)
    return { format: "Mach-O", os: "macos", architectures: [named(macho, head.readUInt32LE(4))] };
  if (magic === 0xcafebabe) {
    // A Java class begins alike, and has its version where a universal binary has its few architectures.
    const count = head.readUInt32BE(4);
    if (count === 0 || count > 8 || head.length < 8 + 20 * count) return undefined;
    return {
      format: "Mach-O",
      os: "macos",
      architectures: Array.from({ length: count }, (_, n) => named(macho, head.readUInt32BE(8 + 20 * n))),
    };
  }
  if (head.readUInt16BE(0) === 0x4d5a && head.length >= 64) {
    const at = head.readUInt32LE(60);
    if (at + 6 > head.length || head.readUInt32BE(at) !== 0x50450000) return undefined;
    return { format: "PE", os: "windows", architectures: [named(pe, head.readUInt16LE(at + 4))] };
  }
  return undefined;
}
