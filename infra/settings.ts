/** Stack configuration, parsed once. No other file of the program reads configuration. */
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { parseValue } from "../src/edges/edges.ts";
import { lowerCaseName } from "../src/edges/names.ts";
import { TargetSchema } from "../src/products/index.ts";
import { ProfileNameSchema } from "../src/matrix/index.ts";
import { suiteNames, suitesOfProfile } from "../src/plan/index.ts";

/** What a machine needs beside the soak, at the least: it boots, installs, and starts again twice. */
const leastMinutesBesideSoak = 3;

/** A service that dies after less is seen by no shorter soak; settled for all stacks, so that none proves less under the same name. */
const leastSoakSeconds = 30;

const SettingsSchema = z.strictObject({
  product: z.string().min(1),
  candidate: z.string().min(1),
  channel: lowerCaseName("a channel is named with a-z, 0-9 and -, like dev or stable"),
  promoteFrom: z.string(),
  promoteVersion: z.string(),
  previous: z.string(),
  fleet: z.literal("local", { error: "the only fleet is local (QEMU on this host)" }),
  kinds: z
    .array(z.string(), { error: "is a list, set with `--path 'greenlight:kinds[0]'`" })
    .refine((list) => new Set(list).size === list.length, "name each kind once"),
  targets: z
    .array(TargetSchema)
    .min(1, "name at least one target")
    .refine((list) => new Set(list).size === list.length, "name each target once"),
  profile: ProfileNameSchema,
  suites: z.array(z.enum(suiteNames)).min(1, "name at least one suite"),
  soakSeconds: z
    .number()
    .int()
    .max(1800)
    .refine(
      (seconds) => seconds === 0 || seconds >= leastSoakSeconds,
      `give 0 to leave the suite soak out, or at least ${leastSoakSeconds}`,
    ),
  machineLifeMinutes: z
    .number()
    .int()
    .min(2)
    .max(24 * 60),
  keepRedMachines: z.boolean(),
  evidenceMaxAgeHours: z.number().int().min(1),
  attempts: z.record(z.string(), z.number().int().min(1)),
});

/** What a stack asks for; Pulumi.yaml describes each setting. */
export type Settings = z.output<typeof SettingsSchema>;

/** What holds between settings that are right each by itself. */
const WholeSettingsSchema = SettingsSchema.superRefine(({ soakSeconds, machineLifeMinutes }, context) => {
  const least = leastMinutesBesideSoak + Math.ceil(soakSeconds / 60);
  if (machineLifeMinutes < least)
    context.addIssue({
      code: "custom",
      path: ["machineLifeMinutes"],
      message: `${machineLifeMinutes} minutes are too few for a soak of ${soakSeconds} s and what else a machine does; give at least ${least}`,
    });
});

/** All settings as they stand, right or wrong, with those that no program reads: a name that is misspelt sets nothing. */
function found(): Record<string, unknown> {
  const config = new pulumi.Config();
  const own = `${config.name}:`;
  const given = Object.keys(pulumi.runtime.allConfig() ?? {})
    .filter((key) => key.startsWith(own))
    .map((key) => key.slice(own.length));
  const keys = new Set([...Object.keys(SettingsSchema.shape), ...given]);
  return Object.fromEntries(
    [...keys].map((key) => [key, !(key in SettingsSchema.shape) || isText(key) ? config.get(key) : value(config, key)]),
  );
}

/** A setting that is no text. What is no JSON is kept as it stands, for the schema to name it. */
function value(config: pulumi.Config, key: string): unknown {
  try {
    return config.getObject(key);
  } catch {
    return config.get(key);
  }
}

/** Product and candidate as they stand, so that what is wrong with the candidate is said even when another setting is wrong. */
export function candidateSettings(): Pick<Settings, "product" | "candidate"> | undefined {
  return z.object(SettingsSchema.pick({ product: true, candidate: true }).shape).safeParse(found()).data;
}

/** A full run asks its own suites beside those that the stack names. */
function withProfile({ suites, ...settings }: Settings): Settings {
  const fast = suitesOfProfile("fast");
  const own = settings.profile === "full" ? suitesOfProfile("full").filter((name) => !fast.includes(name)) : [];
  return { ...settings, suites: [...new Set([...suites, ...own])] };
}

/** The stack's settings. @throws EdgeError naming every setting that is wrong. */
export function readSettings(): Settings {
  const settings = parseValue(WholeSettingsSchema, found(), {
    what: `The configuration of stack ${pulumi.getStack()}`,
    remedy: "change it with `pulumi config set` or in the stack's file",
  });
  return withProfile(settings);
}

function isText(key: string): boolean {
  const type = SettingsSchema.shape[key as keyof Settings];
  return type instanceof z.ZodString || type instanceof z.ZodLiteral;
}
