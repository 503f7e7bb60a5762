/** Archives: deterministic ZIPs of a candidate's files with manifest and checksums, written, read back and validated. */
export { archivePaths, packArchive } from "./pack.ts";
export type { PackedArchive, PackTask } from "./pack.ts";
export { deflateAsWritten } from "./deflate.ts";
export { OWN_DIALECT, zlibDialect } from "./dialect.ts";
export { packEntries } from "./zip-writer.ts";
export type { EntryData, ZipEntry } from "./zip-writer.ts";
export { inspectArchive, validateArchive } from "./validate.ts";
export type { Expectation, Inspection } from "./validate.ts";
export { BinaryVersionsSchema } from "./binary-versions.ts";
