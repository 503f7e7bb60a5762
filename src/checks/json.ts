/** JSON Schemas for what checks expect: written as zod or as example values beside the check, stored as the schema itself. */
import { z } from "zod";
import type { JsonSchema } from "./check.ts";

/** The JSON Schema of a zod schema. */
export function schemaOf(schema: z.ZodType): JsonSchema {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: "input" });
  return rest;
}

/**
 * The schema of what is like a value: of an object all that is given, whatever else it has; of a list these items and no others, in
 * this order; of anything else the very value. A zod schema stands for itself, at any place.
 */
export function like(value: unknown): JsonSchema {
  if (value instanceof z.ZodType) return schemaOf(value);
  if (Array.isArray(value)) {
    const items = value.length > 0 ? { prefixItems: value.map(like), minItems: value.length } : {};
    return { type: "array", ...items, maxItems: value.length };
  }
  if (value === null || typeof value !== "object") return { const: value };
  const properties = Object.fromEntries(Object.entries(value).map(([key, each]) => [key, like(each)]));
  return { type: "object", properties, required: Object.keys(properties) };
}

/** The schema of an object that has these values at these paths (`a.b.c`), whatever else it has. */
export function holding(values: Record<string, unknown>): JsonSchema {
  const root: Record<string, unknown> = {};
  for (const [path, value] of Object.entries(values)) {
    const keys = path.split(".");
    const last = keys.pop()!;
    let at = root;
    for (const key of keys) at = (at[key] ??= {}) as Record<string, unknown>;
    at[last] = value;
  }
  return like(root);
}
