/**
 * Scripts, by their first line, which the kernel reads and no shell mends: what runs them, and whether it is there. What Linux
 * makes of the line: fs/binfmt_script.c; what `env` makes of the rest: coreutils' manual, "env invocation".
 */
import { posix } from "node:path";
import { targetFacts, type Platform, type Target } from "../products/index.ts";

/** What a script's first line says. */
export interface Shebang {
  /** the program that it names; empty when it names none */
  interpreter: string;
  /** what follows it, as one text */
  argument: string;
  /** why no system starts it, as a clause that follows the script's name */
  fault?: string;
}

/** Bytes of a file that Linux reads of the first line, `#!` with it. */
const MOST = 255;
const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf]);
const shown = (text: string): string => JSON.stringify(text).replaceAll("\\u007f", "\\x7f");

/** What the first line says, where the file's beginning `head` is that of a script; a byte order mark before it hides it from systems, and not from people. */
export function shebangOf(head: Buffer): Shebang | undefined {
  const marked = head.subarray(0, 3).equals(byteOrderMark);
  const text = marked ? head.subarray(3) : head;
  if (text.length < 2 || text[0] !== 0x23 || text[1] !== 0x21) return undefined;
  const end = text.indexOf(0x0a);
  // Sources in Rust begin like this (inner attributes), and its compiler takes that for no script either.
  if (/^[ \t]*\[/.test(text.toString("latin1", 2, 64))) return undefined;
  const line = text.toString("latin1", 2, Math.min(end < 0 ? text.length : end, 4096));
  const [, interpreter = "", argument = ""] = /^[ \t]*([^ \t]*)[ \t]*([^]*?)[ \t]*$/.exec(line)!;
  const fault = marked
    ? "has a byte order mark before its #!, so that no system sees whom to start"
    : lineFault(line, interpreter);
  return {
    interpreter: interpreter.slice(0, MOST),
    argument: argument.slice(0, MOST),
    ...(fault !== undefined && { fault }),
  };
}

function lineFault(line: string, interpreter: string): string | undefined {
  if (line.includes("\r"))
    return "has a carriage return in its first line, which becomes a part of the name of what runs it (its lines must end with LF alone)";
  if (line.includes("\0")) return "has a NUL in its first line";
  if (interpreter === "") return "names no program in its first line (#!)";
  if (!interpreter.startsWith("/"))
    return `names ${shown(interpreter)} in its first line, which is not absolute: what starts then depends on the folder that somebody stands in`;
  return line.length + 2 > MOST
    ? `has a first line of ${line.length + 2} bytes, of which systems read ${MOST}`
    : undefined;
}

/** Words that `env` is given: Linux hands over all that follows as one, macOS splits it, and `-S` has env split it. */
function wordsOf(argument: string, platform: Platform): string[] {
  const split = /^(?:-[iv0]*S|--split-string[= ])\s*([^]*)$/.exec(argument)?.[1];
  if (split === undefined && platform.startsWith("linux-")) return argument === "" ? [] : [argument];
  return (split ?? argument).match(/(?:"[^"]*"|'[^']*'|[^\s"']|["'])+/g) ?? [];
}

/** The program that `env` is asked for: behind its options and settings of variables. */
function envProgram(argument: string, platform: Platform): string | undefined {
  const words = wordsOf(argument, platform);
  for (let n = 0; n < words.length; n++) {
    const word = words[n]!;
    if (word === "-u" || word === "--unset" || word === "-C" || word === "--chdir") n++;
    else if (!word.startsWith("-") && !/^[A-Za-z_]\w*=/.test(word)) return word.replace(/^(["'])([^]*)\1$/, "$2");
  }
  return undefined;
}

const folders = /^\/(?:usr\/)?bin\/([^/]+)$/;

/** Why the target has not what runs the script, as a clause; `expected`: programs that users of it are told to install. */
function targetFault(
  { interpreter, argument }: Shebang,
  platform: Platform,
  target: Target,
  expected: readonly string[],
): string | undefined {
  const there = new Set([...targetFacts[target].scriptPrograms, ...expected]);
  const has = (path: string): boolean => there.has(folders.exec(posix.normalize(path).replace(/^\/+/, "/"))?.[1] ?? "");
  if (!has(interpreter)) return `is run by ${shown(interpreter)}, which ${target} does not have`;
  if (posix.basename(interpreter) !== "env") return undefined;
  const program = envProgram(argument, platform);
  if (program === undefined) return "has env look for no program in its first line";
  if (/\s/.test(program))
    return `has env look for a program named ${shown(program)}: all that follows env is one word there (env -S splits it)`;
  if (program.includes("/") ? has(program) : there.has(program)) return undefined;
  return `is run by ${shown(program)}, which ${target} does not have`;
}

/**
 * Everything that keeps a script from starting where it is meant to, as clauses that follow its name. Nothing is asked of
 * scripts for Windows, which starts none by its first line.
 */
export function scriptFaults(
  shebang: Shebang,
  platform: Platform,
  targets: readonly Target[],
  expected: readonly string[] = [],
): string[] {
  if (platform.startsWith("windows-")) return [];
  if (shebang.fault !== undefined) return [shebang.fault];
  return targets.flatMap((target) => targetFault(shebang, platform, target, expected) ?? []);
}
