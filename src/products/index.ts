/** The products that Greenlight can release. Adding one: a file beside this one, and a line in `definitions`. */
import { EdgeError } from "../edges/edges.ts";
import { isLowerCaseName } from "../edges/names.ts";
import { didYouMean } from "../edges/nearest.ts";
import { definitionFaults, loadDefinition } from "./definition.ts";
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

/** Where each definition is. One that is broken is refused when it is asked for, and stands in the way of no other. */
const definitions: Record<string, { file: string; load: () => Promise<Product> }> = {
  nats: { file: "src/products/nats.ts", load: async () => (await import("./nats.ts")).nats },
  palyra: {
    file: "src/products/palyra/definition.ts",
    load: async () => (await import("./palyra/definition.ts")).palyra,
  },
};

const loaded = await Promise.all(
  Object.entries(definitions).map(async ([name, { load }]) => ({ name, ...(await loadDefinition(load)) })),
);

/** The definitions that could be loaded. Whether one is whole, {@link productNamed} says. */
export const products: Record<string, Product> = Object.fromEntries(
  loaded.flatMap(({ name, product }) => (product === undefined ? [] : [[name, product]])),
);

const whole = new WeakSet<Product>();

/** The file of a product's definition. */
export const definitionFile = (name: string): string =>
  Object.hasOwn(definitions, name) ? definitions[name]!.file : `src/products/${name}.ts`;

/** All that is wrong with the definition of a product that there is, a sentence each. */
function faultsOf(name: string): string[] {
  const file = definitionFile(name);
  const product = Object.hasOwn(products, name) ? products[name] : undefined;
  if (product === undefined) return [`${file} ${loaded.find((each) => each.name === name)!.fault}`];
  if (whole.has(product)) return [];
  const faults = definitionFaults(product, name).map(({ path, message }) => `${file}: ${path}: ${message}`);
  if (faults.length === 0) whole.add(product);
  return faults;
}

/** The definition of a product, which is whole. @throws EdgeError with all that is wrong with it, or naming the known products */
export function productNamed(name: string): Product {
  const names = Object.keys({ ...definitions, ...products });
  if (names.includes(name)) {
    const faults = faultsOf(name);
    if (faults.length > 0) throw new EdgeError(faults);
    return products[name]!;
  }
  const file = isLowerCaseName(name) ? name : "<name>";
  throw new EdgeError(
    `Product ${JSON.stringify(name)} is not known; use one of ${names.join(", ")}, or add src/products/${file}.ts${didYouMean(name, names) || "."}`,
  );
}

/** The products whose definitions are whole. */
export const wholeProducts = (): Product[] =>
  Object.keys(products).flatMap((name) => (faultsOf(name).length === 0 ? [products[name]!] : []));
