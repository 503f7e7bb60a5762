/** What the schema of product definitions is put together of: objects that know their fields, references, paths, texts with gaps. */
import { isIP } from "node:net";
import { posix } from "node:path";
import { z } from "zod";
import { shown } from "../edges/edges.ts";
import { didYouMean } from "../edges/nearest.ts";

/** A schema for each field of a type: what may be missing there may be missing here, and nothing else. */
type Fields<T> = { [K in keyof T]-?: object extends Pick<T, K> ? z.ZodOptional<z.ZodType<T[K]>> : z.ZodType<T[K]> };

/** An object with these fields and no others. What is said of one too many is the names that there are: `definition.ts` makes sentences of it. */
export const fields = <T>(shape: Fields<T>) =>
  z.strictObject(shape, {
    error: ({ code }) => (code === "unrecognized_keys" ? Object.keys(shape).join(" ") : undefined),
  }) as unknown as z.ZodType<T>;

/** One that may be missing. */
export const maybe = <T>(schema: z.ZodType<T>) => z.optional(schema);

/** What a definition's faults are called where zod has words of its own. */
export function faultOf({ code, input, ...issue }: z.core.$ZodRawIssue): string | undefined {
  if (code !== "invalid_type" && code !== "invalid_value") return undefined;
  if (input === undefined) return "is missing";
  if (code === "invalid_value") return `${shown(input)} is not ${(issue["values"] as unknown[]).map(shown).join(", ")}`;
  const names: Record<string, string> = {
    string: "a text",
    array: "a list",
    record: "an object",
    int: "a whole number",
  };
  const expected = String(issue["expected"]);
  return `${shown(input)} is not ${names[expected] ?? `${/^[aeiou]/.test(expected) ? "an" : "a"} ${expected}`}`;
}

/** A schema that depends on what it is asked about: names in one part of it are references in another. */
export const within = <T>(schemaFor: (raw: unknown) => z.ZodType<T>): z.ZodType<T> =>
  z.unknown().check((context) => {
    const found = schemaFor(context.value).safeParse(context.value, { error: faultOf });
    for (const issue of found.error?.issues ?? []) context.issues.push({ ...issue, input: undefined });
  }) as z.ZodType<T>;

/** The names in an object, or none when it is no object. */
export const namesIn = (value: unknown): string[] =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? Object.keys(value) : [];

/** A field of what may be an object. */
export const field = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;

/** The items of what may be a list. */
export const items = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

/** The texts of a list. */
export const texts = (values: readonly unknown[]): string[] => values.filter((each) => typeof each === "string");

/** A name of something that is defined elsewhere. @param what of which it is one: `the kind's binaries` */
export const reference = (known: readonly string[], what: string) =>
  z
    .string()
    .refine((name) => known.includes(name), {
      error: ({ input }) =>
        `${shown(input)} is not one of ${what}, ${known.length === 0 ? "of which there is none" : known.join(", ")}${didYouMean(String(input), known)}`,
    });

/** One of the words of a type: all of them are named, as TypeScript sees to. */
export function oneOf<T extends string>(words: Record<T, true>): z.ZodType<T> {
  const known = Object.keys(words);
  return z.custom<T>((value) => typeof value === "string" && known.includes(value), {
    error: ({ input }) =>
      input === undefined
        ? "is missing"
        : `${shown(input)} is not one of ${known.join(", ")}${didYouMean(typeof input === "string" ? input : "", known)}`,
  });
}

/** A function of the definition. */
export const callable = <T>() =>
  z.custom<T>((value) => typeof value === "function", {
    error: ({ input }) => (input === undefined ? "is missing" : `${shown(input)} is not a function`),
  });

/** A text of which something holds. @param fault what is said of another one, after the text itself */
export const textThat = (fault: string, holds: (text: string) => boolean) =>
  z.string().refine(holds, { error: ({ input }) => `${shown(input)} ${fault}` });

/** A list in which nothing stands twice. */
export const listOf = <T>(each: z.ZodType<T>, what: string, least = 0) =>
  z
    .array(each)
    .refine((list) => list.length >= least, `names no ${what}`)
    .refine((list) => new Set(list.map((item) => JSON.stringify(item))).size === list.length, `names a ${what} twice`);

const isLine = (text: string): boolean => !/[\n\r\0]/.test(text);

/** Something, on one line. */
export const line = textThat("is not one line of text", (text) => text.trim() !== "" && isLine(text));

/** A name that a machine takes for a user, a unit, a folder. */
export const machineName = textThat("is no name of a-z, 0-9, - and _, at most 31", (text) =>
  /^[a-z][a-z0-9_-]{0,30}$/.test(text),
);

/** The name of an environment variable. */
export const variableName = textThat("is no name of an environment variable", (text) => /^[A-Za-z_]\w*$/.test(text));

/** An absolute folder that is the product's own. */
export const ownFolder = textThat(
  "is not an absolute path in its shortest form, two folders deep at least",
  (text) => isLine(text) && isOwnFolder(text),
);

function isOwnFolder(text: string): boolean {
  return posix.isAbsolute(text) && posix.normalize(text) === text && !text.endsWith("/") && text.split("/").length > 2;
}

/** Below one of these gaps, or, where it may be, an absolute folder of its own. */
export const below = (gaps: readonly string[], absolute = false) =>
  textThat(
    `does not begin with ${gaps.join(" or ")}${absolute ? ", and is no absolute path of its own" : ""}`,
    (text) =>
      gaps.some((gap) => text.startsWith(`${gap}/`) && isRelative(text.slice(gap.length + 1))) ||
      (absolute && isOwnFolder(text)),
  );

function isRelative(text: string): boolean {
  const short = text.replace(/\/$/, "");
  return isLine(text) && short !== "" && posix.normalize(short) === short && !/^(\/|\.\.?(\/|$))/.test(short);
}

/** A path below a folder that is known: a checkout, an archive, the configuration. */
export const relative = textThat("is not a relative path in its shortest form", isRelative);

/** A text in which `{words}` are filled in; what looks like one, and is not filled in here, stays in it unseen. */
export const filled = (gaps: readonly string[], base: z.ZodType<string> = z.string()) =>
  base.superRefine((text, context) => {
    for (const [found, word] of text.matchAll(/(?<!\{)\{([A-Za-z]+)\}(?!\})/g)) {
      if (gaps.includes(word!)) continue;
      const there = gaps.length === 0 ? "nothing" : gaps.map((gap) => `{${gap}}`).join(", ");
      const message = `${shown(text)} holds ${found}, and what is filled in here is ${there}${didYouMean(word!, gaps).replace(/"(\w+)"/, '"{$1}"')}`;
      if (everyGap.includes(word!) || didYouMean(word!, gaps) !== "") context.addIssue({ code: "custom", message });
    }
  });

/** Words that are filled in somewhere in a definition. */
const everyGap = ["root", "state", "config", "home", "user", "version", "exe", "profile", "folder"];

/** An address that sockets have. */
export const ipAddress = textThat("is no IP address", (text) => isIP(text) !== 0);

/** A port that sockets have. */
export const port = z
  .number()
  .refine((n) => Number.isInteger(n) && n > 0 && n < 65_536, {
    error: ({ input }) => `${shown(input)} is no port from 1 to 65535`,
  });
