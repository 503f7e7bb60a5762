/**
 * The shape of an output: what stays when values change. Two recordings of the same check, one of the real product and
 * one of its stand-in, must have the same shapes; otherwise one has drifted away from the other.
 */
import type { Recording, RecordedText } from "./recording.ts";

/** Keys and types of a JSON value; of a list, the shapes that its elements have, each once. */
function jsonShape(value: unknown): unknown {
  if (Array.isArray(value))
    return [...new Map(value.map((each) => [JSON.stringify(jsonShape(each)), jsonShape(each)])).values()];
  if (value === null || typeof value !== "object") return value === null ? "null" : typeof value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, each]) => [key, jsonShape(each)]));
}

/** A line with its values masked: numbers, placeholders, paths, quoted texts, and what stands after `name=`. */
function lineShape(line: string): string {
  return line
    .replace(/\[[a-z]+ \d+\]/g, "<value>")
    .replace(/"[^"]*"/g, "<value>")
    .replace(/\b([\w.-]+)=\S*/g, "$1=<value>")
    .replace(/(?<![\w<])\/[\w./<>-]+/g, "<path>")
    .replace(/\d+(?:[.:-]\d+)*/g, "0")
    .trimEnd();
}

/**
 * The shape of a text: of JSON its keys and types, otherwise its lines, each once where several in a row have one
 * shape.
 */
export function shapeOf(text: string): string {
  const trimmed = text.trim();
  if (/^[{[]/.test(trimmed)) {
    try {
      return JSON.stringify(jsonShape(JSON.parse(trimmed)));
    } catch {
      // Not JSON after all.
    }
  }
  const lines = trimmed.split("\n").map(lineShape);
  return lines.filter((line, i) => line !== lines[i - 1]).join("\n");
}

export interface ShapeDifference {
  suite: string;
  check: string;
  /** `exit`, `stdout`, `stderr`, or `check` when only one of them has it */
  of: "exit" | "stdout" | "stderr" | "check";
  real: string;
  standin: string;
}

const whole = (text: RecordedText): string | undefined => (typeof text === "string" ? text : undefined);

/**
 * Where a stand-in's recording has another shape than the real product's. A check that only the real one has, or that
 * was asked otherwise, is a difference as well: nothing is known of it then. Of long outputs only an excerpt is known,
 * and no shape.
 */
export function shapeDifferences(real: Recording, standin: Recording): ShapeDifference[] {
  return Object.entries(real.said).flatMap(([suite, checks]) =>
    checks.flatMap((one): ShapeDifference[] => {
      const other = standin.said[suite]?.find(({ check }) => check === one.check);
      const at = { suite, check: one.check };
      if (!other) return [{ ...at, of: "check", real: "recorded", standin: "not recorded" }];
      if (one.exit !== other.exit) return [{ ...at, of: "exit", real: String(one.exit), standin: String(other.exit) }];
      return (["stdout", "stderr"] as const).flatMap((of): ShapeDifference[] => {
        const [a, b] = [whole(one[of]), whole(other[of])];
        if (a === undefined || b === undefined || shapeOf(a) === shapeOf(b)) return [];
        return [{ ...at, of, real: shapeOf(a), standin: shapeOf(b) }];
      });
    }),
  );
}
