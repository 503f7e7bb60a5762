/** Which entries are read together: small ones that lie near each other, in one go. */
import type { CentralHeader } from "./content.ts";

/** An entry whose data are to be read. */
export interface Wanted {
  header: CentralHeader;
  /** where its data lie */
  at: number;
  /** whether its bytes are asked for */
  keep: boolean;
}

/** Entries up to this many bytes are read together, and as many of them as lie within a few times that. */
const TINY = 64 << 10;
const TOGETHER = 128 << 10;

/** Whether an entry is read together with others. */
export function isTiny({ method, compressedSize, size }: CentralHeader): boolean {
  return method !== 0 && compressedSize <= TINY && size <= TINY;
}

/** Tells which entries begin a group, one after the other in the order of their data. */
export class Grouping {
  #begin: number | undefined;
  #size = 0;
  /** Whether the entry at `at` is no longer read together with the one before it. */
  isFirst(at: number, header: CentralHeader): boolean {
    const tiny = isTiny(header);
    this.#size += header.size;
    const end = at + header.compressedSize;
    if (tiny && this.#begin !== undefined && this.#size <= 2 * TOGETHER && end - this.#begin <= TOGETHER) return false;
    this.#begin = tiny ? at : undefined;
    this.#size = header.size;
    return true;
  }
}

/** Entries in the order of their data, those together that are read at once. */
export function groupsOf<T extends Wanted>(all: readonly T[]): T[][] {
  const groups: T[][] = [];
  const grouping = new Grouping();
  for (const wanted of all)
    if (grouping.isFirst(wanted.at, wanted.header)) groups.push([wanted]);
    else groups.at(-1)!.push(wanted);
  return groups;
}
