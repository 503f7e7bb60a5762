/**
 * Units of programs that an archive does not have. Recipes are written for every profile, also for programs that a product
 * has no more or not yet: a unit in an archive is for a program in the same archive, or it would fail wherever it is enabled.
 */
import { recipeFolders, strangersIn, type SealedFile } from "../candidate/index.ts";
import type { Product } from "../products/index.ts";

/** Paths, among assets below the product's recipe folders, of units that start a program which this kind of archive does not hold. */
export async function unitsOfStrangers(
  folder: string,
  assets: Readonly<Record<string, SealedFile>>,
  product: Product,
  kind: string,
): Promise<string[]> {
  const folders = recipeFolders(product);
  const units = Object.entries(assets).filter(
    ([path]) => path.endsWith(".service") && folders.some((start) => path.startsWith(start)),
  );
  const found: string[] = [];
  for (const [path, sealed] of units)
    if ((await strangersIn(folder, sealed, product, kind)).length > 0) found.push(path);
  return found;
}
