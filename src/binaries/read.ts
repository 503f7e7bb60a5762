/** A binary's facts, whatever its format, without a byte of it being run. */
import { readHead } from "../storage/small-files.ts";
import { Damaged, withBytes, type Bytes } from "./bytes.ts";
import { readElf } from "./elf.ts";
import { nothingKnown, type BinaryFacts } from "./facts.ts";
import { beginningOf, HEAD, type Beginning } from "./header.ts";
import { isMachO, readMachO } from "./macho.ts";
import { shebangOf } from "./script.ts";
import { readPe } from "./pe.ts";

async function read(bytes: Bytes): Promise<BinaryFacts> {
  const head = await bytes.read(0, Math.min(bytes.size, HEAD), "beginning");
  const text = head.toString("latin1", 0, 4);
  if (text.startsWith("\x7fELF")) return attempt("elf", () => readElf(bytes));
  if (text.startsWith("MZ")) return attempt("pe", () => readPe(bytes));
  if (isMachO(head)) return attempt("mach-o", () => readMachO(bytes));
  const shebang = shebangOf(head);
  if (shebang) return { ...nothingKnown("script"), shebang };
  return {
    ...nothingKnown("unknown"),
    fault: head.length === 0 ? "is empty" : "is no program of Linux, Windows or macOS",
  };
}

async function attempt(format: BinaryFacts["format"], parse: () => Promise<BinaryFacts>): Promise<BinaryFacts> {
  try {
    return await parse();
  } catch (e) {
    if (e instanceof Damaged || e instanceof RangeError)
      return {
        ...nothingKnown(format),
        fault: e instanceof Damaged ? e.message : "has headers that do not fit together",
      };
    throw e;
  }
}

/** Facts of the file. Never throws for what it is; `fault` says what is wrong. @throws the file system's error when it cannot be read. */
export function readBinary(file: string | Buffer): Promise<BinaryFacts> {
  return withBytes(file, read);
}

/** The same of bytes that lie anywhere. @throws what reading them throws */
export function readBinaryFrom(bytes: Bytes): Promise<BinaryFacts> {
  return read(bytes);
}

/** What the first bytes of the file say, for files of which no more is asked. @throws the file system's error when it cannot be read. */
export function readBeginning(file: string): Beginning {
  return beginningOf(readHead(file, HEAD));
}
