/** archiver with our ZIP module: set as archiver's own formats set theirs, each in a class of its own. */
import { once } from "node:events";
import type { Readable } from "node:stream";
import { Archiver } from "archiver";
import { ZipModule, type PackedEntry } from "./zip-module.ts";

/** A ZIP as a readable stream. */
export class ZipArchive extends Archiver {
  /** names that archiver's formats go by; its types leave them out */
  declare private _module: ZipModule;
  declare private _modulePipe: () => void;

  constructor() {
    super({ highWaterMark: 1 << 20 });
    this._module = new ZipModule();
    this._modulePipe();
  }

  /** Appends an entry, and returns when its contents have been read, so that no more are held than are being packed. */
  async add(contents: Buffer | Readable, entry: PackedEntry): Promise<void> {
    if (this.destroyed) throw this.errored ?? new Error("The archive was given up.");
    // archiver passes a stream's contents on, and not its error.
    if (!Buffer.isBuffer(contents)) contents.once("error", (e) => this.fail(e));
    const taken = once(this, "entry") as Promise<[PackedEntry]>;
    this.append(contents, entry);
    try {
      const [{ name }] = await taken;
      if (name !== entry.name) throw new Error(`archiver packed ${entry.name} as ${name}, and must not rename it.`);
    } finally {
      if (!Buffer.isBuffer(contents)) contents.destroy();
    }
  }

  /** Ends the archive with an error, which its reader gets. */
  fail(error: Error): void {
    this._module.destroy(error);
  }
}
