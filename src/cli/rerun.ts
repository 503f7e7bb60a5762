/** `greenlight rerun CELL`: proves a cell again, on a fresh machine, deliberately: the attempt number is part of the state. */
import { z } from "zod";
import { EdgeError, parseJson, parseValue } from "../edges/edges.ts";
import { cellsOf } from "../evidence/index.ts";
import { didYouMean } from "../edges/nearest.ts";
import { requireStack, setConfig, stackConfig } from "./stack.ts";
import { up } from "./up.ts";

const AttemptsSchema = z.record(z.string(), z.number());

export async function rerun(
  workspace: string,
  stack: string,
  cell: string,
  write: (line: string) => void,
): Promise<number> {
  requireStack(workspace, stack);
  const known = cellsOf(workspace, stack);
  if (!known.includes(cell))
    throw new EdgeError(
      `Stack ${stack} has no evidence of a cell ${cell}; ${known.length > 0 ? `it has ${known.join(", ")}` : "run `npm start -- up` first"}${didYouMean(cell, known) || "."}`,
    );
  const config = await stackConfig(workspace, stack);
  const { value, objectValue } = config["greenlight:attempts"] ?? {};
  const origin = { what: "greenlight:attempts", remedy: "correct it in the stack's file" };
  const attempts =
    objectValue === undefined
      ? parseJson(AttemptsSchema, value || "{}", origin)
      : parseValue(AttemptsSchema, objectValue, origin);
  await setConfig(workspace, stack, `attempts["${cell}"]`, String((attempts[cell] ?? 1) + 1), { path: true });
  return up(workspace, { stack }, write);
}
