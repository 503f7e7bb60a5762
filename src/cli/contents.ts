/** What a candidate holds and what was left out of it, folder by folder, as people read it. */
import type { Candidate, Created, SealedFile } from "../candidate/index.ts";

/** Bytes as people say them. */
export function sized(bytes: number): string {
  const units = ["B", "kB", "MB", "GB"];
  let n = 0;
  while (bytes >= 1000 && n < units.length - 1) [bytes, n] = [bytes / 1000, n + 1];
  return `${n === 0 ? bytes : bytes.toFixed(1)} ${units[n]}`;
}

/** The folder that a file is listed under: two levels, so that a large tree stays a page. */
function folderOf(path: string): string {
  const folders = path.split("/").slice(0, -1);
  return folders.length === 0 ? "./" : `${folders.slice(0, 2).join("/")}/`;
}

interface Row {
  where: string;
  files: number;
  size: number;
  more: string;
}

function table(rows: readonly Row[]): string[] {
  const width = Math.min(48, Math.max(0, ...rows.map(({ where }) => where.length)));
  return rows.map(
    ({ where, files, size, more }) =>
      `  ${where.padEnd(width)}  ${`${files} ${files === 1 ? "file " : "files"}`.padStart(12)}  ${sized(size).padStart(8)}${more && `  ${more}`}`,
  );
}

function grouped<T>(list: readonly T[], key: (item: T) => string, row: (where: string, items: T[]) => Row): Row[] {
  return [...Map.groupBy(list, key)].sort(([a], [b]) => (a < b ? -1 : 1)).map(([where, items]) => row(where, items));
}

/** What goes into archives: each file of the folder once, however many platforms share it. */
export function contentLines({ licence, notes, platforms }: Candidate): string[] {
  const all = [
    licence,
    notes,
    ...Object.values(platforms).flatMap(({ binaries, assets = {} }) => [
      ...Object.values(binaries),
      ...Object.values(assets),
    ]),
  ];
  const files = [
    ...new Map(
      all.filter((sealed): sealed is SealedFile => sealed !== undefined).map((sealed) => [sealed.file, sealed]),
    ).values(),
  ];
  const rows = grouped(
    files,
    ({ file }) => folderOf(file),
    (where, items) => {
      const allowed = items.filter((item) => item.allowed).map(({ file }) => file);
      const named = where === "./" ? items.map(({ file }) => file).join(", ") : "";
      return {
        where,
        files: items.length,
        size: items.reduce((sum, { size }) => sum + size, 0),
        more: allowed.length > 0 ? `allowed: ${allowed.join(", ")}` : named,
      };
    },
  );
  return ["goes in", ...table(rows)];
}

/** What does not, by folder and reason; nothing when all goes in. */
export function leftLines(left: Created["left"]): string[] {
  if (left.length === 0) return [];
  const rows = grouped(
    left,
    ({ path, why }) => `${folderOf(path)}\0${why}`,
    (_key, items) => {
      const [first] = items;
      return {
        where: items.length === 1 ? first!.path : folderOf(first!.path),
        files: items.reduce((sum, { files }) => sum + files, 0),
        size: items.reduce((sum, { size }) => sum + size, 0),
        more: first!.why,
      };
    },
  );
  return ["left out", ...table(rows)];
}
