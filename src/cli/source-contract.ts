/** `greenlight evidence source-contract`: what the files of a checkout hold of what readiness asks for. */
import { resolve } from "node:path";
import { commitOf, fileOfCommit, requireCheckout } from "../candidate/index.ts";
import { exitCodes } from "../edges/exit-codes.ts";
import { readPolicy } from "../matrix/index.ts";
import { productNamed } from "../products/index.ts";
import { lookAtSources, sourceContractFile } from "../readiness/index.ts";
import { writeAtomic } from "../storage/atomic-write.ts";
import type { Voices } from "./voices.ts";

export interface SourceOptions {
  product: string;
  checkout: string;
}

/** Looks at the files, writes what was found, and says it. @returns the exit code */
export async function sourceContract(
  workspace: () => string,
  options: SourceOptions,
  { write }: Voices,
): Promise<number> {
  const product = productNamed(options.product).name;
  const policy = readPolicy(product);
  const checkout = resolve(options.checkout);
  await requireCheckout(checkout, "name the product's checkout with --checkout");
  const { revision: commit } = await commitOf(checkout, false);
  const looked = await lookAtSources({
    ...{ policy, product, commit, now: new Date() },
    file: async (path) => {
      const found = await fileOfCommit(checkout, path);
      return typeof found === "string" ? { fault: found } : { bytes: found };
    },
  });
  const file = sourceContractFile(workspace(), product, commit);
  writeAtomic(file, `${JSON.stringify(looked, null, 2)}\n`);
  const has = looked.items.filter(({ status }) => status === "declared_contract");
  write(`${product}, commit ${commit}: ${has.length} of ${looked.items.length} items are as the checklist asks.`);
  for (const item of looked.items)
    write(`  ${item.status === "declared_contract" ? "✓" : "✗"} ${item.id}: ${item.details}`);
  write(`source_contract_report=${file}`);
  return has.length === looked.items.length ? exitCodes.green : exitCodes.red;
}
