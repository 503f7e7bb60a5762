/** What archives need of a candidate: files that the product's rules ask for, texts for this version, binaries that can start. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { surveyBinaries } from "../binaries/index.ts";
import type { Finding } from "../edges/edges.ts";
import { executableName, type Platform, type Product } from "../products/index.ts";
import { binaryDisagreements, statementsOf, versionDisagreements } from "./coherence.ts";
import { sealRemedy } from "./read.ts";
import type { Candidate, SealedFile } from "./schema.ts";

/** Written by the packer, where the candidate does not bring them. */
const written = ["README.txt", "ROLLBACK.txt", "MIGRATION_NOTES.txt", "release-manifest.json", "checksums.txt"];

/** Texts that must be about this version, by their name in archives. */
const versioned = ["RELEASE_NOTES.txt", "MIGRATION_NOTES.txt", "ROLLBACK.txt"];

/** A text of release notes; more than this is none. */
const MOST = 4 << 20;

function missingFiles(candidate: Candidate, product: Product, platform: Platform): Finding[] {
  const files = candidate.platforms[platform];
  if (!files || !product.payload) return [];
  const exe = executableName("", platform);
  const there = new Set([...written, ...Object.keys(files.assets ?? {}), ...(candidate.licence ? ["LICENSE.txt"] : []), ...(candidate.notes ? ["RELEASE_NOTES.txt"] : []), ...Object.keys(files.binaries).map((key) => executableName(key, platform))]);
  return product.payload.required
    .map((path) => path.replaceAll("{exe}", exe))
    .filter((path) => !there.has(path))
    .map((path) => ({ path: `platforms.${platform}.assets.${path}`, message: `Archives for ${platform} need ${path}, which candidate.json does not list; put it into the candidate's folder, then ${sealRemedy}.` }));
}

function recipeCount(candidate: Candidate, product: Product, platform: Platform): Finding[] {
  if (!product.payload || !candidate.platforms[platform]) return [];
  const folders = Object.values(product.payload.recipeFolders).map((folder) => `${folder.replace(/\/$/, "")}/`);
  const count = Object.keys(candidate.platforms[platform].assets ?? {}).filter((path) => folders.some((folder) => path.startsWith(folder))).length;
  if (count >= product.payload.minimumRecipes) return [];
  return [{ path: `platforms.${platform}.assets`, message: `Archives for ${platform} need at least ${product.payload.minimumRecipes} deployment recipe files below ${folders.join(" and ")}, and candidate.json lists ${count}; generate them all, then ${sealRemedy}.` }];
}

async function textsOf(folder: string, candidate: Candidate, platforms: readonly Platform[]): Promise<{ path: string; name: string; text: string }[]> {
  const sealed: [string, SealedFile][] = candidate.notes ? [["notes", candidate.notes]] : [];
  for (const platform of platforms) {
    for (const name of versioned) {
      const asset = candidate.platforms[platform]?.assets?.[name];
      // The same file for every platform is said once.
      if (asset && !sealed.some(([, { file }]) => file === asset.file)) sealed.push([`platforms.${platform}.assets.${name}`, asset]);
    }
  }
  const read = sealed.map(async ([path, { file, size }]) => {
    const text = size > MOST ? "" : await readFile(join(folder, file), "utf8").catch(() => undefined);
    return text === undefined ? [] : [{ path, name: join(folder, file), text }];
  });
  return (await Promise.all(read)).flat();
}

/** Binaries that no target could start: such an archive is not packed. */
async function binaryFindings(folder: string, candidate: Candidate, product: Product, platform: Platform, kinds: readonly string[]): Promise<Finding[]> {
  const keys = [...new Set(kinds.flatMap((kind) => product.kinds[kind]?.binaries ?? []))];
  const { binaries } = await surveyBinaries(folder, candidate, product, keys, platform);
  return binaries.flatMap(({ name, file, faults }) => faults.map((fault) => ({ path: `platforms.${platform}.binaries.${name}`, message: `${join(folder, file)} ${fault}; build it for ${platform} and its targets, then ${sealRemedy}.` })));
}

/** All of it, for the platforms and kinds asked for. */
export async function payloadFindings(folder: string, candidate: Candidate, product: Product, platforms: readonly Platform[], kinds: readonly string[]): Promise<Finding[]> {
  const disagreements = [...versionDisagreements(candidate.version, statementsOf(candidate), await textsOf(folder, candidate, platforms)), ...binaryDisagreements(candidate, product, platforms)];
  const each = await Promise.all(
    platforms.map(async (platform) => [...missingFiles(candidate, product, platform), ...recipeCount(candidate, product, platform), ...(await binaryFindings(folder, candidate, product, platform, kinds))]),
  );
  return [...disagreements, ...each.flat()];
}
