/** The products that Greenlight can release. Adding one: a file beside this one, and a line here. */
import { EdgeError } from "../edges/edges.ts";
import { isLowerCaseName } from "../edges/names.ts";
import { didYouMean } from "../edges/nearest.ts";
import { nats } from "./nats.ts";
import { palyra } from "./palyra/definition.ts";
import type { Product } from "./product.ts";

export type {
  Access,
  Binary,
  CapabilityRules,
  JudgedPayload,
  Kept,
  Kind,
  MachineChecks,
  PayloadRules,
  Places,
  Product,
  ReadinessRules,
  Secret,
  SecretFormat,
  Service,
  Setup,
  SourceRules,
  Subject,
} from "./product.ts";
export * from "./access.ts";
export * from "./archive-name.ts";
export * from "./places.ts";
export * from "./platform.ts";
export * from "./target-facts.ts";

export const products: Record<string, Product> = Object.fromEntries([nats, palyra].map((p) => [p.name, p]));

/** The definition of a product. @throws EdgeError naming the known products. */
export function productNamed(name: string): Product {
  const product = Object.hasOwn(products, name) ? products[name] : undefined;
  if (product) return product;
  const names = Object.keys(products);
  const file = isLowerCaseName(name) ? name : "<name>";
  throw new EdgeError(
    `Product ${JSON.stringify(name)} is not known; use one of ${names.join(", ")}, or add src/products/${file}.ts${didYouMean(name, names) || "."}`,
  );
}
