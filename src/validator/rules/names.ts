/** Rules about names, types and modes: everything can be unpacked on every system, below one folder, and is nothing but files. */
import { folded, pathFault, windowsLengthFault } from "../../candidate/index.ts";
import { entriesByPath } from "../by-path.ts";
import type { Content, Entry } from "../content.ts";
import { archives, everything, ofEach, readerRule, type Found, type Rule } from "../rule.ts";

const rename = "rename it in the candidate and pack again";
const distrust = "do not unpack it; get the archive from its publisher";

const drive = /^[A-Za-z]:/;
const segments = (path: string): string[] => path.split("/");

function traversal(path: string): string | undefined {
  if (/(^|[\\/])\.\.([\\/]|$)/.test(path)) return "has a .. segment, which leaves its folder";
  return /(^|\/)\.(\/|$)/.test(path) ? "has a . segment, by which one file has two names" : undefined;
}

/** Faults of a name that none of the rules about climbing out already reports. */
function portableFault({ path, type }: Entry): string | undefined {
  if (pathFault(path) === undefined) return undefined;
  const plain = path.replaceAll("\\", "/").replace(drive, "").replace(/^\/+/, "");
  const name = segments(type === "folder" ? plain.replace(/\/$/, "") : plain)
    .filter((segment) => segment !== "." && segment !== "..")
    .join("/");
  return name === "" && path !== "" ? undefined : pathFault(name);
}

function portableFaults(content: Content): Found[] {
  // What is no text cannot be judged as one.
  const unknown = new Set(content.problems.filter(({ rule }) => rule === "name-encoding").map(({ entry }) => entry));
  return ofEach(content.entries, (entry) => (unknown.has(entry.path) ? undefined : portableFault(entry)));
}

/** Names that are there twice, in the order of the archive. */
function duplicates(content: Content): Found[] {
  const { entries } = content;
  if (entriesByPath(content).size === entries.length) return [];
  const seen = new Set<string>();
  return entries.flatMap(({ path, type }) => {
    if (type !== "folder" && seen.has(path)) return [{ entry: path, found: "is in the archive twice" }];
    seen.add(path);
    return [];
  });
}

/**
 * Whether no two names become one, and none is also a folder of another. It is asked first: of nearly every archive nothing more is,
 * and sorting tens of thousands of names takes several times as long.
 */
function allApart(content: Content): boolean {
  const { entries } = content;
  const paths = entriesByPath(content);
  if (paths.size < entries.length) return false;
  /** what paths become that are not the same already */
  const others = new Set<string>();
  for (const { path } of entries) {
    const key = folded(path);
    if (key === path) continue;
    if (paths.has(key) || others.has(key)) return false;
    others.add(key);
  }
  let before = "";
  for (const { path } of entries) {
    const key = folded(path);
    if (key.includes("\0")) return false;
    const end = key.lastIndexOf("/");
    // Names come folder by folder.
    if (end < 0 || (end === before.length && key.startsWith(before))) continue;
    before = key.slice(0, end);
    for (let at = key.indexOf("/"); at >= 0; at = key.indexOf("/", at + 1))
      if (paths.has(key.slice(0, at)) || others.has(key.slice(0, at))) return false;
  }
  return true;
}

/** Different names that one file system cannot hold side by side. */
function collisions(content: Content): Found[] {
  const { entries } = content;
  if (allApart(content)) return [];
  const names = new Set(entries.filter(({ type }) => type !== "folder").map(({ path }) => path));
  // With the separator below every other character, what lies below a file follows it at once.
  const keyed = [...names].map((path) => ({ path, key: folded(path).replaceAll("/", "\0") }));
  keyed.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  const found: Found[] = [];
  let file: (typeof keyed)[number] | undefined;
  for (const next of keyed) {
    if (file && next.key === file.key)
      found.push({
        entry: next.path,
        found: `becomes the same as ${file.path} where case and Unicode forms do not count`,
      });
    else if (file && next.key.startsWith(`${file.key}\0`))
      found.push({ entry: next.path, found: `lies below ${file.path}, which is a file` });
    else file = next;
  }
  return found;
}

function tooLong(content: Content): Found[] {
  const { platform, artifact_name: base } = content.manifest?.value ?? {};
  if (!base || !platform?.startsWith("windows-")) return [];
  return ofEach(content.entries, ({ path }) => windowsLengthFault(base, path));
}

/** Files that the manifest or the product calls programs, as paths. */
export function programs({ manifest }: Content): Set<string> {
  return new Set((manifest?.value?.binaries ?? []).map(({ file_name: name }) => name));
}

function modeFault({ mode, type, header }: Entry, { kind }: Content): string | undefined {
  if (type !== "file") return undefined;
  if (kind === "archive") {
    if (mode === undefined) return "does not state a Unix mode";
    if (header && ((header.external >>> 16) & 0o170000) !== 0o100000) return "does not state that it is a regular file";
    return mode === 0o755 || mode === 0o644 ? undefined : `has mode 0${mode.toString(8)}, neither 0755 nor 0644`;
  }
  // The umask of whoever unpacks decides most of it; these bits nobody should have got.
  return mode !== undefined && mode & 0o7002
    ? `has mode 0${mode.toString(8)}: everybody may change it, or it changes who runs it`
    : undefined;
}

/** A folder on Windows states no modes; an archive states them on every platform, by what the first bytes are. */
function executableFault(
  { path, mode, type, content: read }: Entry,
  content: Content,
  listed: Set<string>,
): string | undefined {
  if (type !== "file" || mode === undefined) return undefined;
  const may = (mode & 0o111) !== 0;
  const say = (what: string): string => `${what} (mode 0${mode.toString(8)})`;
  if (listed.has(path)) return may ? undefined : say("is a program that nobody may execute");
  if (content.kind !== "archive" || !read) return undefined;
  if (read.binary || read.script)
    return may ? undefined : say(`is ${read.script ? "a script" : "a program"} that nobody may execute`);
  return may ? say("may be executed, and is neither a program nor a script") : undefined;
}

function executableFaults(content: Content): Found[] {
  if (content.kind !== "archive" && content.manifest?.value?.platform.startsWith("windows-")) return [];
  const listed = programs(content);
  return ofEach(content.entries, (entry) => executableFault(entry, content, listed));
}

export const nameRules: Rule[] = [
  {
    id: "name-absolute",
    title: "No name begins at a root or a drive",
    protects: "files outside the folder that is unpacked into",
    remedy: distrust,
    of: archives,
    upstream: 2,
    find: ({ entries }) =>
      ofEach(entries, ({ path }) =>
        drive.test(path)
          ? "begins with a drive"
          : path.startsWith("/") || path.startsWith("\\")
            ? "is absolute"
            : undefined,
      ),
  },
  {
    id: "name-traversal",
    title: "No name has a . or .. segment",
    protects: "files outside the folder that is unpacked into",
    remedy: distrust,
    of: archives,
    upstream: 2,
    find: ({ entries }) => ofEach(entries, ({ path }) => traversal(path)),
  },
  {
    id: "name-backslash",
    title: "Names have / between folders, never a backslash",
    protects: "from a name on one system that is a path on another",
    remedy: rename,
    of: everything,
    find: ({ entries }) => ofEach(entries, ({ path }) => (path.includes("\\") ? "has a backslash" : undefined)),
  },
  {
    id: "name-length",
    title: "Paths in archives for Windows are short enough for the folder where README.txt has them unpacked",
    protects: "users whose unpacking stops in the middle",
    remedy: rename,
    of: archives,
    find: tooLong,
  },
  readerRule({
    id: "name-encoding",
    title: "Names are valid UTF-8, and marked as such outside ASCII",
    protects: "from names that are read differently on each system",
    remedy: rename,
    of: everything,
  }),
  {
    id: "name-portable",
    title: "Names can be stored on Linux, macOS and Windows",
    protects: "from archives that cannot be unpacked, or change names on the way",
    remedy: rename,
    of: everything,
    find: portableFaults,
  },
  {
    id: "name-duplicate",
    title: "No name is there twice",
    protects: "from readers that take the first, the last, or ask",
    remedy: distrust,
    of: archives,
    find: duplicates,
  },
  {
    id: "name-collision",
    title: "No two names become one where case or Unicode forms do not count, and no file is also a folder",
    protects: "from files that overwrite each other on macOS and Windows",
    remedy: rename,
    of: everything,
    find: collisions,
  },
  {
    id: "entry-symlink",
    title: "There are no symbolic links",
    protects: "files outside the folder, which a link can lead to",
    remedy: "put the file itself there",
    of: everything,
    find: ({ entries }) => ofEach(entries, ({ type }) => (type === "symlink" ? "is a symbolic link" : undefined)),
  },
  {
    id: "entry-special",
    title: "There are no devices, pipes or sockets",
    protects: "from unpacking what is no file",
    remedy: "leave it out",
    of: everything,
    find: ({ entries }) =>
      ofEach(entries, ({ type }) => (type === "special" ? "is neither a file nor a folder" : undefined)),
  },
  {
    id: "entry-folder",
    title: "The archive lists files only",
    protects: "from modes of folders, and from empty folders that checksums cannot cover",
    remedy: "pack it again with `greenlight`",
    of: archives,
    find: ({ entries }) => ofEach(entries, ({ type }) => (type === "folder" ? "is an entry for a folder" : undefined)),
  },
  {
    id: "mode",
    title:
      "Files have mode 0755 or 0644; in a folder, none that everybody may change and none that changes who runs it",
    protects: "from programs that others may replace, or that run as somebody else",
    remedy: "give it mode 0755 or 0644",
    of: everything,
    find: (content) => ofEach(content.entries, (entry) => modeFault(entry, content)),
  },
  {
    id: "executable-bit",
    title: "Programs may be executed, and in an archive scripts too and nothing else",
    protects: "from installing programs that do not start, and from running what is none",
    remedy: "pack it again with `greenlight`; if it was unpacked, with a tool that keeps modes",
    of: everything,
    find: executableFaults,
  },
];
