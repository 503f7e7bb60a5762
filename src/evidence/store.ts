/** Where evidence is kept: content-addressed and never changed, and for each cell a pointer that remembers every attempt. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { z } from "zod";
import { EdgeError, parseFile, parseJson, parseValue } from "../edges/edges.ts";
import { isSha256, Sha256Schema } from "../edges/names.ts";
import { createAtomic, writeAtomic } from "../storage/atomic-write.ts";
import { canonicalJson, sha256 } from "../storage/digest.ts";
import { workspacePath } from "../storage/folders.ts";
import { withLock } from "../storage/lock.ts";
import { EvidenceSchema, type Evidence } from "./evidence.ts";

const remedy = "prove the cell again with `greenlight rerun`";

/** The file of a piece of evidence. @throws EdgeError when `digest` is no SHA-256. */
export function evidenceFile(workspace: string, digest: string): string {
  if (!isSha256(digest))
    throw new EdgeError(`${JSON.stringify(digest)} is not the digest of evidence; give 64 lower-case hex digits.`);
  return workspacePath(workspace, "evidence", "sha256", `${digest}.json`);
}

/** Stores evidence and answers its digest; the same evidence again changes nothing, a spoiled copy is mended. */
export function storeEvidence(workspace: string, evidence: Evidence): string {
  const text = `${canonicalJson(parseValue(EvidenceSchema, evidence, { what: "The evidence", remedy }))}\n`;
  const digest = sha256(text);
  const file = evidenceFile(workspace, digest);
  if (!createAtomic(file, text) && readFileSync(file, "utf8") !== text) writeAtomic(file, text);
  return digest;
}

/** Evidence by its digest. @throws EdgeError when it is missing, not what the digest says, or of an unknown shape. */
export function loadEvidence(workspace: string, digest: string): Evidence {
  const file = evidenceFile(workspace, digest);
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (e) {
    const code = (e as NodeJS.ErrnoException).code;
    throw new EdgeError(
      `Evidence ${file} ${code === "ENOENT" ? "does not exist" : `cannot be read (${code})`}; ${remedy}.`,
      "stored",
    );
  }
  const found = sha256(text);
  if (found !== digest)
    throw new EdgeError(`Evidence ${file} has been changed: its SHA-256 is ${found}; ${remedy}.`, "stored");
  return parseJson(EvidenceSchema, text, { what: `Evidence ${file}`, remedy });
}

const PointerSchema = z.strictObject({
  schema: z.literal(1),
  stack: z.string(),
  cell: z.string(),
  /** digest of the evidence that counts */
  latest: Sha256Schema,
  /** digests of all attempts, oldest first, the latest among them */
  history: z.array(Sha256Schema),
});
export type CellPointer = z.output<typeof PointerSchema>;

function pointerFile(workspace: string, stack: string, cell: string): string {
  const name = (text: string): string => encodeURIComponent(text).replace(/^\.+/, (dots) => "%2E".repeat(dots.length));
  return workspacePath(workspace, "evidence", "cells", name(stack), `${name(cell)}.json`);
}

/** Makes `digest` the evidence that counts for a cell, in one step; earlier attempts stay in the history. */
export async function pointCell(workspace: string, stack: string, cell: string, digest: string): Promise<void> {
  const file = pointerFile(workspace, stack, cell);
  await withLock(`${file}.lock`, 10, () => {
    const history = readCell(workspace, stack, cell)?.history ?? [];
    const pointer: CellPointer = {
      schema: 1,
      stack,
      cell,
      latest: digest,
      history: [...history.filter((each) => each !== digest), digest],
    };
    writeAtomic(
      file,
      `${canonicalJson(parseValue(PointerSchema, pointer, { what: "The pointer of a cell", remedy }))}\n`,
    );
  });
}

/** The pointer of a cell, or undefined when it was never proven. @throws EdgeError when it is unreadable or another cell's. */
export function readCell(workspace: string, stack: string, cell: string): CellPointer | undefined {
  const file = pointerFile(workspace, stack, cell);
  if (!existsSync(file)) return undefined;
  const pointer = parseFile(PointerSchema, file, "delete it and prove the cell again with `greenlight rerun`");
  if (pointer.stack !== stack || pointer.cell !== cell)
    throw new EdgeError(
      `${file} belongs to cell ${pointer.cell} of stack ${pointer.stack}; delete it and ${remedy}.`,
      "stored",
    );
  return pointer;
}

/** Names of the cells of a stack that have evidence, sorted. */
export function cellsOf(workspace: string, stack: string): string[] {
  const folder = dirname(pointerFile(workspace, stack, "any"));
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith(".json") && !name.startsWith("."))
      .map((name) => decodeURIComponent(name.slice(0, -".json".length)))
      .sort();
  } catch (e) {
    if ((e as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw e;
  }
}
