/** What packing writes beside itself, by name: a candidate's folder may hold earlier archives, which are no part of the next ones. */
import { mayBeOfKind, platforms, type Product } from "../products/index.ts";

const endings = ["zip", "zip.sha256", "release-manifest.json", "checksums.txt", "binaries.json", "install.sh"];

/** Whether a path is an archive of the product, a file beside one, or in a folder that an interrupted packing left. */
export function packsOutput(path: string, product: Product): boolean {
  const segments = path.split("/");
  if (segments.some((segment) => /^\.(part|tmp)-\d+-/.test(segment))) return true;
  const name = segments.at(-1)!;
  const ends = platforms.some((platform) => endings.some((ending) => name.endsWith(`-${platform}.${ending}`)));
  return ends && Object.keys(product.kinds).some((kind) => mayBeOfKind(name, product.name, kind));
}
