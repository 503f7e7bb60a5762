/**
 * What archives would be refused for once they are packed, because of what the candidate's files are: said before, and all at
 * once. A file that several platforms share is said once.
 */
import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createDeflateRaw } from "node:zlib";
import { surveyBinaries, type Beginning } from "../binaries/index.ts";
import type { Finding } from "../edges/edges.ts";
import type { Platform, Product } from "../products/index.ts";
import { forbiddenBy, installersOwn } from "./excluded.ts";
import { limits } from "./limits.ts";
import { assetsOf, sealRemedy } from "./read.ts";
import type { Candidate, SealedFile } from "./schema.ts";
import { strangersOf } from "./units.ts";

/** How a file of the candidate begins; undefined when it cannot be read: whatever it is instead has a finding of its own. */
export type Sound = (file: string) => Beginning | undefined;

/** Whether the file, packed, is less than a two-hundredth of its size. Stops as soon as it is not: after the first MiB, for nearly all. */
export async function packsTooWell(file: string, size: number): Promise<boolean> {
  if (size <= limits.free) return false;
  const source = createReadStream(file, { highWaterMark: 1 << 20 });
  const deflate = createDeflateRaw({ level: 6, memLevel: 8 });
  source.once("error", (e) => deflate.destroy(e));
  let packed = 0;
  try {
    for await (const piece of source.pipe(deflate)) {
      packed += (piece as Buffer).length;
      if (packed * limits.ratio >= size) return false;
    }
    return true;
  } finally {
    source.destroy();
    deflate.destroy();
  }
}

/** Folders of the archive whose units are left out of it when they start a program that it does not have. */
export function recipeFolders(product: Product): string[] {
  return Object.values(product.payload?.recipeFolders ?? {}).map((folder) => `${folder.replace(/\/$/, "")}/`);
}

/** Programs that a unit starts and archives of this kind do not have; none when it is too large to be a unit, or cannot be read. */
export async function strangersIn(
  folder: string,
  { file, size }: SealedFile,
  product: Product,
  kind: string,
): Promise<string[]> {
  if (size > limits.unit) return [];
  return strangersOf(
    await readFile(join(folder, file), "utf8").catch(() => ""),
    new Set(product.kinds[kind]?.binaries),
  );
}

async function unitFault(
  folder: string,
  path: string,
  sealed: SealedFile,
  product: Product,
  kinds: readonly string[],
): Promise<string | undefined> {
  if (sealed.size > limits.unit)
    return `has ${sealed.size} bytes, more than the ${limits.unit} of a systemd unit; give it another name or make it one`;
  if (!product.payload || recipeFolders(product).some((start) => path.startsWith(start))) return undefined;
  const lacking = new Map<string, string[]>();
  for (const kind of kinds)
    for (const program of await strangersIn(folder, sealed, product, kind))
      lacking.set(program, [...(lacking.get(program) ?? []), kind]);
  const [first] = lacking;
  return (
    first &&
    `starts ${first[0]}, which the ${first[1].join(" and ")} archive${first[1].length > 1 ? "s do" : " does"} not have; leave it out, or bring its program`
  );
}

function assetFault(
  folder: string,
  path: string,
  sealed: SealedFile,
  product: Product,
  kinds: readonly string[],
  { binary }: Beginning,
  own: ReadonlySet<string>,
): string | undefined | Promise<string | undefined> {
  if (installersOwn(path)) return `is what installers write; give it another name there`;
  const pattern = forbiddenBy(path, product.payload);
  if (pattern !== undefined) return `never belongs in a release (${pattern}); leave it out`;
  if (path.endsWith(".service")) return unitFault(folder, path, sealed, product, kinds);
  // A library that one of the programs loads from there comes with that program.
  if (!product.payload || own.has(path)) return undefined;
  return (
    binary &&
    `is a program for ${binary.os} on ${binary.architectures.join(" and ")} (${binary.format}), which is none of ${product.name}'s; leave it out, or put it where binaries are`
  );
}

function sizeFaults(candidate: Candidate, platform: Platform): Finding[] {
  const { binaries } = candidate.platforms[platform]!;
  const assets = assetsOf(candidate, platform);
  const files = [...Object.values(binaries), ...assets.map(([, sealed]) => sealed)];
  const say = (path: string, message: string): Finding => ({
    path,
    message: `What candidate.json lists for ${platform} ${message}, then ${sealRemedy}.`,
  });
  const units = assets.filter(([path]) => path.endsWith(".service")).length;
  const total = files.reduce((sum, { size }) => sum + size, 0);
  return [
    // Some names are added when it is packed.
    ...(files.length > limits.entries - 16
      ? [say(`platforms.${platform}`, `is more than ${limits.entries} files; leave out what no archive needs`)]
      : []),
    ...(total > limits.bytes - (64 << 20)
      ? [
          say(
            `platforms.${platform}`,
            `has ${total} bytes, and archives have at most ${limits.bytes}; leave out what no archive needs`,
          ),
        ]
      : []),
    ...(units > limits.units
      ? [
          say(
            `platforms.${platform}.assets`,
            `are ${units} systemd units, and archives have at most ${limits.units}; leave out what no archive needs`,
          ),
        ]
      : []),
  ];
}

/** All of it, for the platforms and kinds asked for. */
export async function assetFindings(
  folder: string,
  candidate: Candidate,
  product: Product,
  platforms: readonly Platform[],
  kinds: readonly string[],
  sound: Sound,
): Promise<Finding[]> {
  const found: Finding[] = [];
  const seen = new Set<string>();
  /** How the file begins; undefined when it cannot be read, or was judged under that name for another platform. */
  const firstLook = (name: string, { file }: SealedFile): Beginning | undefined => {
    const beginning = sound(file);
    if (!beginning || (platforms.length > 1 && seen.has(`${file}\0${name}`))) return undefined;
    if (platforms.length > 1) seen.add(`${file}\0${name}`);
    return beginning;
  };
  const judge = async (
    path: string,
    { file, size }: SealedFile,
    fault: string | undefined | Promise<string | undefined>,
  ): Promise<void> => {
    const at = join(folder, file);
    const said =
      (await fault) ??
      ((await packsTooWell(at, size))
        ? `unpacks to more than ${limits.ratio} times its packed size, which readers take for a bomb; leave it out, or bring it packed`
        : undefined);
    if (said !== undefined) found.push({ path, message: `${at} ${said}, then ${sealRemedy}.` });
  };
  for (const [path, sealed] of [
    ["licence", candidate.licence],
    ["notes", candidate.notes],
  ] as const)
    if (sealed && firstLook(path, sealed)) await judge(path, sealed, undefined);
  for (const platform of platforms) {
    const files = candidate.platforms[platform];
    if (!files) continue;
    found.push(...sizeFaults(candidate, platform));
    const { binaries } = await surveyBinaries(folder, candidate, product, Object.keys(files.binaries), platform);
    const own = new Set(binaries.flatMap((binary) => binary.own));
    for (const [key, sealed] of Object.entries(files.binaries))
      if (firstLook(key, sealed)) await judge(`platforms.${platform}.binaries.${key}`, sealed, undefined);
    for (const [name, sealed] of assetsOf(candidate, platform)) {
      const beginning = firstLook(name, sealed);
      if (!beginning) continue;
      const fault = assetFault(folder, name, sealed, product, kinds, beginning, own);
      // Of nearly every one of tens of thousands of files, nothing more is asked.
      if (fault !== undefined || sealed.size > limits.free)
        await judge(`platforms.${platform}.assets.${name}`, sealed, fault);
    }
  }
  return found;
}
