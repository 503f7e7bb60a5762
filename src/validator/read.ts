/** From a path, or bytes, to the facts that rules judge. */
import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { productNamed, products as known, type Product } from "../products/index.ts";
import { sha256File } from "../storage/digest.ts";
import { readSidecars } from "./beside.ts";
import { bytesOf, bytesOfFile, type Bytes } from "./bytes.ts";
import { readChecksums } from "./checksums.ts";
import { CHECKSUMS, INSTALLED, MANIFEST, type Content, type ContentKind, type Expected } from "./content.ts";
import { isInstalled, readFolder, releaseOf } from "./folder.ts";
import { readManifest, type ManifestText } from "./manifest.ts";
import { release } from "./release.ts";
import type { Deflate } from "./zip-canonical.ts";
import { readZip, type Contents } from "./zip.ts";

export interface ReadOptions {
  expected?: Expected;
  upstream?: boolean;
  /** product definitions by name; all of Greenlight's when not given */
  products?: Record<string, Product>;
  /** how our writer compresses: given, archives are held against it, which takes as long as packing */
  deflate?: Deflate;
}

/** The product that content is of. @throws EdgeError when the definition of that one is not whole */
function productOf(manifest: ManifestText | undefined, options: ReadOptions): Product | undefined {
  const product = definitionOf(manifest, options);
  return product && options.products === undefined ? productNamed(product.name) : product;
}

function definitionOf(
  manifest: ManifestText | undefined,
  { expected, upstream, products = known }: ReadOptions,
): Product | undefined {
  // A product's own validator knows that product alone.
  if (upstream) return Object.values(products).find(({ upstreamValidator }) => upstreamValidator !== undefined);
  const name = manifest?.value?.artifact_name;
  if (name === undefined) return expected?.product === undefined ? undefined : products[expected.product];
  const fitting = Object.values(products).filter((product) => name.startsWith(`${product.name}-`));
  return fitting.sort((a, b) => b.name.length - a.name.length)[0];
}

function contentOf(
  path: string,
  kind: ContentKind,
  { entries, problems, texts }: Contents,
  options: ReadOptions,
): Content {
  const [manifest, checksums, installed] = [MANIFEST, CHECKSUMS, INSTALLED].map((name) => texts.get(name));
  const read = manifest && readManifest(manifest);
  const product = productOf(read, options);
  const lines = checksums && readChecksums(checksums, entries);
  // The largest of all texts, of which nothing else is asked.
  if (checksums) release(checksums);
  return {
    path,
    kind,
    entries,
    problems,
    ...(read && { manifest: read }),
    ...(lines && { checksums: lines }),
    ...(kind === "installed" && installed && { installed: installed.toString("utf8") }),
    units: new Map(
      [...texts].filter(([name]) => name.endsWith(".service")).map(([name, bytes]) => [name, bytes.toString("utf8")]),
    ),
    sidecars: {},
    ...(product && { product }),
    expected: options.expected ?? {},
    upstream: options.upstream ?? false,
  };
}

async function besideOf(file: string): Promise<Pick<Content, "sidecars" | "sha256">> {
  const sidecars = await readSidecars(file);
  return { sidecars, ...(sidecars.sha256 !== undefined && { sha256: await sha256File(file) }) };
}

/** An archive in memory, as if it were a file of that name without any beside it. */
export async function readBytes(name: string, bytes: Buffer, options: ReadOptions = {}): Promise<Content> {
  return contentOf(name, "archive", await readZip(bytesOf(bytes), options.deflate), options);
}

/** Whatever lies at `path`. Never throws for what it is. */
export async function readPath(path: string, options: ReadOptions = {}): Promise<Content> {
  const nothing = (found: string): Content =>
    contentOf(
      path,
      "nothing",
      { entries: [], problems: [{ rule: "path-exists", entry: "", found }], texts: new Map() },
      options,
    );
  const stats = await stat(path).catch((e: NodeJS.ErrnoException) => e.code ?? e.message);
  if (typeof stats === "string") return nothing(stats === "ENOENT" ? "does not exist" : `cannot be read (${stats})`);
  if (stats.isDirectory()) {
    const release = await releaseOf(resolve(path));
    return contentOf(
      path,
      release || (await isInstalled(path)) ? "installed" : "folder",
      await readFolder(release ?? resolve(path)),
      options,
    );
  }
  if (!stats.isFile()) return nothing("is neither a file nor a folder");
  let source: Bytes;
  try {
    source = await bytesOfFile(path);
  } catch (e) {
    return nothing(`cannot be read (${(e as NodeJS.ErrnoException).code ?? (e as Error).message})`);
  }
  try {
    // Beside each other: unpacking leaves this thread, and hashing the whole does not.
    const [contents, beside] = await Promise.all([readZip(source, options.deflate), besideOf(resolve(path))]);
    return { ...contentOf(path, "archive", contents, options), ...beside };
  } catch (e) {
    return nothing(`could not be read to its end (${(e as NodeJS.ErrnoException).code ?? (e as Error).message})`);
  } finally {
    await source.close();
  }
}
