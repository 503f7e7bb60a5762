/** Definitions with faults in them, made of those that are shipped. */
import { productNamed } from "../../src/products/index.ts";

/** A field, and what it becomes: `undefined` takes it away. */
export type Change = [path: (string | number)[], value: unknown];

/** Objects and lists are new ones, functions the same. */
function copied(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copied);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, copied(each)]));
}

/** A shipped definition with a fault. */
export function broken(name: string, ...changes: Change[]): Record<string, unknown> {
  const definition = copied(productNamed(name)) as Record<string, unknown>;
  for (const [path, value] of changes) {
    const holder = path.slice(0, -1).reduce<any>((at, key) => at[key], definition);
    if (value === undefined) delete holder[path.at(-1)!];
    else holder[path.at(-1)!] = value;
  }
  return definition;
}
