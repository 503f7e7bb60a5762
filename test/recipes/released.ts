/** Releases for tests of recipes: an archive and its recipe, packed as they are published. */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { packArchive, packEntries } from "../../src/archive/index.ts";
import { binaryVersion, readCandidate, type Candidate } from "../../src/candidate/index.ts";
import { productNamed, type Product, type Subject } from "../../src/products/index.ts";
import { packagedRecipe, recipeName, recipeNeeds, renderRecipe, type RecipeFile } from "../../src/recipes/index.ts";
import { standinCandidate, type StandinOptions } from "../standin/candidate.ts";

export interface Released {
  product: Product;
  kind: string;
  subject: Subject;
  candidateFolder: string;
  /** absolute */
  archiveFile: string;
  /** paths in the archive */
  archivePaths: string[];
  recipe: RecipeFile[];
  /** absolute, of the recipe as a ZIP, and its SHA-256 */
  recipeFile: string;
  recipeSha256: string;
}

const folders: string[] = [];
process.on("exit", () => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

/** The same build under another version: its binaries go on saying what they say. */
function renamed(candidate: Candidate, version: string): Candidate {
  const files = candidate.platforms["linux-x64"]!;
  const binaries = Object.fromEntries(
    Object.entries(files.binaries).map(([key, binary]) => [
      key,
      { ...binary, version: binaryVersion(candidate, "linux-x64", key) },
    ]),
  );
  return { ...candidate, version, platforms: { "linux-x64": { ...files, binaries } } };
}

/** Packs a candidate's archive for linux-x64 and its recipe, as its own or as another version; both are gone when the process ends. */
export async function released(
  productName: string,
  kind: string,
  candidateFolder: string,
  as?: string,
): Promise<Released> {
  const folder = mkdtempSync(join(tmpdir(), "greenlight-released-"));
  folders.push(folder);
  const product = productNamed(productName);
  const read = readCandidate(candidateFolder);
  const candidate = as === undefined ? read : renamed(read, as);
  const packed = await packArchive({
    candidateFolder,
    candidate,
    product,
    kind,
    platform: "linux-x64",
    outputFolder: folder,
  });
  const { base, sha256, binaryVersions } = packed;
  const subject: Subject = {
    product: productName,
    kind,
    version: candidate.version,
    binaryVersions,
    platform: "linux-x64",
    sha256,
    base,
  };
  const recipe = renderRecipe(product, kind, subject, {
    packaged: await packagedRecipe(candidateFolder, candidate, product, "linux-x64"),
    needs: await recipeNeeds(candidateFolder, candidate, product, kind, "linux-x64"),
  });
  const recipeFile = join(folder, recipeName(base));
  const { sha256: recipeSha256 } = await packEntries(
    recipe.map(({ path, mode, text }) => ({ path, mode, data: Buffer.from(text) })),
    recipeFile,
  );
  return {
    product,
    kind,
    subject,
    candidateFolder,
    archiveFile: packed.file,
    archivePaths: packed.entries.map(({ path }) => path),
    recipe,
    recipeFile,
    recipeSha256,
  };
}

/** The stand-in's headless release. */
export async function releasedStandin(options: Omit<StandinOptions, "platforms">): Promise<Released> {
  const { folder } = await standinCandidate({ ...options, platforms: ["linux-x64"] });
  return released("palyra", "headless", folder);
}

/** The sample's release, as its own or as another version; undefined when the sample was not built. */
export async function releasedSample(as?: string): Promise<Released | undefined> {
  const folder = process.env["GREENLIGHT_TEST_CANDIDATE"] ?? join(import.meta.dirname, "../../candidates/nats/2.11.4");
  return existsSync(join(folder, "candidate.json")) ? released("nats", "server", folder, as) : undefined;
}

/** The text of one of its recipe's files. */
export function recipeText({ recipe }: Pick<Released, "recipe">, path: string): string {
  const found = recipe.find((file) => file.path === path);
  if (!found) throw new Error(`the recipe has no ${path}; it has ${recipe.map((file) => file.path).join(", ")}`);
  return found.text;
}

/** A release and the one before it. */
export interface Pair {
  before: Released;
  now: Released;
}

/** Two releases of each product that there is something to test with; undefined where it is not there. */
export const pairs: Record<"NATS" | "the stand-in", () => Promise<Pair | undefined>> = {
  NATS: async () => {
    const now = await releasedSample();
    const before = await releasedSample("2.11.3");
    return now && before && { before, now };
  },
  "the stand-in": async () => ({
    before: await releasedStandin({ version: "0.1.0" }),
    now: await releasedStandin({ version: "0.2.0" }),
  }),
};
