/** JSON Schemas for what checks expect: written as zod beside the check, stored as the schema itself. */
import { z } from "zod";
import type { JsonSchema } from "./check.ts";

/** The JSON Schema of a zod schema. */
export function schemaOf(schema: z.ZodType): JsonSchema {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: "input" });
  return rest;
}

/** The schema of an object that has these values at these paths (`a.b.c`), whatever else it has. */
export function holding(values: Record<string, unknown>): JsonSchema {
  const root: JsonSchema = {};
  for (const [path, value] of Object.entries(values)) {
    let at = root;
    for (const key of path.split(".")) {
      at["type"] = "object";
      const properties = (at["properties"] ??= {}) as Record<string, JsonSchema>;
      const required = (at["required"] ??= []) as string[];
      if (!required.includes(key)) required.push(key);
      at = properties[key] ??= {};
    }
    at["const"] = value;
  }
  return root;
}
