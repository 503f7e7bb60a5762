/** The product's own deployment files, as a candidate brings them: what the recipe derives its plan and manifest from. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { CANDIDATE_FILE, type Candidate } from "../candidate/index.ts";
import { EdgeError } from "../edges/edges.ts";
import type { Platform, Product } from "../products/index.ts";
import { sha256 } from "../storage/digest.ts";

/** The profile that this form of recipe is of: the name of a recipe folder of a product. */
export const profile = "single-vm";

/** `<base>.recipe-single-vm.zip`. */
export function recipeName(base: string): string {
  return `${base}.recipe-${profile}.zip`;
}

/** Paths below the product's recipe folder for the profile. */
export const profileManifestPath = "profile-manifest.json";
export const rollbackPlanPath = "release/rollback-plan.json";

/** Text of each of the product's own deployment files that a recipe is made of, by its path below the recipe folder. */
export type Packaged = Readonly<Record<string, string>>;

/**
 * The product's own deployment files of a candidate; empty for a product that has none.
 * @throws EdgeError when one cannot be read, or is not as it was sealed.
 */
export async function packagedRecipe(
  folder: string,
  candidate: Candidate,
  product: Product,
  platform: Platform,
): Promise<Packaged> {
  const below = product.payload?.recipeFolders[profile];
  if (below === undefined) return {};
  const assets = candidate.platforms[platform]?.assets ?? {};
  const wanted = [profileManifestPath, rollbackPlanPath].flatMap((path) => {
    const sealed = assets[`${below.replace(/\/$/, "")}/${path}`];
    return sealed ? [{ path, sealed }] : [];
  });
  const texts = wanted.map(async ({ path, sealed }): Promise<[string, string]> => {
    const file = join(folder, sealed.file);
    const text = await readFile(file).catch((e: NodeJS.ErrnoException) => {
      throw new EdgeError(`${file} cannot be read (${e.code}); bring the file that ${CANDIDATE_FILE} lists.`);
    });
    if (sha256(text) !== sealed.sha256)
      throw new EdgeError(
        `${file} has SHA-256 ${sha256(text)}, and ${CANDIDATE_FILE} says ${sealed.sha256}; bring the file that was sealed, or seal the candidate again.`,
      );
    return [path, text.toString("utf8")];
  });
  return Object.fromEntries(await Promise.all(texts));
}
