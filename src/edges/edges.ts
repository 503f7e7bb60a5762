/**
 * Everything that enters Greenlight (a file, a setting, a command's output, a resource's inputs) is parsed once, here,
 * by a zod schema. What does not fit becomes an {@link EdgeError}: one sentence that names where the value came from,
 * the path inside it, what was found and what to do about it.
 */
import { readFileSync } from "node:fs";
import type { z } from "zod";
import type { ErrorCode } from "./exit-codes.ts";
import { oneLine } from "./one-line.ts";

/** A fault that a person can mend: its message is a whole sentence and is shown without a stack trace. */
export class EdgeError extends Error {
  override name = "EdgeError";
  /** what kind of fault it is: by this it is decided what to do about it, never by its words */
  readonly code: ErrorCode;
  /** @param said one sentence, or one a line; a line feed in one of them is a name's, and begins no line */
  constructor(said: string | readonly string[], code: ErrorCode = "input") {
    super([said].flat().map(oneLine).join("\n"));
    this.code = code;
  }
}

/** One thing wrong with a value: the path inside it (`platforms.linux-x64.binaries`) and the sentence about it. */
export interface Finding {
  path: string;
  message: string;
}

/** Where a value came from and what to do when it is wrong; both are used in sentences. */
export interface Origin {
  /** the file, setting or command that the value came from, as the reader knows it */
  what: string;
  /** what to do about a wrong value, as an imperative clause without a full stop */
  remedy: string;
}

/** What was found, short enough for a sentence. */
export function shown(value: unknown): string {
  if (value === undefined) return "nothing";
  // What JSON has no word for, a function or a symbol, is said by its type.
  const text = (JSON.stringify(value) as string | undefined) ?? `a ${typeof value}`;
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

function at(value: unknown, path: PropertyKey[]): unknown {
  return path.reduce<unknown>((v, key) => (v == null ? undefined : (v as Record<PropertyKey, unknown>)[key]), value);
}

/** All that is wrong with `value`, as findings: an empty list when it fits the schema. */
export function findings(schema: z.ZodType, value: unknown): Finding[] {
  const result = schema.safeParse(value);
  if (result.success) return [];
  return result.error.issues.map((issue) => {
    // What is wrong with a key is said of the key, not of what stands under it.
    const said =
      issue.code === "invalid_key"
        ? `is a name that ${issue.issues.map(({ message }) => message).join(", ")}`
        : `${issue.message.replace(/\.$/, "")} (found ${shown(at(value, issue.path))})`;
    return { path: issue.path.map(String).join("."), message: said };
  });
}

/**
 * The value as the schema understands it.
 * @throws EdgeError naming every place that does not fit.
 */
export function parseValue<S extends z.ZodType>(schema: S, value: unknown, origin: Origin): z.output<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const list = findings(schema, value).map((f) => (f.path === "" ? f.message : `${f.path}: ${f.message}`));
  throw new EdgeError(`${origin.what} is not usable: ${list.join("; ")}; ${origin.remedy}.`);
}

/** Nothing that Greenlight reads nests deeper; what does could be parsed, and then not walked through. */
const DEEPEST = 200;

/** Where a string of a JSON text ends that begins at `at`; the text's end when it does not. */
function endOfString(text: string, at: number): number {
  for (let end = text.indexOf('"', at + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let slashes = 0;
    while (text.charCodeAt(end - 1 - slashes) === 0x5c) slashes++;
    // The opening quote stops the count.
    if (slashes % 2 === 0) return end;
  }
  return text.length;
}

/** The value of a JSON text. @throws SyntaxError when it is none, or nests too deeply */
export function jsonOf(text: string): unknown {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x22) at = endOfString(text, at);
    else if (code === 0x5b || code === 0x7b) {
      if (++depth > DEEPEST) throw new SyntaxError(`it nests more than ${DEEPEST} levels deep`);
    } else if (code === 0x5d || code === 0x7d) depth--;
  }
  return JSON.parse(text);
}

/** What is wrong with a text that is no JSON, on one line: the parser quotes the text, line feeds and all. */
export function jsonFault(e: unknown): string {
  return (e as Error).message.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, (character) =>
    JSON.stringify(character).slice(1, -1),
  );
}

/** The value of a JSON text, parsed as {@link parseValue} does. @throws EdgeError also when the text is not JSON. */
export function parseJson<S extends z.ZodType>(schema: S, text: string, origin: Origin): z.output<S> {
  let value: unknown;
  try {
    value = jsonOf(text);
  } catch (e) {
    throw new EdgeError(`${origin.what} is not JSON (${jsonFault(e)}); ${origin.remedy}.`);
  }
  return parseValue(schema, value, origin);
}

/** The value of a JSON file. @throws EdgeError when it is missing, unreadable, no JSON, or does not fit. */
export function parseFile<S extends z.ZodType>(schema: S, file: string, remedy: string): z.output<S> {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (e) {
    const code = (e as NodeJS.ErrnoException).code;
    throw new EdgeError(`${file} ${code === "ENOENT" ? "does not exist" : `cannot be read (${code})`}; ${remedy}.`);
  }
  return parseJson(schema, text, { what: file, remedy });
}
