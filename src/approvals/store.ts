/**
 * Where statements are kept: `.greenlight/approvals/<sha256>.json`, its signature beside it as `<sha256>.json.sig`, and
 * `used/<sha256>.json` once a release went out thanks to it. Nothing there is ever changed or removed.
 */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { EdgeError, parseJson } from "../edges/edges.ts";
import { isSha256, lowerCaseName, Sha256Schema } from "../edges/names.ts";
import { createAtomic } from "../storage/atomic-write.ts";
import { canonicalJson } from "../storage/digest.ts";
import { workspacePath } from "../storage/folders.ts";
import { withLock } from "../storage/lock.ts";
import { readSmall } from "../storage/small-files.ts";
import { parseStatement, statementDigest, type Statement } from "./statements.ts";

const remedy = "restore it from a backup, or move it and its .sig out of the folder";

const UsedSchema = z.strictObject({
  schema: z.literal(1),
  /** SHA-256 of the statement */
  statement: Sha256Schema,
  channel: lowerCaseName(),
  /** SHA-256 of the release's release.json */
  release: Sha256Schema,
  time: z.iso.datetime(),
});
/** That a release went out thanks to a statement, and which. */
export type Used = z.output<typeof UsedSchema>;

/** A statement as it lies in the workspace; nothing is said yet of whether it is true. */
export interface Stored<S extends Statement = Statement> {
  digest: string;
  statement: S;
  text: string;
  /** the file of its signature, which may be missing */
  signature: string;
}

/** All statements, and a sentence for each file that is none: what it said is not known, so nothing counts beside it. */
export interface Stock {
  statements: Stored[];
  faults: string[];
}

const folderOf = (workspace: string): string => workspacePath(workspace, "approvals");

/** The file of a statement; its signature lies beside it, with `.sig` at its end. */
export const statementFile = (workspace: string, digest: string): string => join(folderOf(workspace), `${digest}.json`);

function textOf(file: string): string {
  try {
    return Buffer.from(readSmall(file)).toString("utf8");
  } catch (e) {
    const { code } = e as NodeJS.ErrnoException;
    throw new EdgeError(
      `${file} ${code === "ENOENT" ? "does not exist" : `cannot be read (${code})`}; ${remedy}.`,
      "stored",
    );
  }
}

function read(folder: string, name: string): Stored {
  const file = join(folder, name);
  const digest = name.slice(0, -".json".length);
  const text = textOf(file);
  const found = statementDigest(text);
  if (found !== digest)
    throw new EdgeError(
      `${file} ${isSha256(digest) ? "has been changed" : "is not named by its digest"}: its SHA-256 is ${found}; ${remedy}.`,
      "stored",
    );
  return { digest, text, statement: parseStatement(text, file, remedy), signature: `${file}.sig` };
}

/** Everything that was stored, oldest first. Never throws for what lies there. */
export function readStatements(workspace: string): Stock {
  const folder = folderOf(workspace);
  const stock: Stock = { statements: [], faults: [] };
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch (e) {
    const { code } = e as NodeJS.ErrnoException;
    if (code !== "ENOENT") stock.faults.push(`${folder} cannot be read (${code}); make it a folder that you may read.`);
    return stock;
  }
  // Names with a dot in front are what a killed process left of a file that was not there yet.
  for (const name of names.filter((each) => each.endsWith(".json") && !each.startsWith(".")).sort()) {
    try {
      stock.statements.push(read(folder, name));
    } catch (e) {
      if (!(e instanceof EdgeError)) throw e;
      stock.faults.push(e.message);
    }
  }
  stock.statements.sort((a, b) => Date.parse(a.statement.time) - Date.parse(b.statement.time));
  return stock;
}

/** Stores a statement with its signature. @returns its digest */
export function storeStatement(workspace: string, text: string, signature: string): string {
  const digest = statementDigest(text);
  const file = statementFile(workspace, digest);
  // The signature first: no reader ever sees a statement without it.
  createAtomic(`${file}.sig`, signature);
  createAtomic(file, text);
  return digest;
}

/** One at a time revokes or uses statements of a workspace. */
export function alone<T>(workspace: string, work: () => Promise<T> | T): Promise<T> {
  return withLock(workspacePath(workspace, "approvals.lock"), 30, work, "approvals");
}

const usedFile = (workspace: string, digest: string): string => join(folderOf(workspace), "used", `${digest}.json`);

/** What went out thanks to a statement, or undefined when nothing did yet. @throws EdgeError when the record cannot be read */
export function isUsed(workspace: string, digest: string): Used | undefined {
  const file = usedFile(workspace, digest);
  let text: string;
  try {
    text = Buffer.from(readSmall(file)).toString("utf8");
  } catch (e) {
    const { code } = e as NodeJS.ErrnoException;
    if (code === "ENOENT") return undefined;
    throw new EdgeError(`${file} cannot be read (${code}); restore it from a backup.`, "stored");
  }
  const used = parseJson(UsedSchema, text, { what: file, remedy: "restore it from a backup" });
  if (used.statement !== digest)
    throw new EdgeError(`${file} is about statement ${used.statement}; restore it from a backup.`, "stored");
  return used;
}

/** Writes that a statement was used; a record that is there stays as it is. */
export function writeUsed(workspace: string, used: Used): void {
  createAtomic(usedFile(workspace, used.statement), `${canonicalJson(used)}\n`);
}
