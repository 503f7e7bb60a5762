/**
 * The rows of a database that a machine brought, read here and never there. SQLite is read by Node's own library, from the file and
 * its write-ahead log as they were copied, so that it does not matter which of both a row lies in. A file of another form is
 * read as lines: JSON objects, or texts.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EdgeError } from "../edges/edges.ts";
import { isSha256 } from "../edges/names.ts";
import { canonicalJson } from "../storage/digest.ts";

export interface Row {
  table: string;
  values: Record<string, unknown>;
}

const magic = Buffer.from("SQLite format 3\0");

type Sqlite = typeof import("node:sqlite");

/** Node's library, without the line that says how new it is. */
function sqlite(): Sqlite {
  const { emitWarning } = process;
  process.emitWarning = () => undefined;
  try {
    return process.getBuiltinModule("node:sqlite");
  } finally {
    process.emitWarning = emitWarning;
  }
}

function plain(value: unknown): unknown {
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  return value instanceof Uint8Array ? { blob: Buffer.from(value).toString("hex") } : value;
}

function sqliteRows(file: Buffer, log: Buffer): Row[] {
  const folder = mkdtempSync(join(tmpdir(), "greenlight-database-"));
  try {
    writeFileSync(join(folder, "database"), file);
    if (log.length > 0) writeFileSync(join(folder, "database-wal"), log);
    const database = new (sqlite().DatabaseSync)(join(folder, "database"));
    try {
      // A file that is cut off can be opened, and rows of it are then nothing.
      const [found] = database
        .prepare("PRAGMA quick_check(1)")
        .all()
        .map((row) => String(Object.values(row)[0]));
      if (found !== "ok") throw new Error(found);
      const tables = database
        .prepare(
          "SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name",
        )
        .all();
      return (
        tables
          // Their modules may be unknown here; what they keep lies in tables of its own.
          .filter(({ sql }) => !/^\s*CREATE\s+VIRTUAL/i.test(String(sql)))
          .flatMap(({ name }) => {
            const all = database.prepare(`SELECT * FROM "${String(name).replaceAll('"', '""')}"`);
            all.setReadBigInts(true);
            return all
              .all()
              .map((row): Row => ({
                table: String(name),
                values: Object.fromEntries(Object.entries(row).map(([key, value]) => [key, plain(value)])),
              }));
          })
      );
    } finally {
      database.close();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function lineRows(text: string): Row[] {
  return text
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => {
      try {
        const value: unknown = JSON.parse(line);
        if (value !== null && typeof value === "object" && !Array.isArray(value))
          return { table: "lines", values: value as Record<string, unknown> };
      } catch {
        // A text then.
      }
      return { table: "lines", values: { text: line } };
    });
}

/** All rows of a database and its write-ahead log, which may be empty. @throws EdgeError when it is damaged. */
export function rowsOf(file: Buffer, log: Buffer): Row[] {
  // A database that was never written back has all of itself in the log.
  if (!file.subarray(0, magic.length).equals(magic) && !(file.length === 0 && log.length > 0))
    return lineRows(file.toString("utf8") + log.toString("utf8"));
  try {
    return sqliteRows(file, log);
  } catch (e) {
    throw new EdgeError(
      `it cannot be read as a database (${(e instanceof Error ? e.message : String(e)).replaceAll("\n", " ")}), so that nothing is known of its records.`,
    );
  }
}

/** A row as one text: two that are equal have the same. */
export function rowText({ table, values }: Row): string {
  return canonicalJson([table, values]);
}

function leaves(value: unknown): string[] {
  if (value === null || value === undefined) return [];
  if (typeof value === "object") return Object.values(value).flatMap(leaves);
  if (typeof value === "number" || typeof value === "bigint" || typeof value === "boolean") return [String(value)];
  if (typeof value !== "string") return [];
  if (/^\s*[[{]/.test(value)) {
    try {
      return leaves(JSON.parse(value));
    } catch {
      // A text that only begins like JSON.
    }
  }
  // Digests of a chain are sealed anew by whoever changes what they are over.
  return isSha256(value) ? [] : [value];
}

/** Every value in a row by itself, whatever it is called there: texts, numbers and truths, of JSON each of its own. */
export function valuesOf({ values }: Row): string[] {
  return leaves(values).sort();
}
