/** What an archive's name says of it: `<product>-<kind>-<version>-<platform>.zip`. */
import { platforms, type Platform } from "../products/index.ts";

export interface NamedArchive {
  /** the name without `.zip` */
  base: string;
  kind: string;
  platform: Platform;
}

/** Kind and platform of a product's archive, or undefined when the name is no such name. */
export function archiveNamed(product: string, version: string, path: string): NamedArchive | undefined {
  const platform = platforms.find((each) => path.endsWith(`-${version}-${each}.zip`));
  if (!platform || !path.startsWith(`${product}-`)) return undefined;
  const base = path.slice(0, -".zip".length);
  const kind = base.slice(product.length + 1, -`-${version}-${platform}`.length);
  return kind === "" ? undefined : { base, kind, platform };
}
