/**
 * A recording: what a cell's checks said on a real machine, redacted, as small text files. `recording.json` says of
 * what it is; `<suite>.json` holds what each check of a suite was asked and said. Outputs are text, so that a person
 * can read a recording before it is shared, and see in a diff what another version says.
 */
import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { EdgeError, parseFile } from "../edges/edges.ts";
import { Sha256Schema } from "../edges/names.ts";
import { ProvenSchema } from "../evidence/index.ts";
import { canonicalJson, sha256 } from "../storage/digest.ts";
import { writeAtomic } from "../storage/atomic-write.ts";
import type { Check } from "../suites/index.ts";

const BroughtSchema = z.strictObject({ path: z.string(), sha256: Sha256Schema });
const Versions = z.record(z.string(), z.string());

/** A stream: all of it, or its beginning and its end where only these were kept, with its size in bytes. */
const TextSchema = z.union([z.string(), z.strictObject({ head: z.string(), tail: z.string(), bytes: z.int().min(0) })]);
export type RecordedText = z.output<typeof TextSchema>;

export const SaidSchema = z.strictObject({
  check: z.string(),
  /** digest of what was asked: see {@link questionOf} */
  question: Sha256Schema,
  exit: z.int().min(0).max(255).nullable(),
  ms: z.int().min(0),
  killed: z.enum(["no", "time", "limit"]),
  overflow: z.boolean(),
  left: z.int().min(0),
  needs: z.string(),
  stdout: TextSchema,
  stderr: TextSchema,
  /** files that came back, by path */
  files: z.record(z.string(), TextSchema).optional(),
  /** redaction has taken away what it is judged by */
  unjudged: z.literal(true).optional(),
});
/** What one check said. */
export type Said = z.output<typeof SaidSchema>;

const SuiteFileSchema = z.strictObject({ suite: z.string(), checks: z.array(SaidSchema).min(1, "holds no check") });

const FactsSchema = z.strictObject({
  schema: z.literal(1),
  cell: z.string().min(1),
  group: z.enum(["lifecycle", "upgrade", "recipe"]),
  /** suites of the cell, in order */
  suites: z.array(z.string()).min(1),
  subject: ProvenSchema.extend({ binaryVersions: Versions }),
  soakSeconds: z.int().min(0),
  recipe: BroughtSchema.nullable(),
  previous: BroughtSchema.extend({
    version: z.string(),
    binaryVersions: Versions,
    recipe: BroughtSchema.nullable(),
  }).nullable(),
  target: z.string(),
  kernel: z.string(),
  accelerator: z.string(),
  tool: z.string(),
  recordedAt: z.iso.datetime(),
  /** how often each kind of thing was redacted */
  redacted: z.record(z.string(), z.int().min(0)),
});
/** What a recording is of. */
export type RecordingFacts = z.output<typeof FactsSchema>;

export interface Recording {
  facts: RecordingFacts;
  /** by suite */
  said: Record<string, Said[]>;
}

/**
 * Digest of what a check asks; what is expected of the answer is no part of it, so that other expectations can be
 * judged.
 */
export function questionOf(check: Pick<Check, "run" | "on" | "login" | "user" | "steps" | "env" | "files">): string {
  const { run, on, login, user, steps, env, files } = check;
  return sha256(
    canonicalJson({
      run,
      on: on ?? "machine",
      login: login ?? false,
      user: user ?? "root",
      ...(steps && { steps: steps.map(({ expect: _, ...step }) => step) }),
      ...(env && { env }),
      ...(files && { files }),
    }),
  );
}

const remedy = "record the cell again with `greenlight record`";
const factsFile = "recording.json";

/**
 * Reads a recording. @throws EdgeError when a file of it is missing, unreadable, or there is one that it does not list
 */
export function readRecording(folder: string): Recording {
  const facts = parseFile(FactsSchema, join(folder, factsFile), remedy);
  const said = Object.fromEntries(
    facts.suites.map((suite) => [suite, parseFile(SuiteFileSchema, join(folder, `${suite}.json`), remedy)]),
  );
  for (const [suite, file] of Object.entries(said)) {
    if (file.suite !== suite)
      throw new EdgeError(`${join(folder, `${suite}.json`)} is of suite ${file.suite}; ${remedy}.`);
  }
  const stray = readdirSync(folder).find(
    (name) => name.endsWith(".json") && name !== factsFile && !facts.suites.includes(name.slice(0, -".json".length)),
  );
  if (stray !== undefined)
    throw new EdgeError(`${join(folder, stray)} belongs to no suite of the recording; take it out, or ${remedy}.`);
  return { facts, said: Object.fromEntries(Object.entries(said).map(([suite, { checks }]) => [suite, checks])) };
}

/** Writes a recording into a folder that is empty or not there yet. @throws EdgeError when it holds anything */
export function writeRecording(folder: string, { facts, said }: Recording): void {
  mkdirSync(folder, { recursive: true });
  const there = readdirSync(folder);
  if (there.length > 0)
    throw new EdgeError(`${folder} is not empty (${there[0]}); name another folder with \`--to\`, or empty this one.`);
  const text = (value: unknown): string => `${JSON.stringify(value, undefined, 2)}\n`;
  for (const [suite, checks] of Object.entries(said))
    writeAtomic(join(folder, `${suite}.json`), text({ suite, checks }));
  writeAtomic(join(folder, factsFile), text(FactsSchema.parse(facts)));
}
