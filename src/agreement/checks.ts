/** The checks that there are for a product, and those that its seeded faults name. */
import { join } from "node:path";
import { z } from "zod";
import { readLocated, type Located } from "../edges/located.ts";
import { cellSuites, suiteNames, type Group } from "../plan/index.ts";
import type { Product } from "../products/index.ts";
import type { Roll } from "./rolls.ts";

const groups: readonly Group[] = ["lifecycle", "upgrade", "recipe", "chaos"];

/** Every check of a product's kind, `<suite>/<check>`, on every machine that it may be asked on. */
function checksOf(product: Product, kind: string): string[] {
  // Names do not depend on the bytes; those of an upgrade and of a recipe are there only where there is something to upgrade from.
  const archive = { path: "/archive.zip", sha256: "0".repeat(64) };
  const subject = {
    product: product.name,
    kind,
    version: "0.0.2",
    binaryVersions: {},
    platform: "linux-x64",
    sha256: archive.sha256,
    base: "archive",
  };
  const previous = { ...archive, version: "0.0.1", binaryVersions: {}, recipe: archive };
  return groups.flatMap((group) =>
    group !== "lifecycle" && product.kinds[kind]!.services.length === 0
      ? []
      : cellSuites({
          cell: { group, suites: [...suiteNames], kind },
          product,
          subject,
          soakSeconds: 1,
          recipe: archive,
          previous,
        }).flatMap(({ name, checks }) => checks.map((check) => `${name}/${check.name}`)),
  );
}

/** How a check is called where kinds are told apart. */
export const checkOf = (kind: string, check: string): string => `${kind} ${check}`;

/** All checks of a product, as what others may use. */
export function checksRoll(product: Product): Roll {
  const names = Object.keys(product.kinds).flatMap((kind) =>
    checksOf(product, kind).map((check) => checkOf(kind, check)),
  );
  return {
    source: { file: "src/suites/standard.ts", line: () => 1 },
    part: "offers",
    list: [],
    names: new Map(names.map((name) => [name, []])),
    right: true,
  };
}

const SeededSchema = z.array(z.looseObject({ id: z.string(), kind: z.string(), check: z.string() }));

/** The seeded faults of a product, with the lines that they stand on. @throws EdgeError when the file is malformed */
export function seededFaults(product: string, root: string): Located<z.output<typeof SeededSchema>> {
  const file = `src/controls/${product}.json`;
  return readLocated(SeededSchema, join(root, file), { file, remedy: "mend the file" });
}
