/**
 * A folder as people lay it out, turned into what is sealed: `<platform>/<binary>[.exe]`, and beside the platforms what all of
 * them share: folders as archives have them or as the product says (`placedBelow`), a licence, notes. Nothing is copied or changed. What is
 * there and does not get in is either obviously nobody's, and listed with its reason, or a fault.
 */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { EdgeError } from "../edges/edges.ts";
import { executableName, platforms, type Product } from "../products/index.ts";
import type { CandidateDraft } from "./write.ts";
import { excludedBy } from "./excluded.ts";
import { binariesOfKinds } from "./kinds.ts";
import { isLegalText, licenceAmong } from "./licence-names.ts";
import { packsOutput } from "./output-names.ts";
import { CANDIDATE_FILE } from "./schema.ts";
import { unwantedFolder, unwantedName } from "./unwanted-names.ts";
import { requireUnicode, sizeOf, typeOf, walk, type Lying } from "./walk.ts";

/** Names that the notes of this version go by, in the order in which they are looked for. */
const notesNames = ["RELEASE_NOTES.txt", "RELEASE_NOTES.md", "NOTES.md", "NOTES.txt", "notes.md", "notes.txt"];
/** Further texts that archives have at their top, where the folder has them. */
const topTexts = ["ROLLBACK.txt", "MIGRATION_NOTES.txt"];
/** Folders whose results somebody may well have meant: their loss is not passed over. */
const meant = ["dist/*", "downloads/*"];

/** What people call platforms, with and without an architecture: a folder of such a name is meant for one. */
const platformLike =
  /^(linux|windows|win|win32|win64|macos|mac|osx|darwin)([-_. ]?(x64|x86|x86[-_]64|amd64|i[36]86|arm|arm64|aarch64|32|64|universal))?$/i;

const isPlatform = (name: string): boolean => (platforms as readonly string[]).includes(name);

/** @throws EdgeError naming every folder that is meant for a platform and is named like none: its programs would be packed for all of them. */
async function refuseLookalikes(folder: string, others: readonly string[], keys: readonly string[]): Promise<void> {
  const programs = new Set(platforms.flatMap((platform) => keys.map((key) => executableName(key, platform))));
  const wrong: string[] = [];
  for (const name of others) {
    const inside = await readdir(join(folder, name)).catch(() => []);
    if (platformLike.test(name) || inside.some((file) => programs.has(file))) wrong.push(`${name}/`);
  }
  if (wrong.length > 0)
    throw new EdgeError(
      `${folder} has ${wrong.join(" and ")}, which ${wrong.length > 1 ? "are" : "is"} no platform; name ${wrong.length > 1 ? "them" : "it"} ${platforms.join(", ")}, or take ${wrong.length > 1 ? "them" : "it"} out.`,
    );
}

/** Something that was not taken: its path (a folder's ends with `/`), why as a clause, and how much it is. */
export interface Left {
  path: string;
  why: string;
  files: number;
  /** bytes */
  size: number;
}

export interface Collected {
  licence?: string;
  notes?: string;
  platforms: CandidateDraft["platforms"];
  left: Left[];
}

/** Decides about one thing after another, and keeps what was decided. */
class Sorting {
  readonly left: Left[] = [];
  readonly faults: string[] = [];
  readonly #folder: string;
  readonly #product: Product;
  readonly #allowed: ReadonlySet<string>;
  constructor(folder: string, product: Product, allowed: ReadonlySet<string>) {
    this.#folder = folder;
    this.#product = product;
    this.#allowed = allowed;
  }

  /** Where a file goes in archives: under its own path, or below the folder that the product names for it. */
  placeOf(path: string): string {
    const below = Object.entries(this.#product.payload?.placedBelow ?? {}).find(([folder]) => path.startsWith(folder));
    return (below?.[1] ?? "") + path;
  }

  leave(thing: Lying, why: string): void {
    this.left.push({ path: thing.path, why, files: 1, size: sizeOf(this.#folder, thing) });
  }

  /** Leaves out a whole folder. */
  leaveAll(path: string, inside: readonly Lying[], why: string): void {
    const files = inside.filter(({ type }) => type !== "empty");
    this.left.push({
      path: `${path}/`,
      why,
      files: files.length,
      size: files.reduce((sum, thing) => sum + sizeOf(this.#folder, thing), 0),
    });
  }

  /** Whether something may go to `place` in archives; when not, it is left out or a fault. */
  admits(thing: Lying, place: string): boolean {
    const { path, type } = thing;
    const not = (why: string): false => (this.leave(thing, why), false);
    const fault = (what: string): false => (this.faults.push(`${path} ${what}.`), false);
    const allowed = this.#allowed.has(path);
    const unwanted = allowed ? undefined : unwantedName(place);
    if (unwanted?.kind === "litter") return not(unwanted.why);
    if (type === "empty")
      return (
        this.left.push({ path: `${path}/`, why: "is empty, and archives hold files only", files: 0, size: 0 }),
        false
      );
    if (unwanted)
      return fault(
        `${unwanted.why}; take it out of the candidate, or seal it with \`--allow ${path}\` when everybody may see it`,
      );
    if (packsOutput(place, this.#product)) return not("is what `greenlight pack` writes");
    if (place.startsWith(".") && !allowed) return not("is hidden");
    const pattern = excludedBy(place);
    if (pattern !== undefined && meant.includes(pattern))
      return fault(
        `would be left out, since nothing below ${pattern.slice(0, -1)} is released; give that folder another name, or take it out of the candidate`,
      );
    if (pattern !== undefined) return not(`never belongs in a release (${pattern})`);
    if (type === "link")
      return fault("is a symbolic link; put the file or folder itself there, or take it out of the candidate");
    if (type === "special") return fault("is not a regular file; take it out of the candidate");
    return true;
  }

  /** Adds a file under its place; a place that is taken would lose one of two files. */
  add(list: Record<string, string>, place: string, file: string): void {
    const other = Object.hasOwn(list, place) ? list[place] : undefined;
    if (other === undefined) list[place] = file;
    else this.faults.push(`${other} and ${file} would both be ${place} in archives; give one of them another name.`);
  }
}

/** What is at the folder's top besides the platforms, for all of them. */
async function shared(
  folder: string,
  top: readonly Lying[],
  folders: readonly string[],
  taken: readonly (string | undefined)[],
  allowed: ReadonlySet<string>,
  sorting: Sorting,
): Promise<Record<string, string>> {
  const assets: Record<string, string> = {};
  for (const name of folders) {
    const inside = await walk(folder, name);
    const unwanted = unwantedFolder(name);
    const hidden = name.startsWith(".") && ![...allowed].some((path) => path.startsWith(`${name}/`));
    if (unwanted?.kind === "litter") sorting.leaveAll(name, inside, unwanted.why);
    else if (hidden) sorting.leaveAll(name, inside, "is hidden");
    else
      for (const thing of inside)
        if (sorting.admits(thing, sorting.placeOf(thing.path)))
          sorting.add(assets, sorting.placeOf(thing.path), thing.path);
  }
  for (const thing of top) {
    if (taken.includes(thing.path)) continue;
    if (isPlatform(thing.path))
      sorting.faults.push(
        `${thing.path} is ${thing.type === "link" ? "a symbolic link" : "no folder"}, so that nothing would be packed for that platform; put the folder itself there.`,
      );
    else if (thing.path.startsWith(".") && unwantedName(thing.path)?.kind !== "litter" && !allowed.has(thing.path))
      sorting.leave(thing, "is hidden");
    else if (!sorting.admits(thing, thing.path)) continue;
    else if (isLegalText(thing.path) || topTexts.includes(thing.path) || allowed.has(thing.path))
      sorting.add(assets, thing.path, thing.path);
    else
      sorting.faults.push(
        `${thing.path} lies beside the platforms and is neither licence nor notes, so that no archive would have it; put it into a folder like docs/, or take it out of the candidate.`,
      );
  }
  return assets;
}

/** What lies in the folder's top itself: files, and the names of folders. */
async function topOf(folder: string): Promise<{ files: Lying[]; folders: string[] }> {
  const top = await readdir(folder, { withFileTypes: true }).catch((e: NodeJS.ErrnoException) => {
    throw new EdgeError(
      `${folder} ${e.code === "ENOENT" ? "does not exist" : `cannot be read (${e.code})`}; name the folder with the binaries.`,
    );
  });
  const sorted = [...top].sort((a, b) => (a.name < b.name ? -1 : 1));
  const files: Lying[] = [];
  for (const entry of sorted) {
    requireUnicode(folder, entry.name);
    if (entry.isDirectory()) continue;
    files.push({ path: entry.name, type: typeOf(entry) });
  }
  return { files, folders: sorted.filter((entry) => entry.isDirectory()).map(({ name }) => name) };
}

/**
 * What lies in `folder` for these kinds of the product. Binaries that are missing are no fault here: `candidate check` names them all.
 * @param allowed paths in the folder that may be released although they look like what never is
 * @throws EdgeError when the folder is not there or holds nothing for any platform, and naming everything in it that would be lost.
 */
export async function collect(
  folder: string,
  product: Product,
  kinds: readonly string[] = Object.keys(product.kinds),
  allowed: ReadonlySet<string> = new Set(),
): Promise<Collected> {
  const { files: top, folders } = await topOf(folder);
  const keys =
    Object.keys(product.binaries).length > 0
      ? Object.keys(product.binaries)
      : [...new Set(Object.values(product.kinds).flatMap((kind) => kind.binaries))];
  await refuseLookalikes(
    folder,
    folders.filter((name) => !name.startsWith(".") && !isPlatform(name)),
    keys,
  );
  const own = platforms.filter((platform) => folders.includes(platform));
  const links = top.some(({ path }) => isPlatform(path));
  if (own.length === 0 && !links)
    throw new EdgeError(
      `${folder} has no folder for any platform; put binaries into ${platforms.map((p) => `${p}/`).join(", ")}, each as \`<platform>/<binary>\`.`,
    );
  const sorting = new Sorting(folder, product, allowed);
  const names = top.map(({ path }) => path);
  const licence = licenceAmong(names);
  const notes = notesNames.find((name) => names.includes(name));
  const assets = await shared(
    folder,
    top,
    folders.filter((name) => !isPlatform(name)),
    [CANDIDATE_FILE, licence, notes],
    allowed,
    sorting,
  );
  const unneeded = new Set(
    keys.filter(
      (key) =>
        !binariesOfKinds(product, kinds).includes(key) &&
        binariesOfKinds(product, Object.keys(product.kinds)).includes(key),
    ),
  );
  const found: CandidateDraft["platforms"] = {};
  for (const platform of own) {
    const binaries: Record<string, string> = {};
    const list = { ...assets };
    for (const thing of await walk(folder, platform)) {
      const inside = thing.path.slice(platform.length + 1);
      const key = thing.type === "file" ? keys.find((k) => executableName(k, platform) === inside) : undefined;
      if (key && unneeded.has(key))
        sorting.leave(thing, `is a program that ${kinds.join(" and ")} ${kinds.length > 1 ? "do" : "does"} not have`);
      else if (key) binaries[key] = thing.path;
      else if (sorting.admits(thing, sorting.placeOf(inside))) sorting.add(list, sorting.placeOf(inside), thing.path);
    }
    found[platform] = {
      binaries: Object.fromEntries(keys.flatMap((k) => (binaries[k] ? [[k, binaries[k]]] : []))),
      ...(Object.keys(list).length > 0 && { assets: list }),
    };
  }
  if (sorting.faults.length > 0)
    throw new EdgeError([
      `The candidate cannot be sealed, since not all of ${folder} can go into archives:`,
      ...sorting.faults.map((fault) => `  - ${fault}`),
    ]);
  return {
    ...(licence !== undefined && { licence }),
    ...(notes !== undefined && { notes }),
    platforms: found,
    left: sorting.left,
  };
}
