/** The files beside an archive that are about it, by the endings of their names. What is there and cannot be read is said of that file. */
import { lstat, readFile, stat } from "node:fs/promises";
import { sha256, sha256File } from "../storage/digest.ts";

/** A file beside the archive: digest of its bytes, with their text where it is asked for; or why it cannot be read, as a clause. */
export type Beside = { sha256: string; text?: string; fault?: undefined } | { fault: string };

/** By what each is; undefined for those that are not there. */
export interface Sidecars {
  /** `<archive>.sha256` */
  sha256?: Beside;
  /** `<base>.release-manifest.json`, `<base>.checksums.txt` and `<base>.install.sh`, which the archive holds as well */
  manifest?: Beside;
  checksums?: Beside;
  installer?: Beside;
  /** `<base>.binaries.json`, which says what the programs in the archive are */
  binaries?: Beside;
}

/** Where each lies, and the bytes up to which its text is read. */
const places: Record<keyof Sidecars, { ending: string; text?: number }> = {
  sha256: { ending: ".zip.sha256", text: 4096 },
  manifest: { ending: ".release-manifest.json" },
  checksums: { ending: ".checksums.txt" },
  installer: { ending: ".install.sh" },
  binaries: { ending: ".binaries.json", text: 4 << 20 },
};

/** The name of such a file, for an archive of this file name. */
export function besideName(archive: string, what: keyof Sidecars): string {
  return what === "sha256" ? `${archive}.sha256` : `${archive.replace(/\.zip$/i, "")}${places[what].ending}`;
}

async function readBeside(file: string, mostText: number | undefined): Promise<Beside | undefined> {
  try {
    await lstat(file);
  } catch (e) {
    const { code } = e as NodeJS.ErrnoException;
    return code === "ENOENT" ? undefined : { fault: `cannot be looked at (${code})` };
  }
  try {
    const found = await stat(file);
    if (!found.isFile()) return { fault: found.isDirectory() ? "is a folder" : "is no file" };
    if (mostText === undefined) return { sha256: await sha256File(file) };
    if (found.size > mostText) return { fault: `has ${found.size} bytes, more than ${mostText}` };
    const bytes = await readFile(file);
    return { sha256: sha256(bytes), text: bytes.toString("utf8") };
  } catch (e) {
    const { code, message } = e as NodeJS.ErrnoException;
    return { fault: code === "ENOENT" ? "is a link that leads nowhere" : `cannot be read (${code ?? message})` };
  }
}

/** All of them, for the archive at `file`. */
export async function readSidecars(file: string): Promise<Sidecars> {
  const found: Sidecars = {};
  for (const what of Object.keys(places) as (keyof Sidecars)[]) {
    const beside = await readBeside(besideName(file, what), places[what].text);
    if (beside) found[what] = beside;
  }
  return found;
}
