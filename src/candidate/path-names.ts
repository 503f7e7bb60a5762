/**
 * Names of files that can go everywhere: into a ZIP, onto Linux, macOS and Windows, and stay below the folder they are
 * unpacked in. The same rule holds for what a candidate lists and for what an archive contains.
 */

/** Device names that Windows keeps for itself, with any extension. */
const devices = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(\.|$)/i;

/** Characters that make a name look like another one: of no width, and those that turn the writing direction. */
const invisible =
  /[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0]/;

/** Segments of letters, digits, `_` and `-`, with dots between them: what nearly every name is, and one look for all faults but two. */
const plain = /^[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*(?:\/[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*)*$/;
const deviceSegment = /(?:^|\/)(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:[./]|$)/i;

/**
 * Why a path must not be used, as a clause that follows the path in a sentence, or undefined when it is fine.
 * Fine is: relative, `/` between segments, no `.` or `..`, characters and names that every platform can store.
 */
export function pathFault(path: string): string | undefined {
  if (path.length <= 240 && plain.test(path) && !deviceSegment.test(path)) return undefined;
  if (path === "") return "is empty";
  if (!path.isWellFormed() || path.includes("\ufffd")) return "is not valid Unicode";
  if (/[\u0000-\u001f\u007f-\u009f]/.test(path)) return "has a control character";
  if (invisible.test(path)) return "has an invisible character, or one that turns the writing direction";
  if (path.includes("\\")) return "has a backslash (use / between folders)";
  if (path.startsWith("/")) return "is absolute";
  if (/^[A-Za-z]:/.test(path)) return "begins with a drive";
  if (/[<>:"|?*]/.test(path)) return 'has one of < > : " | ? *, which Windows cannot store';
  if (path !== path.normalize("NFC")) return "is not in Unicode normal form C";
  if (Buffer.byteLength(path) > 240) return "is longer than 240 bytes";
  for (const segment of path.split("/")) {
    if (segment === "") return "has an empty segment";
    if (segment === "." || segment === "..") return `has a ${segment} segment, which leaves its folder`;
    if (/[. ]$/.test(segment) || segment.startsWith(" "))
      return "has a segment that begins or ends with a space, or ends with a dot";
    if (devices.test(segment)) return `has the segment ${segment}, a device on Windows`;
  }
  return undefined;
}

/** How two names become one on file systems that ignore case, as APFS, HFS+ and NTFS do: compare names by this. */
export function folded(path: string): string {
  if (/^[\0-\x7f]*$/.test(path)) return path.toLowerCase();
  // By way of capitals, since only that unfolds ß to ss and tells no final sigma apart.
  return path.normalize("NFKC").toUpperCase().toLowerCase().normalize("NFKC");
}

/** Most characters of a path on Windows, and of a folder's, where a program does not ask for more: MAX_PATH without its end, and less a file's short name. */
const windows = { path: 259, folder: 247 };
/** Characters of `C:\Users\NAME\AppData\Local\`, where our README tells people to unpack, with the longest name that there is. */
const local = "C:\\Users\\".length + 20 + "\\AppData\\Local\\".length;

/** Why a file of an archive cannot be unpacked on Windows as our README says, as a clause; `base` is the archive's name without `.zip`. */
export function windowsLengthFault(base: string, path: string): string | undefined {
  const [whole, folder] = [path, path.slice(0, Math.max(0, path.lastIndexOf("/")))].map(
    (name) => local + base.length + 1 + name.length,
  );
  if (whole! > windows.path)
    return `makes a path of up to ${whole} characters where it is unpacked on Windows, more than the ${windows.path} that it has`;
  return folder! > windows.folder
    ? `makes a folder of up to ${folder} characters where it is unpacked on Windows, more than the ${windows.folder} that it has`
    : undefined;
}

/**
 * Pairs of names that cannot be unpacked side by side: the same name twice, names that differ in case only, or a file
 * that is also the folder of another.
 */
export function nameCollisions(paths: readonly string[]): { path: string; other: string }[] {
  const seen = new Map<string, string>();
  const found: { path: string; other: string }[] = [];
  for (const path of paths) {
    const key = folded(path);
    const other = seen.get(key);
    if (other !== undefined) found.push({ path, other });
    else seen.set(key, path);
  }
  for (const [key, path] of seen) {
    for (let at = key.indexOf("/"); at >= 0; at = key.indexOf("/", at + 1)) {
      const other = seen.get(key.slice(0, at));
      if (other !== undefined) found.push({ path, other });
    }
  }
  return found;
}
