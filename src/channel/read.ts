/** A reader's view of a channel: only what its indexes name. */
import { readdirSync, readFileSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { z } from "zod";
import { EdgeError, parseFile } from "../edges/edges.ts";
import { isLowerCaseName } from "../edges/names.ts";
import { sha256 } from "../storage/digest.ts";
import {
  channelFolder,
  indexFile,
  IndexSchema,
  parseRelease,
  publishedFolder,
  type Index,
  type Release,
} from "./release.ts";

/** A release as a stack exports it. */
export const ReleasedSchema = z.object({
  product: z.string(),
  version: z.string(),
  channel: z.string(),
  /** SHA-256 of its release.json: the release's identity, the same in every channel */
  digest: z.string(),
  /** published file → SHA-256, without the evidence */
  files: z.record(z.string(), z.string()),
  /** where it lies, relative to the workspace: a workspace may be moved, and another checkout may use the same state */
  folder: z.string(),
});
export type Released = z.output<typeof ReleasedSchema>;

/** The form of indexes that this program reads. */
const form = 1;

/** The form that an index says it has, when that is a newer one. */
function newerForm(text: string): number | undefined {
  try {
    const { schema } = z.object({ schema: z.number() }).parse(JSON.parse(text));
    return schema > form ? schema : undefined;
  } catch {
    return undefined;
  }
}

/** Why a file cannot be read, as the system's code; undefined when it can. */
function errorOf(file: string): string | undefined {
  try {
    readFileSync(file);
    return undefined;
  } catch (e) {
    return (e as NodeJS.ErrnoException).code;
  }
}

/** Why nothing is written over an index, as a clause, and what to do; undefined when it is missing, or is ours to judge. */
export function indexOfOthers(file: string): { what: string; remedy: string } | undefined {
  const error = errorOf(file);
  if (error === "ENOENT") return undefined;
  if (error !== undefined)
    return {
      what: `cannot be read (${error})`,
      remedy: "make it readable, or move it away, and run the same command again",
    };
  const newer = newerForm(readFileSync(file, "utf8"));
  return newer === undefined
    ? undefined
    : {
        what: `was written by a newer Greenlight (its form is ${newer}, this one reads ${form})`,
        remedy: "use that one",
      };
}

/** The index of a product in a channel, or undefined when nothing of it was published there. @throws EdgeError when it is not usable. */
export function readIndex(workspace: string, channel: string, product: string): Index | undefined {
  const file = indexFile(workspace, channel, product);
  // Only what is known to be missing is: what cannot be looked at is said below.
  if (errorOf(file) === "ENOENT") return undefined;
  const others = indexOfOthers(file);
  if (others) throw new EdgeError(`${file} ${others.what}; ${others.remedy}.`, "stored");
  const index = parseFile(
    IndexSchema,
    file,
    `restore it from a backup, or rebuild it with \`greenlight channel repair ${channel}\``,
  );
  const names = new Set(index.releases.map((entry) => entry.version));
  if (index.product !== product || names.size !== index.releases.length || !names.has(index.current)) {
    throw new EdgeError(
      `${file} contradicts itself (product ${index.product}, current ${index.current}, ${index.releases.length} releases); restore it from a backup, or rebuild it with \`greenlight channel repair ${channel}\`.`,
      "stored",
    );
  }
  return index;
}

/** All products of a channel with their indexes; empty when nothing was ever published. */
export function readChannel(workspace: string, channel: string): Record<string, Index> {
  let names: string[] = [];
  try {
    names = readdirSync(channelFolder(workspace, channel));
  } catch (e) {
    if ((e as NodeJS.ErrnoException).code !== "ENOENT") throw e;
  }
  const products = names
    .filter((name) => name.endsWith(".json"))
    .map((name) => basename(name, ".json"))
    .filter(isLowerCaseName);
  return Object.fromEntries(
    products.sort().flatMap((product) => {
      const index = readIndex(workspace, channel, product);
      return index ? [[product, index] as const] : [];
    }),
  );
}

/** A published release's release.json with its identity. @throws EdgeError when the index's digest is not the file's. */
export function readRelease(
  workspace: string,
  channel: string,
  product: string,
  version: string,
): { release: Release; digest: string; folder: string } | undefined {
  const entry = readIndex(workspace, channel, product)?.releases.find((e) => e.version === version);
  if (!entry) return undefined;
  const folder = publishedFolder(workspace, channel, product, version);
  const file = join(folder, "release.json");
  const remedy = "restore the release from a backup";
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (e) {
    throw new EdgeError(
      `${file} cannot be read (${(e as NodeJS.ErrnoException).code}), though channel ${channel} names it; ${remedy}.`,
      "stored",
    );
  }
  if (sha256(text) !== entry.release)
    throw new EdgeError(
      `${file} has SHA-256 ${sha256(text)}, but channel ${channel} names ${entry.release}; ${remedy}.`,
      "stored",
    );
  return { release: parseRelease(text, { what: file, remedy }), digest: entry.release, folder };
}

/** A published version as stacks export it. */
export function releasedFacts(
  workspace: string,
  channel: string,
  product: string,
  version: string,
): Released | undefined {
  const found = readRelease(workspace, channel, product, version);
  if (!found) return undefined;
  const files = found.release.files
    .filter((file) => file.role !== "evidence")
    .map((file) => [file.path, file.sha256] as const);
  return {
    product,
    version,
    channel,
    digest: found.digest,
    files: Object.fromEntries(files),
    folder: relative(workspace, found.folder),
  };
}

/** What the channel offers of a product, or undefined when nothing of it was published. */
export function latestRelease(workspace: string, channel: string, product: string): Released | undefined {
  const index = readIndex(workspace, channel, product);
  return index && releasedFacts(workspace, channel, product, index.current);
}
