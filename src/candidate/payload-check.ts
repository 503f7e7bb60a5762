/** What archives need of a candidate: files that the product's rules ask for, texts for this version, binaries that can start. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { surveyBinaries } from "../binaries/index.ts";
import type { Finding } from "../edges/edges.ts";
import { executableName, type Platform, type Product } from "../products/index.ts";
import { assetFindings, recipeFolders, strangersIn, type Sound } from "./asset-check.ts";
import { binaryDisagreements, statementsOf, versionDisagreements } from "./coherence.ts";
import { commandFor } from "./deployment.ts";
import { assetsOf, sealRemedy } from "./read.ts";
import { scriptFindings } from "./script-check.ts";
import type { Candidate, SealedFile } from "./schema.ts";

/** Written by the packer, where the candidate does not bring them. */
const written = ["README.txt", "ROLLBACK.txt", "MIGRATION_NOTES.txt", "release-manifest.json", "checksums.txt"];

/** Texts that must be about this version, by their name in archives. */
const versioned = ["RELEASE_NOTES.txt", "MIGRATION_NOTES.txt", "ROLLBACK.txt"];

/** A text of release notes; more than this is none. */
const MOST = 4 << 20;

function missingFiles(folder: string, candidate: Candidate, product: Product, platform: Platform): Finding[] {
  const files = candidate.platforms[platform];
  if (!files || !product.payload) return [];
  const exe = executableName("", platform);
  const there = new Set([
    ...written,
    ...assetsOf(candidate, platform).map(([path]) => path),
    ...(candidate.licence ? ["LICENSE.txt"] : []),
    ...(candidate.notes ? ["RELEASE_NOTES.txt"] : []),
    ...Object.keys(files.binaries).map((key) => executableName(key, platform)),
  ]);
  return product.payload.required
    .map((path) => path.replaceAll("{exe}", exe))
    .filter((path) => !there.has(path))
    .map((path) => {
      const command = commandFor(folder, product, path, Object.keys(candidate.platforms) as Platform[]);
      const how =
        command === undefined ? "put it into the candidate's folder" : `have the product write it: run ${command}`;
      return {
        path: `platforms.${platform}.assets.${path}`,
        message: `Archives for ${platform} need ${path}, which candidate.json does not list; ${how}, then ${sealRemedy}.`,
      };
    });
}

/** Recipe files that archives have: units of programs that a kind lacks are left out when it is packed. */
async function recipeCount(
  folder: string,
  candidate: Candidate,
  product: Product,
  platform: Platform,
  kinds: readonly string[],
  sound: Sound,
): Promise<Finding[]> {
  if (!product.payload || !candidate.platforms[platform]) return [];
  const folders = recipeFolders(product);
  const recipes = assetsOf(candidate, platform).filter(([path]) => folders.some((start) => path.startsWith(start)));
  const few = new Map<number, string[]>();
  for (const kind of kinds) {
    let count = 0;
    for (const [path, sealed] of recipes)
      if (
        !path.endsWith(".service") ||
        !sound(sealed.file) ||
        (await strangersIn(folder, sealed, product, kind)).length === 0
      )
        count++;
    if (count < product.payload.minimumRecipes) few.set(count, [...(few.get(count) ?? []), kind]);
  }
  return [...few].map(([count, lacking]) => ({
    path: `platforms.${platform}.assets`,
    message: `Archives for ${platform} need at least ${product.payload!.minimumRecipes} deployment recipe files below ${folders.join(" and ")}, and candidate.json lists ${count} for the ${lacking.join(" and ")} archive${lacking.length > 1 ? "s" : ""}; generate them all, then ${sealRemedy}.`,
  }));
}

async function textsOf(
  folder: string,
  candidate: Candidate,
  platforms: readonly Platform[],
  sound: Sound,
): Promise<{ path: string; name: string; text: string }[]> {
  const sealed: [string, SealedFile][] = candidate.notes ? [["notes", candidate.notes]] : [];
  for (const platform of platforms) {
    for (const name of versioned) {
      const asset = candidate.platforms[platform]?.assets?.[name];
      // The same file for every platform is said once.
      if (asset && !sealed.some(([, { file }]) => file === asset.file))
        sealed.push([`platforms.${platform}.assets.${name}`, asset]);
    }
  }
  const read = sealed
    .filter(([, { file }]) => sound(file))
    .map(async ([path, { file, size }]) => {
      const text = size > MOST ? "" : await readFile(join(folder, file), "utf8").catch(() => undefined);
      return text === undefined ? [] : [{ path, name: join(folder, file), text }];
    });
  return (await Promise.all(read)).flat();
}

/** Binaries that no target could start: such an archive is not packed. */
async function binaryFindings(
  folder: string,
  candidate: Candidate,
  product: Product,
  platform: Platform,
  kinds: readonly string[],
  sound: Sound,
): Promise<Finding[]> {
  const sealed = candidate.platforms[platform]?.binaries ?? {};
  const keys = [...new Set(kinds.flatMap((kind) => product.kinds[kind]?.binaries ?? []))].filter(
    (key) => sealed[key] && sound(sealed[key].file),
  );
  const { binaries } = await surveyBinaries(folder, candidate, product, keys, platform);
  return binaries.flatMap(({ name, file, faults }) =>
    faults.map((fault) => ({
      path: `platforms.${platform}.binaries.${name}`,
      message: `${join(folder, file)} ${fault}; build it for ${platform} and its targets, then ${sealRemedy}.`,
    })),
  );
}

/** All of it, for the platforms and kinds asked for; files that are not sound have findings of their own, and are not looked into. */
export async function payloadFindings(
  folder: string,
  candidate: Candidate,
  product: Product,
  platforms: readonly Platform[],
  kinds: readonly string[],
  sound: Sound,
): Promise<Finding[]> {
  const texts = await textsOf(folder, candidate, platforms, sound);
  const disagreements = [
    ...versionDisagreements(candidate.version, statementsOf(candidate), texts),
    ...binaryDisagreements(candidate, product, platforms),
  ];
  const each = await Promise.all(
    platforms.map(async (platform) => [
      ...missingFiles(folder, candidate, product, platform),
      ...(await recipeCount(folder, candidate, product, platform, kinds, sound)),
      ...(await binaryFindings(folder, candidate, product, platform, kinds, sound)),
    ]),
  );
  return [
    ...disagreements,
    ...each.flat(),
    ...scriptFindings(folder, candidate, product, platforms, sound),
    ...(await assetFindings(folder, candidate, product, platforms, kinds, sound)),
  ];
}
