/** Whether JSON is as a schema says, and if not, each place in it: a sentence's parts for each. */
import { Ajv2020, type ErrorObject, type ValidateFunction } from "ajv/dist/2020.js";
import { canonicalJson } from "../storage/digest.ts";
import type { JsonSchema } from "../checks/check.ts";
import type { Miss } from "../checks/judging.ts";

const ajv = new Ajv2020({ allErrors: true, verbose: true, strict: false, ownProperties: true });
const compiled = new Map<string, ValidateFunction>();

function validator(schema: JsonSchema): ValidateFunction {
  const key = canonicalJson(schema);
  const known = compiled.get(key);
  if (known) return known;
  const made = ajv.compile(schema);
  compiled.set(key, made);
  return made;
}

const short = (value: unknown): string => {
  const text = value === undefined ? "nothing" : JSON.stringify(value);
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
};

function missOf({ instancePath, keyword, params, message, data }: ErrorObject, name: string): Miss {
  const given = params as Record<string, unknown>;
  if (keyword === "required")
    return {
      expected: `${name} to have ${instancePath}/${String(given["missingProperty"])}`,
      observed: `no ${instancePath}/${String(given["missingProperty"])} in ${short(data)}`,
    };
  const at = instancePath === "" ? name : `${instancePath} of ${name}`;
  const wanted =
    keyword === "const"
      ? `be ${short(given["allowedValue"])}`
      : keyword === "enum"
        ? `be one of ${short(given["allowedValues"])}`
        : (message ?? keyword).replace(/^must /, "");
  return {
    expected: `${at} to ${wanted}`,
    observed: `${instancePath === "" ? "" : `${instancePath} = `}${short(data)}`,
  };
}

/** Everything about a value that is not as the schema says. `name` is how sentences call the text that it came from. */
export function schemaMisses(name: string, schema: JsonSchema, value: unknown): Miss[] {
  const fits = validator(schema);
  if (fits(value)) return [];
  return (fits.errors ?? []).map((error) => missOf(error, name));
}

/** The value at a JSON pointer (RFC 6901); undefined when there is none. */
export function valueAt(value: unknown, pointer: string): unknown {
  const keys = pointer.split("/").slice(1);
  return keys
    .map((key) => key.replaceAll("~1", "/").replaceAll("~0", "~"))
    .reduce<unknown>((v, key) => {
      if (v === null || typeof v !== "object" || !Object.hasOwn(v, key)) return undefined;
      return (v as Record<string, unknown>)[key];
    }, value);
}
