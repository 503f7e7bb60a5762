/** ELF files for tests: a program that needs a library which no system has, and the machine field of a header. */

/** Offset of e_machine in an ELF header (System V ABI, figure 4-3), and the value for AArch64. */
const E_MACHINE = 18;
const EM_AARCH64 = 183;
const EM_X86_64 = 62;

/** The same bytes, said to be for AArch64. */
export function forAarch64(program: Buffer): Buffer {
  if (program.toString("latin1", 0, 4) !== "\x7fELF" || program.readUInt16LE(E_MACHINE) !== EM_X86_64)
    throw new Error("not an ELF program for x86-64");
  const copy = Buffer.from(program);
  copy.writeUInt16LE(EM_AARCH64, E_MACHINE);
  return copy;
}

/**
 * A dynamically linked program for x86-64 Linux that names `library` as needed. The loader stops before its first
 * instruction, of which it has none.
 */
export function needingLibrary(library: string): Buffer {
  const base = 0x400000;
  const interpreter = Buffer.from("/lib64/ld-linux-x86-64.so.2\0");
  const strings = Buffer.from(`\0${library}\0`);
  const at = { headers: 64, interpreter: 64 + 3 * 56, strings: 320, symbols: 0, dynamic: 0, end: 0 };
  at.symbols = (at.strings + strings.length + 7) & ~7;
  at.dynamic = at.symbols + 24;
  // DT_NEEDED, DT_STRTAB, DT_SYMTAB, DT_STRSZ, DT_SYMENT, DT_NULL
  const dynamic = [
    [1, 1],
    [5, base + at.strings],
    [6, base + at.symbols],
    [10, strings.length],
    [11, 24],
    [0, 0],
  ] as const;
  at.end = at.dynamic + dynamic.length * 16;

  const file = Buffer.alloc(at.end);
  Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]).copy(file);
  file.writeUInt16LE(2, 16); // ET_EXEC
  file.writeUInt16LE(EM_X86_64, E_MACHINE);
  file.writeUInt32LE(1, 20);
  file.writeBigUInt64LE(BigInt(base), 24);
  file.writeBigUInt64LE(64n, 32); // program headers follow
  file.writeUInt16LE(64, 52);
  file.writeUInt16LE(56, 54);
  file.writeUInt16LE(3, 56);

  const [PT_LOAD, PT_DYNAMIC, PT_INTERP] = [1, 2, 3];
  const segments = [
    [PT_INTERP, 4, at.interpreter, interpreter.length, 1],
    [PT_LOAD, 6, 0, at.end, 0x1000],
    [PT_DYNAMIC, 6, at.dynamic, dynamic.length * 16, 8],
  ] as const;
  segments.forEach(([type, flags, offset, size, align], n) => {
    const header = at.headers + n * 56;
    file.writeUInt32LE(type, header);
    file.writeUInt32LE(flags, header + 4);
    [offset, base + offset, base + offset, size, size, align].forEach((value, field) =>
      file.writeBigUInt64LE(BigInt(value), header + 8 + 8 * field),
    );
  });
  interpreter.copy(file, at.interpreter);
  strings.copy(file, at.strings);
  dynamic.forEach(([tag, value], n) => {
    file.writeBigUInt64LE(BigInt(tag), at.dynamic + 16 * n);
    file.writeBigUInt64LE(BigInt(value), at.dynamic + 16 * n + 8);
  });
  return file;
}
