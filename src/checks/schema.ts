/** The shape of suites at the edge: suites travel as resource inputs and inside evidence, and are parsed when they arrive. */
import { z } from "zod";
import { Sha256Schema } from "../edges/names.ts";
import type { Check, Expectation, GuestScript, Observation, Step, Suite, TextExpectation } from "./check.ts";

/** Names are part of file names and evidence, so they are kept to what needs no quoting anywhere. */
export const NameSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,63}$/, "a name is a-z, 0-9 and -, 64 characters at most");

/** The source of a regular expression. */
export const RegularExpressionSchema = z.string().refine((text) => {
  try {
    new RegExp(text, "m");
    return true;
  } catch {
    return false;
  }
}, "not a regular expression");

const word = z.string().refine((text) => !text.includes("\0"), "a shell text cannot hold a NUL");
const Environment = z.record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "not a variable's name"), word);

/** `<suite>/<check>` */
const OtherCheck = z.string().regex(/^[a-z0-9][a-z0-9-]*\/[a-z0-9][a-z0-9-]*$/, "another check is <suite>/<check>");
const Pointer = z.string().regex(/^(\/([^~/]|~[01])*)*$/, "not a JSON pointer");

const TextExpectationSchema = z.strictObject({
  equals: z.string().optional(),
  exactly: z.string().optional(),
  contains: z.array(z.string()).optional(),
  absent: z.array(z.string()).optional(),
  matches: RegularExpressionSchema.optional(),
  lines: z.array(z.string()).optional(),
  schema: z.record(z.string(), z.unknown()).optional(),
  sha256: Sha256Schema.optional(),
  sameAs: z
    .strictObject({ check: z.union([OtherCheck, NameSchema]), pointer: Pointer.optional(), own: Pointer.optional() })
    .optional(),
}) satisfies z.ZodType<TextExpectation>;

const ExpectationSchema = z.strictObject({
  exit: z.union([z.number().int().min(0).max(255), z.literal("other")]).optional(),
  stdout: TextExpectationSchema.optional(),
  stderr: TextExpectationSchema.optional(),
  seconds: z.number().positive().optional(),
}) satisfies z.ZodType<Expectation>;

const GuestScriptSchema = z.strictObject({
  script: z.string().regex(/^[a-z/-]+\/guest\/[a-z-]+\.sh$/, "not a script of a room's guest folder"),
  sha256: z.string(),
  args: z.array(word),
}) satisfies z.ZodType<GuestScript>;

const CommandSchema = z.union([word.min(1), z.array(word), GuestScriptSchema]);

const StepSchema = z.strictObject({
  id: NameSchema,
  run: z.union([z.array(word).min(1), GuestScriptSchema]),
  env: Environment.optional(),
  input: word.optional(),
  expect: ExpectationSchema.optional(),
}) satisfies z.ZodType<Step>;

/** Names of what the host sees of a machine. */
export const ObservationSchema = z.enum(["packets"]) satisfies z.ZodType<Observation>;

const MachineCheckSchema = z
  .strictObject({
    name: NameSchema,
    run: CommandSchema,
    steps: z.array(StepSchema).min(1).optional(),
    env: Environment.optional(),
    login: z.boolean().optional(),
    user: z
      .string()
      .regex(/^[a-z_][a-z0-9_-]*$/, "not a user name")
      .optional(),
    within: z.number().int().min(1).max(3600).optional(),
    needs: OtherCheck.optional(),
    files: z.array(z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._/-]*$/, "not a path in the working folder")).optional(),
    expect: ExpectationSchema.extend({
      judge: z.strictObject({ name: z.string().min(1), given: z.unknown().optional() }).optional(),
    }),
  })
  .refine(({ run, steps }) => steps !== undefined || !Array.isArray(run) || run.length > 0, "it runs nothing");

/** A check that the host answers has nothing of those that run. */
const HostCheckSchema = z.strictObject({
  name: NameSchema,
  on: z.literal("host"),
  run: ObservationSchema,
  expect: z.strictObject({ stdout: TextExpectationSchema }),
});

export const CheckSchema = z.union([HostCheckSchema, MachineCheckSchema]) satisfies z.ZodType<Check>;

const unique = (checks: { name: string }[]): boolean =>
  new Set(checks.map((check) => check.name)).size === checks.length;

/** A suite; one without checks fits the shape and is red when it is judged. */
export const SuiteSchema = z.strictObject({
  name: NameSchema,
  afterReboot: z.enum(["clean", "hard"]).optional(),
  checks: z.array(CheckSchema).refine(unique, "check names must be unique in their suite"),
}) satisfies z.ZodType<Suite>;

/** The suites of one machine, in order. */
export const SuitesSchema = z.array(SuiteSchema).refine(unique, "suite names must be unique on their machine");
