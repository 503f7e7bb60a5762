/** Reading an unpacked or installed folder: the same facts as of an archive, without following a link. */
import { createHash } from "node:crypto";
import { lstat, open, readdir, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { limits } from "../candidate/index.ts";
import { SecretScan } from "../secret-search/index.ts";
import { beginningOf, HEAD, readBinary } from "../binaries/index.ts";
import { INSTALLED, keptUpTo, UnitCount, type Entry } from "./content.ts";
import type { Contents } from "./zip.ts";

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

interface Place {
  entry: Entry;
  /** path for the file system: names that are not UTF-8 must reach it as they are */
  at: Buffer;
}

/** Everything below `folder`, folders themselves left out, sorted. Stops at the limit of entries. */
async function list(folder: string, contents: Contents): Promise<Place[]> {
  const places: Place[] = [];
  const say = (rule: string, entry: string, found: string): void => void contents.problems.push({ rule, entry, found });
  const walk = async (at: Buffer, prefix: string): Promise<void> => {
    const names = await readdir(at, { encoding: "buffer" }).catch(
      (e: NodeJS.ErrnoException) => (say("readable", prefix, `cannot be listed (${e.code})`), []),
    );
    for (const raw of names.sort(Buffer.compare)) {
      if (places.length > limits.entries) return;
      let path = prefix + raw.toString("latin1");
      try {
        path = prefix + utf8.decode(raw);
      } catch {
        say("name-encoding", path, "has a name that is not valid UTF-8");
      }
      const place = Buffer.concat([at, Buffer.from("/"), raw]);
      const stat = await lstat(place).catch(() => undefined);
      if (!stat) say("readable", path, "cannot be looked at");
      else if (stat.isDirectory()) await walk(place, `${path}/`);
      else {
        const type = stat.isFile() ? "file" : stat.isSymbolicLink() ? "symlink" : "special";
        places.push({
          at: place,
          entry: { path, type, size: stat.size, ...(process.platform !== "win32" && { mode: stat.mode & 0o7777 }) },
        });
      }
    }
  };
  await walk(Buffer.from(folder), "");
  return places;
}

async function hashFile(
  handle: FileHandle,
  size: number,
  keep: boolean,
): Promise<{ content: NonNullable<Entry["content"]>; kept?: Buffer }> {
  const hash = createHash("sha256");
  const secrets = new SecretScan();
  const pieces: Buffer[] = [];
  let head: Buffer = Buffer.alloc(0);
  for (let at = 0; at < size;) {
    const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(Math.min(1 << 20, size - at)), 0, undefined, at);
    if (bytesRead === 0) break;
    const bytes = buffer.subarray(0, bytesRead);
    if (at === 0) head = Buffer.from(bytes.subarray(0, HEAD));
    hash.update(bytes);
    secrets.take(bytes, at === 0 && bytesRead === size);
    if (keep) pieces.push(bytes);
    at += bytesRead;
  }
  return {
    content: { sha256: hash.digest("hex"), ...beginningOf(head), ...secrets.facts },
    ...(keep && { kept: Buffer.concat(pieces) }),
  };
}

/** Reads every file below a folder that is there. */
export async function readFolder(folder: string): Promise<Contents> {
  const contents: Contents = { entries: [], problems: [], texts: new Map() };
  const say = (rule: string, entry: string, found: string): void => void contents.problems.push({ rule, entry, found });
  const places = await list(folder, contents);
  contents.entries = places.map(({ entry }) => entry);
  if (places.length > limits.entries) {
    say("limit-entries", "", `has more than ${limits.entries} files`);
    return contents;
  }
  const units = new UnitCount();
  let total = 0;
  for (const { entry, at } of places) {
    if (entry.type !== "file") continue;
    total += entry.size;
    if (total > limits.bytes) {
      say("limit-total", entry.path, `takes the size past ${limits.bytes} bytes; it and the rest were not read`);
      break;
    }
    const limit = keptUpTo(entry.path);
    const keep = limit !== undefined && entry.size <= limit && units.admit(entry.path);
    if (limit !== undefined && entry.size > limit)
      say("limit-text", entry.path, `has ${entry.size} bytes, more than ${limit}`);
    else if (limit !== undefined && !keep)
      say("limit-text", entry.path, `is one of more than ${limits.units} systemd units`);
    let handle: FileHandle | undefined;
    try {
      handle = await open(at, "r");
      const { content, kept } = await hashFile(handle, entry.size, keep);
      entry.content = content;
      if (content.binary) entry.facts = await readBinary(at);
      if (kept) contents.texts.set(entry.path, kept);
    } catch (e) {
      say("readable", entry.path, `cannot be read (${(e as NodeJS.ErrnoException).code ?? (e as Error).message})`);
    } finally {
      await handle?.close();
    }
  }
  return contents;
}

/** Whether a folder was made by an installer, which left its metadata as a file. */
export async function isInstalled(folder: string): Promise<boolean> {
  return lstat(join(folder, INSTALLED)).then(
    (stat) => stat.isFile(),
    () => false,
  );
}

/** The release in use, where our own installer made the folder: versions side by side, a record of them, and a link `current`. */
export async function releaseOf(folder: string): Promise<string | undefined> {
  const [record, current] = await Promise.all([
    lstat(join(folder, "install-record")).catch(() => undefined),
    lstat(join(folder, "current")).catch(() => undefined),
  ]);
  return record?.isFile() && current?.isSymbolicLink() ? join(folder, "current") : undefined;
}
