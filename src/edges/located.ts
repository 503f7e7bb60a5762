/** JSON files that people mend: every value with the line that it stands on, so that a fault names the line as well as the path. */
import { readFileSync } from "node:fs";
import { parse, type MemberNode, type ValueNode } from "@humanwhocodes/momoa";
import type { z } from "zod";
import { EdgeError, jsonFault, jsonOf, shown } from "./edges.ts";

/** A way into a value: keys and positions. */
export type Path = readonly (string | number)[];

/** Something wrong at a place of a file, and what to do about it. */
export interface Fault {
  /** the file, as its reader knows it */
  file: string;
  /** counted from 1 */
  line: number;
  path: Path;
  /** what is wrong, what was found and the remedy, as a clause without a full stop */
  message: string;
}

/** A file's value that fits its schema, and where its parts stand. */
export interface Located<T> {
  file: string;
  value: T;
  /** the line of what stands at the path, or of the nearest thing around it that there is */
  line(path: Path): number;
}

/** A path as people write it: `scenarios[3].profiles[0]`. */
export function pathText(path: Path): string {
  return path.reduce<string>(
    (text, part) => (typeof part === "number" ? `${text}[${part}]` : text === "" ? part : `${text}.${part}`),
    "",
  );
}

/** A fault as one line: file, line, path and message. */
export function faultLine({ file, line, path, message }: Fault): string {
  return `${file}:${line}: ${path.length === 0 ? "" : `${pathText(path)}: `}${message}`;
}

/** A fault at a path of a file. */
export function faultAt(at: Pick<Located<unknown>, "file" | "line">, path: Path, message: string): Fault {
  return { file: at.file, line: at.line(path), path, message };
}

const keyOf = ({ name }: MemberNode): string => (name.type === "String" ? name.value : name.name);

/** The part of an object or a list that a step leads to, and the line that it begins on. */
function step(node: ValueNode, part: string | number): { node: ValueNode; line: number } | undefined {
  if (node.type === "Object") {
    // Of a key that is there twice the last counts, as it does for JSON.
    const member = node.members.findLast((each) => keyOf(each) === String(part));
    return member && { node: member.value, line: member.loc.start.line };
  }
  const element = node.type === "Array" && typeof part === "number" ? node.elements[part] : undefined;
  return element && { node: element.value, line: element.loc.start.line };
}

/** Keys that an object has twice: JSON takes the last, and nobody who reads the file sees that. */
function doubled(node: ValueNode, path: Path = []): { path: Path; line: number }[] {
  if (node.type === "Array") return node.elements.flatMap(({ value }, i) => doubled(value, [...path, i]));
  if (node.type !== "Object") return [];
  const seen = new Set<string>();
  return node.members.flatMap((member) => {
    const at = [...path, keyOf(member)];
    const again = seen.has(keyOf(member)) ? [{ path: at, line: member.loc.start.line }] : [];
    seen.add(keyOf(member));
    return [...again, ...doubled(member.value, at)];
  });
}

/** Keys that no value keeps, so that what they say would be lost. */
function hidden(node: ValueNode, path: Path = []): { path: Path; line: number }[] {
  if (node.type === "Array") return node.elements.flatMap(({ value }, i) => hidden(value, [...path, i]));
  if (node.type !== "Object") return [];
  return node.members.flatMap((member) => {
    const at = [...path, keyOf(member)];
    const own = keyOf(member) === "__proto__" ? [{ path: at, line: member.loc.start.line }] : [];
    return [...own, ...hidden(member.value, at)];
  });
}

/** Where the parts of a JSON text stand. */
function linesOf(text: string): { line: (path: Path) => number; root: ValueNode } {
  const root = parse(text, { mode: "json" }).body;
  return {
    root,
    line: (path) => {
      let [at, line]: [ValueNode, number] = [root, root.loc.start.line];
      for (const part of path) {
        const next = step(at, part);
        if (!next) break;
        ({ node: at, line } = next);
      }
      return line;
    },
  };
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((v, key) => (v == null ? undefined : (v as Record<PropertyKey, unknown>)[key]), value);
}

/** What the schema says of a value, a fault each; a key that it does not know is found on its own line. */
function misfits(issues: readonly z.core.$ZodIssue[], value: unknown): { path: Path; message: string }[] {
  return issues.flatMap((issue): { path: Path; message: string }[] => {
    const path = issue.path as Path;
    if (issue.code === "unrecognized_keys")
      return issue.keys.map((key) => ({ path: [...path, key], message: "is no field of this file" }));
    return [{ path, message: `${issue.message.replace(/\.$/, "")} (found ${shown(valueAt(value, path))})` }];
  });
}

/**
 * The value of a JSON text that fits a schema, with its lines.
 * @param remedy an imperative clause, said of every fault
 * @throws EdgeError naming file, line and path of everything that is wrong, a line each.
 */
export function parseLocated<S extends z.ZodType>(
  schema: S,
  text: string,
  { file, remedy }: { file: string; remedy: string },
): Located<z.output<S>> {
  let value: unknown;
  try {
    value = jsonOf(text);
  } catch (e) {
    throw new EdgeError(`${file} is not JSON (${jsonFault(e)}); ${remedy}.`);
  }
  const { line, root } = linesOf(text);
  const result = schema.safeParse(value);
  const faults = [
    ...doubled(root).map((each) => ({ ...each, message: "is there twice, and only one of them would count" })),
    ...hidden(root).map((each) => ({ ...each, message: "is a name that is dropped unseen" })),
    ...(result.success ? [] : misfits(result.error.issues, value).map((each) => ({ ...each, line: line(each.path) }))),
  ];
  if (faults.length > 0 || !result.success)
    throw new EdgeError(
      faults.map((each) => `${faultLine({ ...each, file, message: `${each.message}; ${remedy}` })}.`),
    );
  return { file, value: result.data, line };
}

/**
 * As {@link parseLocated}, of a file.
 * @param file as its reader knows it, where that is another path than the one it is read by
 * @throws EdgeError also when the file is missing or cannot be read.
 */
export function readLocated<S extends z.ZodType>(
  schema: S,
  path: string,
  { file = path, remedy }: { file?: string; remedy: string },
): Located<z.output<S>> {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (e) {
    const { code } = e as NodeJS.ErrnoException;
    throw new EdgeError(`${file} ${code === "ENOENT" ? "does not exist" : `cannot be read (${code})`}; ${remedy}.`);
  }
  return parseLocated(schema, text, { file, remedy });
}
