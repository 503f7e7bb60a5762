/** Everything that is missing or wrong in a candidate, in one go: a person mends all of it before the next try. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { EdgeError, findings, jsonFault, jsonOf, type Finding } from "../edges/edges.ts";
import { archiveBase, executableName, type Platform, type Product } from "../products/index.ts";
import type { Sound } from "./asset-check.ts";
import { excludedBy } from "./excluded.ts";
import { isLicence } from "./licence-names.ts";
import { unwantedName } from "./unwanted-names.ts";
import { fileFacts, type FileFacts } from "./hash-files.ts";
import { binariesOfKinds, chooseKinds } from "./kinds.ts";
import { nameCollisions, windowsLengthFault } from "./path-names.ts";
import { payloadFindings } from "./payload-check.ts";
import { assetsOf, sealRemedy } from "./read.ts";
import { CANDIDATE_FILE, CandidateSchema, type Candidate, type SealedFile } from "./schema.ts";

/** Names that the packer writes itself, some of them only for candidates that bring their text. */
function reserved({ licence, notes }: Candidate): string[] {
  return [
    "release-manifest.json",
    "checksums.txt",
    "README.txt",
    "install.sh",
    ...(licence ? ["LICENSE.txt"] : []),
    ...(notes ? ["RELEASE_NOTES.txt"] : []),
  ];
}

interface Wanted {
  product: Product;
  platforms: readonly Platform[];
  kinds: readonly string[];
}

/** What the seal in the folder says; or why nothing can be read from it. */
export function readSeal(folder: string): { candidate: Candidate } | { found: Finding[] } {
  if (!existsSync(folder))
    return {
      found: [
        {
          path: "",
          message: `The candidate's folder ${folder} does not exist; name another with \`--candidate DIR\`, or ${sealRemedy}.`,
        },
      ],
    };
  let value: unknown;
  try {
    value = jsonOf(readFileSync(join(folder, CANDIDATE_FILE), "utf8"));
  } catch (e) {
    const code = (e as NodeJS.ErrnoException).code;
    const why =
      code === "ENOENT" ? "does not exist" : code ? `cannot be read (${code})` : `is not JSON (${jsonFault(e)})`;
    return { found: [{ path: CANDIDATE_FILE, message: `${join(folder, CANDIDATE_FILE)} ${why}; ${sealRemedy}.` }] };
  }
  const parsed = CandidateSchema.safeParse(value);
  if (parsed.success) return { candidate: parsed.data };
  return {
    found: findings(CandidateSchema, value).map(({ path, message }) => ({
      path,
      message: `${CANDIDATE_FILE}: ${path === "" ? "the whole" : path} ${message}; ${sealRemedy}.`,
    })),
  };
}

/** How a candidate is sealed that is to have no kind that lacks a program; empty when none would be left. */
function without(product: Product, kinds: readonly string[], lacking: readonly string[]): string {
  const rest = Object.keys(product.kinds).filter((kind) => kinds.includes(kind) && !lacking.includes(kind));
  return rest.length === 0 ? "" : `, or seal it without ${lacking.join(" and ")} (\`--kinds ${rest.join(",")}\`)`;
}

/** Kinds that do not exist, or that the candidate was not sealed for. */
function kindFaults(candidate: Candidate, product: Product, asked: readonly string[] | undefined): Finding[] {
  try {
    chooseKinds(product, { sealed: candidate.kinds, asked, by: "The release" });
    return [];
  } catch (e) {
    if (!(e instanceof EdgeError)) throw e;
    return [{ path: "kinds", message: e.message }];
  }
}

/** What to say of a program that was brought under nearly its name: without the .exe of Windows, with one elsewhere, or in other letters. */
function misnamedProgram(
  assets: Readonly<Record<string, SealedFile>>,
  key: string,
  platform: Platform,
): string | undefined {
  const name = executableName(key, platform);
  const found = Object.entries(assets).find(([path]) => [key, `${key}.exe`].includes(path.toLowerCase()));
  if (!found) return undefined;
  const why =
    platform.startsWith("windows-") && !found[0].toLowerCase().endsWith(".exe")
      ? "Windows starts no program whose name does not end in .exe"
      : `programs for ${platform} bear their own names`;
  return `${found[1].file} lies where the binary ${name} belongs, and is not named so: ${why}; name it ${name}, then ${sealRemedy}.`;
}

/** What the seal does not list although product, kinds and platforms ask for it, and names that get in each other's way. */
function listingFaults(candidate: Candidate, { product, platforms, kinds }: Wanted): Finding[] {
  const found: Finding[] = [];
  if (candidate.product !== product.name) {
    found.push({
      path: "product",
      message: `The candidate is of product ${candidate.product}, and ${product.name} is to be released; name a candidate of ${product.name}, or set greenlight:product to ${candidate.product}.`,
    });
    return found;
  }
  // Products that promise LICENSE.txt have a finding of their own about it.
  let unlicensed = product.payload?.required.includes("LICENSE.txt") ?? false;
  for (const platform of platforms) {
    const files = candidate.platforms[platform];
    if (!files) {
      found.push({
        path: `platforms.${platform}`,
        message: `The candidate has nothing for ${platform} (only ${Object.keys(candidate.platforms).join(", ")}); build that platform, or take it out of greenlight:targets.`,
      });
      continue;
    }
    for (const key of new Set(kinds.flatMap((kind) => product.kinds[kind]?.binaries ?? []))) {
      if (files.binaries[key]) continue;
      const misnamed = misnamedProgram(files.assets ?? {}, key, platform);
      if (misnamed !== undefined) {
        found.push({ path: `platforms.${platform}.binaries.${key}`, message: misnamed });
        continue;
      }
      const needing = kinds.filter((kind) => product.kinds[kind]?.binaries.includes(key));
      found.push({
        path: `platforms.${platform}.binaries.${key}`,
        message: `The ${needing.join(" and ")} archive${needing.length > 1 ? "s" : ""} for ${platform} need${needing.length > 1 ? "" : "s"} the binary ${key}, which candidate.json does not list; add it, then ${sealRemedy}${without(product, kinds, needing)}.`,
      });
    }
    const names = assetsOf(candidate, platform).map(([path]) => path);
    const top = [...Object.keys(files.binaries).flatMap((key) => [key, `${key}.exe`]), ...reserved(candidate)];
    for (const { path, other } of nameCollisions([...top, ...names])) {
      found.push({
        path: `platforms.${platform}.assets.${path}`,
        message: `The asset ${path} for ${platform} collides with ${other} in the archive; give it another name there.`,
      });
    }
    const base =
      kinds
        .map((kind) => archiveBase({ product: product.name, kind, version: candidate.version, platform }))
        .sort((a, b) => b.length - a.length)[0] ?? "";
    for (const path of platform.startsWith("windows-") ? names : []) {
      const fault = windowsLengthFault(base, path);
      if (fault)
        found.push({
          path: `platforms.${platform}.assets.${path}`,
          message: `The asset ${path} for ${platform} ${fault}; give it a shorter name there.`,
        });
    }
    const licences = [
      ...(candidate.licence ? [candidate.licence] : []),
      ...assetsOf(candidate, platform).flatMap(([path, sealed]) => (isLicence(path) ? [sealed] : [])),
    ];
    if (!licences.some(({ size }) => size > 0) && !unlicensed) {
      unlicensed = true;
      found.push({
        path: "licence",
        message: `The candidate brings no licence, so that nobody would know what they may do with its archives; put a LICENSE.txt (or LICENSE, LICENSE-MIT, COPYING) beside the platforms' folders, then ${sealRemedy}.`,
      });
    }
    for (const [path, { allowed }] of assetsOf(candidate, platform)) {
      const pattern = excludedBy(path);
      const unwanted = allowed ? undefined : unwantedName(path);
      if (unwanted)
        found.push({
          path: `platforms.${platform}.assets.${path}`,
          message: `The asset ${path} for ${platform} ${unwanted.why}; leave it out, then ${sealRemedy}.`,
        });
      else if (pattern)
        found.push({
          path: `platforms.${platform}.assets.${path}`,
          message: `The asset ${path} for ${platform} never belongs in a release (${pattern}); leave it out, then ${sealRemedy}.`,
        });
    }
  }
  return found;
}

/** Every sealed file that archives of these platforms need, by where the seal lists it. */
function sealedFiles(candidate: Candidate, { product, platforms, kinds }: Wanted): [string, SealedFile][] {
  const needed = new Set(binariesOfKinds(product, kinds));
  const elsewhere = new Set(binariesOfKinds(product, Object.keys(product.kinds)).filter((key) => !needed.has(key)));
  const list: [string, SealedFile][] = [];
  if (candidate.licence) list.push(["licence", candidate.licence]);
  if (candidate.notes) list.push(["notes", candidate.notes]);
  for (const platform of platforms) {
    const files = candidate.platforms[platform];
    for (const [key, sealed] of Object.entries(files?.binaries ?? {}))
      if (!elsewhere.has(key)) list.push([`platforms.${platform}.binaries.${key}`, sealed]);
    for (const [key, sealed] of assetsOf(candidate, platform))
      list.push([`platforms.${platform}.assets.${key}`, sealed]);
  }
  return list;
}

function fileFaults(folder: string, files: [string, SealedFile][], facts: ReadonlyMap<string, FileFacts>): Finding[] {
  return files.flatMap(([path, sealed]): Finding[] => {
    const fact = facts.get(sealed.file)!;
    const say = (message: string): Finding[] => [{ path, message: `${join(folder, sealed.file)} ${message}` }];
    if (fact.fault !== undefined) return say(`${fact.fault}; put the file there, then ${sealRemedy}.`);
    if (fact.size !== sealed.size)
      return say(
        `has ${fact.size} bytes, and candidate.json says ${sealed.size}; bring the file that was sealed, or ${sealRemedy}.`,
      );
    if (fact.sha256 !== sealed.sha256)
      return say(
        `has SHA-256 ${fact.sha256}, and candidate.json says ${sealed.sha256}; bring the file that was sealed, or ${sealRemedy}.`,
      );
    if (fact.secret !== undefined && !sealed.allowed)
      return say(
        `holds ${fact.secret}; take what nobody else may see out of it, or seal it with \`candidate create --allow ${sealed.file}\` when everybody may see it.`,
      );
    return [];
  });
}

export interface CheckTask {
  folder: string;
  /** what the seal in the folder says */
  candidate: Candidate;
  product: Product;
  platforms: readonly Platform[];
  /** those that it was sealed for when not given */
  kinds?: readonly string[] | undefined;
  /** what the files are, for a caller that has just read them; by default each is read and hashed here */
  facts?: ReadonlyMap<string, FileFacts>;
}

/** As {@link checkCandidate}, for a seal that was read. */
export async function checkSealed(task: CheckTask): Promise<Finding[]> {
  const { folder, candidate, product, platforms, kinds: asked } = task;
  const ofProduct = candidate.product === product.name;
  const kinds = asked ?? candidate.kinds ?? Object.keys(product.kinds);
  const unfit = ofProduct ? kindFaults(candidate, product, asked) : [];
  if (unfit.length > 0) return unfit;
  const listing = listingFaults(candidate, { product, platforms, kinds });
  const files = sealedFiles(candidate, { product, platforms, kinds });
  const facts =
    task.facts ??
    (await fileFacts(
      folder,
      files.map(([, { file }]) => file),
    ));
  const sound: Sound = (file) => {
    const fact = facts.get(file);
    return fact?.fault === undefined ? fact?.beginning : undefined;
  };
  const payload = ofProduct ? await payloadFindings(folder, candidate, product, platforms, kinds, sound) : [];
  return [...listing, ...payload, ...fileFaults(folder, files, facts)];
}

/**
 * All that is missing or wrong before `platforms` of the candidate can be packed; empty when nothing is. Reads and
 * hashes every file concerned. `kinds`: those that it was sealed for when not given.
 */
export async function checkCandidate(
  folder: string,
  product: Product,
  platforms: readonly Platform[],
  kinds?: readonly string[],
): Promise<Finding[]> {
  const seal = readSeal(folder);
  return "found" in seal ? seal.found : checkSealed({ folder, candidate: seal.candidate, product, platforms, kinds });
}

/**
 * The candidate, when nothing is missing or wrong.
 * @throws EdgeError with every finding, one a line.
 */
export async function checkedCandidate(
  folder: string,
  product: Product,
  platforms: readonly Platform[],
): Promise<Candidate> {
  const found = await checkCandidate(folder, product, platforms);
  if (found.length > 0) throw new EdgeError(found.map((f) => f.message));
  return CandidateSchema.parse(jsonOf(readFileSync(join(folder, CANDIDATE_FILE), "utf8")));
}
