/** `greenlight contract check`: code, policy and checks of a product, held together. */
import { resolve } from "node:path";
import { checkContract } from "../agreement/index.ts";
import { EdgeError } from "../edges/edges.ts";
import { exitCodes } from "../edges/exit-codes.ts";
import { productNamed } from "../products/index.ts";
import type { Voices } from "./voices.ts";

export interface ContractOptions {
  product: string;
  checkout?: string;
  candidate?: string;
}

/** Says everything that does not agree. @returns the exit code */
export function contract({ product, checkout, candidate }: ContractOptions, { write }: Voices): number {
  if (checkout !== undefined && candidate !== undefined)
    throw new EdgeError(
      "--checkout and --candidate are both given; leave one out: the code's capabilities come from one place.",
    );
  const definition = productNamed(product);
  const { compared, found } = checkContract({
    product: definition,
    ...(checkout !== undefined && { checkout: resolve(checkout) }),
    ...(candidate !== undefined && { candidate: resolve(candidate) }),
  });
  if (found.length > 0) {
    write(`${definition.title}: ${found.length === 1 ? "one thing does" : `${found.length} things do`} not agree:`);
    for (const { message } of found) write(`  - ${message}`);
    return exitCodes.red;
  }
  write(`${definition.title}: all agree, in ${compared.length} files: ${compared.join(", ")}.`);
  if (definition.sources?.capabilities && checkout === undefined && candidate === undefined)
    write("The code itself was not looked at; --checkout or --candidate brings it.");
  return exitCodes.green;
}
