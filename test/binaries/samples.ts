/** Programs of a few hundred bytes whose headers are whole, for each format; none of them has an instruction. */

/** A 64-bit PE program; `certificate` is put at its end as Authenticode does. */
export function peProgram({
  machine = 0x8664,
  libraries = ["KERNEL32.dll"],
  signed = false,
  dll = false,
} = {}): Buffer {
  const file = Buffer.alloc(0x400 + (signed ? 16 : 0));
  file.write("MZ", 0, "latin1");
  file.writeUInt32LE(0x80, 60);
  file.write("PE\0\0", 0x80, "latin1");
  file.writeUInt16LE(machine, 0x84);
  file.writeUInt16LE(1, 0x86); // one section
  file.writeUInt16LE(240, 0x94);
  file.writeUInt16LE(dll ? 0x2022 : 0x22, 0x96);
  const optional = 0x98;
  file.writeUInt16LE(0x20b, optional);
  file.writeUInt32LE(16, optional + 108);
  const [section, address] = [0x200, 0x1000];
  if (libraries.length > 0) file.writeUInt32LE(address, optional + 112 + 8);
  const table = optional + 240;
  file.writeUInt32LE(0x200, table + 8);
  file.writeUInt32LE(address, table + 12);
  file.writeUInt32LE(0x200, table + 16);
  file.writeUInt32LE(section, table + 20);
  let name = section + (libraries.length + 1) * 20;
  libraries.forEach((library, n) => {
    file.writeUInt32LE(name - section + address, section + n * 20 + 12);
    name += file.write(`${library}\0`, name, "latin1");
  });
  if (signed) {
    file.writeUInt32LE(0x400, optional + 112 + 32);
    file.writeUInt32LE(16, optional + 112 + 36);
    file.writeUInt32LE(16, 0x400);
    file.writeUInt16LE(0x200, 0x404);
    file.writeUInt16LE(2, 0x406);
  }
  return file;
}

/** A 64-bit Mach-O program; `seal`: none, ad-hoc, or one with a signer's bytes; `segment`: so many bytes more, in a segment with all the others. */
export function machOProgram({
  processor = 0x0100000c,
  libraries = ["/usr/lib/libSystem.B.dylib"],
  seal = "ad-hoc",
  platform = 1,
  type = 2,
  segment = 0,
} = {}): Buffer {
  const commands: Buffer[] = libraries.map((library) => {
    const command = Buffer.alloc((24 + library.length + 8) & ~7);
    command.writeUInt32LE(0xc, 0);
    command.writeUInt32LE(24, 8);
    command.write(library, 24, "latin1");
    return command;
  });
  const build = Buffer.alloc(24);
  build.writeUInt32LE(0x32, 0);
  build.writeUInt32LE(platform, 8);
  commands.push(build);
  const signature = Buffer.alloc(seal === "none" ? 0 : 128);
  const signing = Buffer.alloc(16);
  if (seal !== "none") {
    signing.writeUInt32LE(0x1d, 0);
    signing.writeUInt32LE(128, 12);
    commands.push(signing);
    signature.writeUInt32BE(0xfade0cc0, 0);
    signature.writeUInt32BE(2, 8);
    signature.writeUInt32BE(0, 12);
    signature.writeUInt32BE(0x10000, 20);
    signature.writeUInt32BE(64, 24);
    signature.writeUInt32BE(0xfade0b01, 64);
    signature.writeUInt32BE(seal === "signed" ? 60 : 8, 68);
  }
  const loaded = Buffer.alloc(72);
  if (segment > 0) {
    loaded.writeUInt32LE(0x19, 0);
    commands.push(loaded);
  }
  for (const command of commands) command.writeUInt32LE(command.length, 4);
  const body = commands.reduce((sum, c) => sum + c.length, 0);
  signing.writeUInt32LE(32 + body, 8);
  const header = Buffer.alloc(32);
  [0xfeedfacf, processor, 0, type, commands.length, body].forEach((value, n) => header.writeUInt32LE(value, n * 4));
  // Everything is loaded, as it is of a linker's programs.
  const whole = 32 + body + signature.length + segment;
  loaded.writeBigUInt64LE(BigInt(whole), 48);
  return Buffer.concat([header, ...commands, signature, Buffer.alloc(segment)]);
}

/** A universal program of these. */
export function universal(...programs: Buffer[]): Buffer {
  const head = Buffer.alloc(8 + programs.length * 20);
  head.writeUInt32BE(0xcafebabe, 0);
  head.writeUInt32BE(programs.length, 4);
  let at = head.length;
  programs.forEach((program, n) => {
    head.writeUInt32BE(program.readUInt32LE(4), 8 + n * 20);
    head.writeUInt32BE(at, 8 + n * 20 + 8);
    head.writeUInt32BE(program.length, 8 + n * 20 + 12);
    at += program.length;
  });
  return Buffer.concat([head, ...programs]);
}

/**
 * A static 64-bit ELF program: a header and one segment, of `length` bytes or as many as it takes; with `flags1` a dynamic
 * segment that states it (DT_FLAGS_1), with `sections` a table of so many empty ones at its end.
 */
export function elfProgram({ machine = 62, abi = 0, type = 2, length = 128, flags1 = -1, sections = 0 } = {}): Buffer {
  const dynamic = flags1 >= 0;
  const least = dynamic ? 64 + 2 * 56 + 32 : 128;
  const end = Math.max(length, least);
  const file = Buffer.alloc(end + sections * 64);
  Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, abi]).copy(file);
  file.writeUInt16LE(type, 16);
  file.writeUInt16LE(machine, 18);
  file.writeBigUInt64LE(64n, 32);
  file.writeUInt16LE(56, 54);
  file.writeUInt16LE(dynamic ? 2 : 1, 56);
  if (sections > 0) {
    file.writeBigUInt64LE(BigInt(end), 40);
    file.writeUInt16LE(64, 58);
    file.writeUInt16LE(sections, 60);
  }
  file.writeUInt32LE(1, 64);
  file.writeBigUInt64LE(0x400000n, 80);
  file.writeBigUInt64LE(BigInt(end), 96);
  if (dynamic) {
    const at = 64 + 2 * 56;
    file.writeUInt32LE(2, 120);
    file.writeBigUInt64LE(BigInt(at), 128);
    file.writeBigUInt64LE(32n, 152);
    file.writeBigUInt64LE(0x6ffffffbn, at);
    file.writeBigUInt64LE(BigInt(flags1), at + 8);
  }
  return file;
}

/**
 * A dynamic 64-bit ELF program, or with `shared` a library, that names what it needs, where it looks for that, and with `glibc`
 * a version of the C library's symbols; as linkers lay it out, with the dynamic segment last.
 */
export function dynamicElf({
  needed = ["libc.so.6"],
  runpath = "",
  rpath = "",
  interpreter = "/lib64/ld-linux-x86-64.so.2",
  glibc = "",
  machine = 62,
  shared = false,
} = {}): Buffer {
  const base = 0x400000;
  let texts = "\0";
  const text = (value: string): number => {
    const at = Buffer.byteLength(texts, "latin1");
    texts += `${value}\0`;
    return at;
  };
  const entries: [number, number][] = needed.map((library) => [1, text(library)]);
  if (runpath !== "") entries.push([29, text(runpath)]);
  if (rpath !== "") entries.push([15, text(rpath)]);
  const versions = Buffer.alloc(glibc === "" ? 0 : 32);
  if (glibc !== "") {
    versions.writeUInt16LE(1, 0);
    versions.writeUInt16LE(1, 2);
    versions.writeUInt32LE(text("libc.so.6"), 4);
    versions.writeUInt32LE(16, 8);
    versions.writeUInt16LE(2, 16 + 6);
    versions.writeUInt32LE(text(`GLIBC_${glibc}`), 16 + 8);
  }
  const start = 64 + 3 * 56;
  const loader = Buffer.from(shared ? "" : `${interpreter}\0`, "latin1");
  const strings = Buffer.from(texts, "latin1");
  const stringsAt = start + loader.length;
  const versionsAt = stringsAt + strings.length;
  if (glibc !== "") entries.push([0x6ffffffe, base + versionsAt], [0x6fffffff, 1]);
  entries.push([5, base + stringsAt], [10, strings.length], [0, 0]);
  const dynamicAt = versionsAt + versions.length;
  const dynamic = Buffer.alloc(entries.length * 16);
  entries.forEach(([tag, value], n) => {
    dynamic.writeBigUInt64LE(BigInt(tag), n * 16);
    dynamic.writeBigUInt64LE(BigInt(value), n * 16 + 8);
  });
  const head = Buffer.alloc(start);
  Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]).copy(head);
  head.writeUInt16LE(shared ? 3 : 2, 16);
  head.writeUInt16LE(machine, 18);
  head.writeBigUInt64LE(64n, 32);
  head.writeUInt16LE(56, 54);
  head.writeUInt16LE(3, 56);
  // A segment of type 0 is none.
  const segments = [
    [1, 0, dynamicAt + dynamic.length],
    [2, dynamicAt, dynamic.length],
    [shared ? 0 : 3, start, loader.length],
  ] as const;
  segments.forEach(([type, at, size], n) => {
    head.writeUInt32LE(type, 64 + n * 56);
    head.writeBigUInt64LE(BigInt(at), 64 + n * 56 + 8);
    head.writeBigUInt64LE(BigInt(base + at), 64 + n * 56 + 16);
    head.writeBigUInt64LE(BigInt(size), 64 + n * 56 + 32);
  });
  return Buffer.concat([head, loader, strings, versions, dynamic]);
}
