/** What is known of a binary without running it. */
import type { Shebang } from "./script.ts";

export type Architecture = "x64" | "arm64" | "other";

/** A versioned symbol of the C library that a program asks for: `{ version: "2.34", symbol: "__libc_start_main" }`. */
export interface GlibcNeed {
  version: string;
  /** one of the symbols of that version, null where the table of symbols does not tell */
  symbol: string | null;
}

export interface BinaryFacts {
  /** a `script` begins with the name of the program that runs it; it has no other facts */
  format: "elf" | "pe" | "mach-o" | "script" | "unknown";
  os: "linux" | "windows" | "macos" | null;
  /** several in a universal binary of macOS */
  architectures: Architecture[];
  /** the program that loads it, where it names one: `/lib64/ld-linux-x86-64.so.2` */
  interpreter: string | null;
  /** shared libraries that must be there before it starts, in its own order */
  libraries: string[];
  /** newest version of glibc's symbols that it needs; null when it needs none */
  glibc: GlibcNeed | null;
  /** `ad-hoc` is a seal without a signer, which macOS on arm64 asks of every program */
  signature: "authenticode" | "code-signature" | "ad-hoc" | null;
  /** folders in which its libraries are looked for, as it states them (`$ORIGIN/lib`): DT_RUNPATH, and DT_RPATH, which counts without the other */
  runpath: string[];
  rpath: string[];
  /** a shared library, which programs can load */
  loadable: boolean;
  /** of a universal binary of macOS, each of its parts; none of any other */
  slices: BinaryFacts[];
  /** first line of a script */
  shebang?: Shebang;
  /** why it is no program that could be started, as a clause that follows its name; null when it is one */
  fault: string | null;
}

/** All that is known of a script before its first line is read. */
export const scriptFacts: BinaryFacts = nothingKnown("script");

/** Facts to start from. */
export function nothingKnown(format: BinaryFacts["format"]): BinaryFacts {
  return {
    format,
    os: null,
    architectures: [],
    interpreter: null,
    libraries: [],
    glibc: null,
    signature: null,
    runpath: [],
    rpath: [],
    loadable: false,
    slices: [],
    fault: null,
  };
}
