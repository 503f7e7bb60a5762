/** The shape of suites at the edge: suites travel as resource inputs and inside evidence, and are parsed when they arrive. */
import { z } from "zod";
import type { Kept } from "../products/index.ts";
import type { Check, Observation, Suite } from "./suite.ts";

/** Names are part of file names and evidence lines, so they are kept to what needs no quoting anywhere. */
export const NameSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,63}$/, "a name is a-z, 0-9 and -, 64 characters at most");

const regularExpression = z.string().refine((text) => {
  try {
    new RegExp(text, "m");
    return true;
  } catch {
    return false;
  }
}, "not a regular expression");

const KeptSchema = z.discriminatedUnion("how", [
  z.strictObject({ how: z.literal("bytes"), path: z.string().min(1) }),
  z.strictObject({ how: z.literal("sealed"), path: z.string().min(1) }),
  z.strictObject({
    how: z.literal("records"),
    path: z.string().min(1),
    service: z.string().min(1),
    named: regularExpression.optional(),
  }),
  z.strictObject({
    how: z.literal("presented"),
    address: z.string().regex(/^[0-9A-Za-z.:-]+$/, "not an address"),
    port: z.number().int().min(1).max(65535),
    always: z.literal(true).optional(),
  }),
]) satisfies z.ZodType<Kept>;

const TextExpectationSchema = z.strictObject({
  equals: z.string().optional(),
  contains: z.array(z.string()).optional(),
  absent: z.array(z.string()).optional(),
  matches: regularExpression.optional(),
  json: z.array(z.strictObject({ path: z.string(), equals: z.unknown() })).optional(),
  kept: z
    .strictObject({
      asked: z.enum(["noted", "still", "later", "gone", "removed"]),
      migrated: z.literal(true).optional(),
      what: z.array(KeptSchema).min(1),
    })
    .optional(),
});

/** Names of what the host sees of a machine. */
export const ObservationSchema = z.enum(["packets"]) satisfies z.ZodType<Observation>;

const MachineCheckSchema = z.strictObject({
  name: NameSchema,
  run: z
    .string()
    .min(1)
    .refine((text) => !text.includes("\0"), "a shell text cannot hold a NUL"),
  login: z.boolean().optional(),
  user: z
    .string()
    .regex(/^[a-z_][a-z0-9_-]*$/, "not a user name")
    .optional(),
  within: z.number().int().min(1).max(3600).optional(),
  needs: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]*\/[a-z0-9][a-z0-9-]*$/, "needs is <suite>/<check>")
    .optional(),
  whole: z.literal(true).optional(),
  expect: z.strictObject({
    exit: z.number().int().min(0).max(255).optional(),
    stdout: TextExpectationSchema.optional(),
    stderr: TextExpectationSchema.optional(),
    seconds: z.number().positive().optional(),
  }),
});

/** A check that the host answers has nothing of those that run. */
const HostCheckSchema = MachineCheckSchema.pick({ name: true }).extend({
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
