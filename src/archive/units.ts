/**
 * Units of programs that an archive does not have. Recipes are written for every profile, also for programs that a product
 * has no more or not yet: a unit in an archive is for a program in the same archive, or it would fail wherever it is enabled.
 */
import { readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { SealedFile } from "../candidate/index.ts";
import type { Product } from "../products/index.ts";

/** Folders of programs that systems bring themselves. */
const system = /^\/(usr\/(local\/)?)?s?bin$|^\/usr\/lib(exec)?(\/|$)/;

/** A unit is a page of text. */
const MOST = 64 << 10;

/** Programs that a unit starts, as absolute paths: of `ExecStart=` and its like, without the prefixes that systemd gives a meaning. */
export function programsOf(unit: string): string[] {
  return [...unit.matchAll(/^\s*Exec\w+\s*=\s*[-@:+!|]*(?:"([^"]+)"|(\S+))/gm)].map(([, quoted, plain]) => quoted ?? plain ?? "").filter((path) => path.startsWith("/"));
}

/** Paths, among assets below the product's recipe folders, of units that start a program which this kind of archive does not hold. */
export async function unitsOfStrangers(folder: string, assets: Readonly<Record<string, SealedFile>>, product: Product, kind: string): Promise<string[]> {
  const folders = Object.values(product.payload?.recipeFolders ?? {}).map((path) => `${path.replace(/\/$/, "")}/`);
  const units = Object.entries(assets).filter(([path, { size }]) => path.endsWith(".service") && size <= MOST && folders.some((start) => path.startsWith(start)));
  const own = new Set(product.kinds[kind]?.binaries);
  const found = await Promise.all(
    units.map(async ([path, { file }]) => {
      const unit = await readFile(join(folder, file), "utf8").catch(() => "");
      return programsOf(unit).some((program) => !system.test(dirname(program)) && !own.has(basename(program))) ? [path] : [];
    }),
  );
  return found.flat();
}
