/** What archives are called: `<product>-<kind>-<version>-<platform>`, put together and taken apart here alone. */
import { platforms, type Platform } from "./platform.ts";

/** The parts of an archive's name. */
export interface ArchiveParts {
  product: string;
  kind: string;
  version: string;
  platform: Platform;
}

/** What archives of a kind have in common, whatever their platform. */
export const releaseName = ({ product, kind, version }: Omit<ArchiveParts, "platform">): string =>
  `${product}-${kind}-${version}`;

/** An archive's name without `.zip`. */
export const archiveBase = (parts: ArchiveParts): string => `${releaseName(parts)}-${parts.platform}`;

/** Whether a name may be that of an archive, or of a file beside one, of this product and kind. */
export const mayBeOfKind = (name: string, product: string, kind: string): boolean =>
  name.startsWith(`${product}-${kind}-`) && /^\d+\.\d+\.\d+/.test(name.slice(product.length + kind.length + 2));

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
