/** A YAML document by a real parser: its keys with their values, and what its `run` steps run. What is switched off is not there. */
import { isMap, isScalar, isSeq, LineCounter, parseAllDocuments, type Node, type Pair } from "yaml";
import { EdgeError } from "../edges/edges.ts";
import { holds } from "./holds.ts";
import { powershellStatements } from "./powershell-text.ts";
import { shellCommands } from "./shell-text.ts";

/** A key of a document with a value that is no list and no map. */
interface Entry {
  key: string;
  value: string;
  /** of a `run`: what it is run by, where the step says it */
  shell: string | undefined;
}

/** A value as it is written, so that `1.10` is not 1.1. */
const written = (node: unknown): string | undefined =>
  isScalar(node) ? (node.source ?? String(node.value)).trim() : undefined;

/** The value of a key of a map. */
const under = (pairs: readonly Pair[], key: string): unknown => pairs.find((each) => written(each.key) === key)?.value;

/** Conditions under which a step or a job is never run. */
const never = /^(?:\$\{\{\s*)?false(?:\s*\}\})?$/;

function entriesOf(node: unknown): Entry[] {
  if (isSeq(node)) return node.items.flatMap(entriesOf);
  if (!isMap(node)) {
    const value = written(node);
    return value === undefined ? [] : [{ key: "", value, shell: undefined }];
  }
  const pairs = node.items;
  if (never.test(written(under(pairs, "if")) ?? "")) return [];
  const shell = written(under(pairs, "shell"));
  return pairs.flatMap(({ key, value }) => {
    const [name, text] = [written(key) ?? "", written(value)];
    return text === undefined ? entriesOf(value) : [{ key: name, value: text, shell }];
  });
}

/** Whether a `run` runs a command: all of it, or one command among others; whole words of it, in their order. */
function runs({ value, shell }: Entry, command: string): boolean {
  if (/^(?:pwsh|powershell)\b/.test(shell ?? ""))
    return powershellStatements(value).some((each) => holds(each, command));
  const wanted = shellCommands(command).map((words) => ` ${words.join(" ")} `);
  const there = shellCommands(value).map((words) => ` ${words.join(" ")} `);
  return wanted.length > 0 && wanted.every((each) => there.some((has) => has.includes(each)));
}

/**
 * A function that says whether the documents of a text hold what is wanted: `name: value` as a key with that value, of `run` also as one
 * command of it; anything else in a value.
 * @throws EdgeError when it is no YAML
 */
export function yamlHolds(text: string, file: string): (wanted: string) => boolean {
  const counter = new LineCounter();
  const documents = parseAllDocuments(text, { lineCounter: counter });
  const broken = [...documents].flatMap(({ errors }) => errors)[0];
  if (broken) {
    const where = broken.linePos ? `:${broken.linePos[0].line}` : "";
    throw new EdgeError(`${file}${where} is no YAML (${broken.message.split("\n")[0]!.replace(/[.:]$/, "")}).`);
  }
  const entries = [...documents].flatMap(({ contents }) => entriesOf(contents as Node | null));
  return (wanted) => {
    const [, key, value = ""] = /^([\w.-]+):\s+(\S.*)$/s.exec(wanted.trim()) ?? [];
    if (key === undefined)
      return entries.some((each) => (each.key === "run" ? runs(each, wanted) : holds(each.value, wanted)));
    return entries.some((each) => each.key === key && (each.value === value || (key === "run" && runs(each, value))));
  };
}
