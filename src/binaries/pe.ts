/**
 * PE programs of Windows: machine, imported libraries, and whether an Authenticode signature is there (not whether it holds:
 * that takes Windows' own roots). Format: Microsoft's "PE Format". pe-library, the kept one on npm, parses whole files in
 * memory and has no imports; what is needed here is less.
 */
import { Damaged, textAt, within, type Bytes } from "./bytes.ts";
import { nothingKnown, type Architecture, type BinaryFacts } from "./facts.ts";

const machines: Record<number, Architecture> = { 0x8664: "x64", 0xaa64: "arm64" };
const EXECUTABLE_IMAGE = 2;
const DLL = 0x2000;
const PE32_PLUS = 0x20b;
const WIN_CERT_TYPE_PKCS_SIGNED_DATA = 2;
/** More libraries than any program imports. */
const MOST_IMPORTS = 1024;

async function importsOf(bytes: Bytes, sections: Buffer, address: number): Promise<string[]> {
  const place = (virtual: number, what: string): { offset: number; left: number } => {
    for (let at = 0; at < sections.length; at += 40) {
      const [start, size, offset] = [
        sections.readUInt32LE(at + 12),
        sections.readUInt32LE(at + 16),
        sections.readUInt32LE(at + 20),
      ];
      if (virtual >= start && virtual < start + size)
        return { offset: offset + virtual - start, left: size - (virtual - start) };
    }
    throw new Damaged(`has its ${what} outside its sections`);
  };
  const table = place(address, "table of imports");
  const names: string[] = [];
  for (let n = 0; n < MOST_IMPORTS; n++) {
    const entry = await bytes.read(table.offset + n * 20, 20, "table of imports");
    const name = entry.readUInt32LE(12);
    if (name === 0) return names;
    const { offset, left } = place(name, "names of imports");
    names.push(
      textAt(
        await bytes.read(offset, Math.min(left, 260, bytes.size - offset), "names of imports"),
        0,
        "names of imports",
      ),
    );
  }
  throw new Damaged(`imports more than ${MOST_IMPORTS} libraries`);
}

/** Facts of a file that begins with `MZ`. @throws Damaged when it is not as it says. */
export async function readPe(bytes: Bytes): Promise<BinaryFacts> {
  const start = (await bytes.read(0, 64, "header")).readUInt32LE(60);
  const header = await bytes.read(start, 24, "PE header");
  if (header.toString("latin1", 0, 4) !== "PE\0\0") throw new Damaged("is a program of DOS");
  const facts: BinaryFacts = {
    ...nothingKnown("pe"),
    os: "windows",
    architectures: [machines[header.readUInt16LE(4)] ?? "other"],
  };
  const traits = header.readUInt16LE(22);
  if (!(traits & EXECUTABLE_IMAGE) || traits & DLL) throw new Damaged("is a library or an object, not a program");
  const optionalSize = header.readUInt16LE(20);
  const optional = await bytes.read(start + 24, optionalSize, "optional header");
  // 32-bit programs are for none of the platforms there are.
  if (optionalSize < 112 || optional.readUInt16LE(0) !== PE32_PLUS) return facts;
  const directory = (n: number): { address: number; size: number } => {
    const at = 112 + n * 8;
    return n < optional.readUInt32LE(108) && at + 8 <= optional.length
      ? { address: optional.readUInt32LE(at), size: optional.readUInt32LE(at + 4) }
      : { address: 0, size: 0 };
  };
  const sections = await bytes.read(start + 24 + optionalSize, header.readUInt16LE(6) * 40, "table of sections");
  for (let at = 0; at < sections.length; at += 40) {
    const size = sections.readUInt32LE(at + 16);
    if (size > 0) within(bytes.size, sections.readUInt32LE(at + 20) + size, "sections end");
  }
  const imports = directory(1);
  if (imports.address !== 0) facts.libraries = await importsOf(bytes, sections, imports.address);
  const certificates = directory(4);
  if (certificates.size >= 8) {
    const certificate = await bytes.read(certificates.address, 8, "certificates");
    if (
      certificate.readUInt32LE(0) <= certificates.size &&
      certificate.readUInt16LE(6) === WIN_CERT_TYPE_PKCS_SIGNED_DATA
    )
      facts.signature = "authenticode";
  }
  return facts;
}
