/** The kind of a product, or a sentence about it. */
import { EdgeError } from "../edges/edges.ts";
import type { Kind, Product } from "../products/index.ts";

/** The kind of a product. @throws EdgeError naming the kinds that there are. */
export function kindNamed(product: Product, kind: string): Kind {
  const found = product.kinds[kind];
  if (!found)
    throw new EdgeError(
      `Product ${product.name} has no kind ${JSON.stringify(kind)}; use one of ${Object.keys(product.kinds).join(", ")}.`,
    );
  return found;
}
