/** What a judge of the host is given, and what it says. */
import type { z } from "zod";
import { parseValue } from "../edges/edges.ts";
import type { Outputs } from "./outputs.ts";

/** One expectation that does not hold: what was expected and what was seen instead, as parts of a sentence. */
export interface Miss {
  expected: string;
  observed: string;
}

/** What a judge sees: the check's own outputs, and those of the checks before it on this machine. */
export interface Seen {
  own: Outputs;
  /** @throws EdgeError when that check has no record, or did not run */
  of(check: string): Outputs;
}

/** Says everything that is wrong; nothing when all is right. An EdgeError is one thing wrong. */
export type Judge = (given: unknown, seen: Seen) => Miss[];

/** A judge of what its schema reads. */
export function judge<S extends z.ZodType>(given: S, judged: (given: z.output<S>, seen: Seen) => Miss[]): Judge {
  return (value, seen) =>
    judged(parseValue(given, value, { what: "What a judge is given", remedy: "correct the check" }), seen);
}

/** One miss, or none. */
export function unless(holds: boolean, expected: string, observed: string): Miss[] {
  return holds ? [] : [{ expected, observed }];
}

/** Some of many things, in one line. */
export function listed(all: readonly string[], most = 20): string {
  return all.slice(0, most).join("; ") + (all.length > most ? `; and ${all.length - most} more` : "");
}
