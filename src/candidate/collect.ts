/**
 * A folder as people lay it out, turned into what is sealed: `<platform>/<binary>[.exe]`, and beside the platforms what all of
 * them share: `web/`, `deployment/`, `docs/` or `help_snapshots/`, a licence, notes. Nothing is copied or changed.
 */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { EdgeError } from "../edges/edges.ts";
import { executableName, platforms, type Platform, type Product } from "../products/index.ts";
import type { CandidateDraft } from "./write.ts";
import { excludedBy } from "./excluded.ts";
import { binariesOfKinds } from "./kinds.ts";
import { CANDIDATE_FILE } from "./schema.ts";

/** Names that a licence and the notes of this version go by, in the order in which they are looked for. */
const licenceNames = ["LICENSE.txt", "LICENSE", "LICENSE.md", "LICENCE.txt", "LICENCE"];
const notesNames = ["RELEASE_NOTES.txt", "RELEASE_NOTES.md", "NOTES.md", "NOTES.txt", "notes.md", "notes.txt"];
/** Further texts that archives have at their top, where the folder has them. */
const topTexts = ["ROLLBACK.txt", "MIGRATION_NOTES.txt"];
/** What file managers and editors leave behind. */
const litter = /^(\.DS_Store|Thumbs\.db|desktop\.ini|\.git(ignore|keep|attributes)?|.*~|\._.*)$/i;

/** @throws EdgeError naming what cannot be listed */
function unlisted(folder: string): (e: NodeJS.ErrnoException) => never {
  return (e) => {
    throw new EdgeError(`${e.path ?? folder} ${e.code === "ENOENT" ? "does not exist" : `cannot be read (${e.code})`}; make all of ${folder} readable, or name another folder.`);
  };
}

function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(unlisted(folder));
}

/** Every file below a folder, POSIX paths relative to `root`, sorted; links are listed and found out when they are hashed. */
async function filesBelow(root: string, folder: string): Promise<string[]> {
  const found = await readdir(join(root, folder), { recursive: true, withFileTypes: true }).catch(unlisted(join(root, folder)));
  return found
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1).replaceAll("\\", "/"))
    .sort();
}

/** What people call platforms, with and without an architecture: a folder of such a name is meant for one. */
const platformLike = /^(linux|windows|win|win32|win64|macos|mac|osx|darwin)([-_. ]?(x64|x86|x86[-_]64|amd64|i[36]86|arm|arm64|aarch64|32|64|universal))?$/i;

/** @throws EdgeError naming every folder that is meant for a platform and is named like none: its programs would be packed for all of them. */
async function refuseLookalikes(folder: string, others: readonly string[], keys: readonly string[]): Promise<void> {
  const programs = new Set(platforms.flatMap((platform) => keys.map((key) => executableName(key, platform))));
  const wrong: string[] = [];
  for (const name of others) {
    const inside = await namesIn(join(folder, name));
    if (platformLike.test(name) || inside.some((file) => programs.has(file))) wrong.push(`${name}/`);
  }
  if (wrong.length > 0) throw new EdgeError(`${folder} has ${wrong.join(" and ")}, which ${wrong.length > 1 ? "are" : "is"} no platform; name ${wrong.length > 1 ? "them" : "it"} ${platforms.join(", ")}, or take ${wrong.length > 1 ? "them" : "it"} out.`);
}

export interface Collected {
  licence?: string;
  notes?: string;
  platforms: CandidateDraft["platforms"];
  /** paths that were not taken, each with why, as a clause */
  left: { path: string; why: string }[];
}

/** Where a shared file goes in archives: under its own path, help snapshots below `docs`. */
function placeOf(path: string): string {
  return path.startsWith("help_snapshots/") ? `docs/${path}` : path;
}

/**
 * What lies in `folder` for these kinds of the product. Binaries that are missing are no fault here: `candidate check` names them all.
 * @throws EdgeError when the folder is not there or holds nothing for any platform.
 */
export async function collect(folder: string, product: Product, kinds: readonly string[] = Object.keys(product.kinds)): Promise<Collected> {
  const top = await readdir(folder, { withFileTypes: true }).catch((e: NodeJS.ErrnoException) => {
    throw new EdgeError(`${folder} ${e.code === "ENOENT" ? "does not exist" : `cannot be read (${e.code})`}; name the folder with the binaries.`);
  });
  const names = new Set(top.map((entry) => entry.name));
  const keys = Object.keys(product.binaries).length > 0 ? Object.keys(product.binaries) : [...new Set(Object.values(product.kinds).flatMap((kind) => kind.binaries))];
  await refuseLookalikes(folder, top.filter((entry) => entry.isDirectory() && !entry.name.startsWith(".") && !(platforms as readonly string[]).includes(entry.name)).map(({ name }) => name), keys);
  const own = platforms.filter((platform) => top.some((entry) => entry.name === platform && entry.isDirectory()));
  if (own.length === 0) throw new EdgeError(`${folder} has no folder for any platform; put binaries into ${platforms.map((p) => `${p}/`).join(", ")}, each as \`<platform>/<binary>\`.`);
  const licence = licenceNames.find((name) => names.has(name));
  const notes = notesNames.find((name) => names.has(name));
  const left: Collected["left"] = [];
  const assets: Record<string, string> = {};
  const offer = (list: Record<string, string>, place: string, file: string): void => {
    const pattern = excludedBy(place);
    // What a build or an editor keeps beside its results; below a folder of the product, a dot is a name like any other.
    if (place.startsWith(".")) left.push({ path: file, why: "is hidden" });
    else if (litter.test(place.split("/").at(-1)!)) left.push({ path: file, why: "is what a file manager or an editor left" });
    else if (pattern) left.push({ path: file, why: `never belongs in a release (${pattern})` });
    else list[place] = file;
  };
  for (const entry of [...top].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if ((own as string[]).includes(entry.name) || entry.name === CANDIDATE_FILE || entry.name === licence || entry.name === notes) continue;
    if (entry.name.startsWith(".") && entry.isDirectory()) left.push({ path: `${entry.name}/`, why: "is hidden" });
    else if (entry.isDirectory() && !litter.test(entry.name)) for (const file of await filesBelow(folder, entry.name)) offer(assets, placeOf(file), file);
    else if (topTexts.includes(entry.name)) assets[entry.name] = entry.name;
    else if (entry.name.startsWith(".")) left.push({ path: entry.name, why: "is hidden" });
    else left.push({ path: entry.name, why: "lies beside the platforms and is neither licence nor notes" });
  }

  const unneeded = new Set(keys.filter((key) => !binariesOfKinds(product, kinds).includes(key) && binariesOfKinds(product, Object.keys(product.kinds)).includes(key)));
  const found: CandidateDraft["platforms"] = {};
  for (const platform of own) {
    const files = await filesBelow(folder, platform);
    const binaries: Record<string, string> = {};
    const list = { ...assets };
    for (const file of files) {
      const inside = file.slice(platform.length + 1);
      const key = keys.find((k) => executableName(k, platform) === inside);
      if (key && unneeded.has(key)) left.push({ path: file, why: `is a program that ${kinds.join(" and ")} ${kinds.length > 1 ? "do" : "does"} not have` });
      else if (key) binaries[key] = file;
      else offer(list, placeOf(inside), file);
    }
    found[platform as Platform] = { binaries: Object.fromEntries(keys.filter((k) => binaries[k]).map((k) => [k, binaries[k]!])), ...(Object.keys(list).length > 0 && { assets: list }) };
  }
  return { ...(licence !== undefined && { licence }), ...(notes !== undefined && { notes }), platforms: found, left };
}
