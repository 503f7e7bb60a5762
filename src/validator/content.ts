/** What was read of an archive or a folder: plain facts, which rules judge. Reading never throws for what was found. */
import { limits } from "../candidate/index.ts";
import type { Beginning, BinaryFacts } from "../binaries/index.ts";
import type { Platform, Product } from "../products/index.ts";
import type { Sidecars } from "./beside.ts";
import type { ChecksumLines } from "./checksums.ts";
import type { ManifestText } from "./manifest.ts";

/** What a path turned out to be; `installed` is a folder with `install-metadata.json`. */
export type ContentKind = "archive" | "folder" | "installed" | "nothing";

/** What only the reader can see, by the id of the rule that reports it. */
export interface Problem {
  rule: string;
  /** path in the archive; empty for the archive as a whole */
  entry: string;
  /** clause that follows the entry's name */
  found: string;
}

/** Fields that a ZIP states of an entry, in its directory and again before the data (APPNOTE 4.3.7, 4.3.12). */
export interface HeaderFields {
  needed: number;
  flags: number;
  method: number;
  time: number;
  date: number;
  crc: number;
  compressedSize: number;
  size: number;
  name: Buffer;
  /** length of the extra field in bytes */
  extra: number;
}

export interface CentralHeader extends HeaderFields {
  /** the bytes of the name as Latin-1: two names have the order of these texts, and ASCII is read as it is */
  latin1: string;
  madeBy: number;
  /** length of the comment in bytes */
  comment: number;
  disk: number;
  internal: number;
  external: number;
  /** of the local header, from the beginning of the file */
  offset: number;
}

export type EntryType = "file" | "folder" | "symlink" | "special";

export interface Entry {
  /** as far as it can be decoded */
  path: string;
  type: EntryType;
  /** permission bits; undefined where none are stated (an archive of another system, a folder on Windows) */
  mode?: number;
  /** bytes, as stated by an archive */
  size: number;
  header?: CentralHeader;
  /** what its bytes are; undefined when they were not read, which a problem explains */
  content?: { sha256: string; secret?: string } & Beginning;
  /** of a program or a library, all that is known of it without running it */
  facts?: BinaryFacts;
}

/** What the caller knows that the archive must be; each part on its own. */
export interface Expected {
  product?: string;
  kind?: string;
  version?: string;
  platform?: Platform;
}

export interface Content {
  /** as it was given */
  path: string;
  kind: ContentKind;
  entries: Entry[];
  problems: Problem[];
  /** undefined when there is none, or it was too large or broken to be read */
  manifest?: ManifestText;
  checksums?: ChecksumLines;
  /** text of `install-metadata.json` of an installed folder */
  installed?: string;
  /** texts of systemd units, by path */
  units: Map<string, string>;
  sidecars: Sidecars;
  /** of the archive's bytes; only where a file beside it states one */
  sha256?: string;
  /** the product that the manifest is of, where it is known */
  product?: Product;
  expected: Expected;
  /** judge as the validator did that the product had before, and nothing else */
  upstream: boolean;
}

/** Names with a meaning of their own at the top of every archive. */
export const MANIFEST = "release-manifest.json";
export const CHECKSUMS = "checksums.txt";
export const INSTALLED = "install-metadata.json";

/** Bytes up to which a file's text is kept while it is read, or undefined for files of no such meaning. */
export function keptUpTo(path: string): number | undefined {
  if (path === MANIFEST) return limits.manifest;
  if (path === CHECKSUMS) return limits.checksums;
  if (path === INSTALLED) return limits.installed;
  return path.endsWith(".service") ? limits.unit : undefined;
}

/** Counts the texts of which there may be any number. */
export class UnitCount {
  #units = 0;
  /** Whether the text of this file may be kept besides those before it. */
  admit(path: string): boolean {
    return !path.endsWith(".service") || ++this.#units <= limits.units;
  }
}
