/** `greenlight controls`: every seeded fault of a product, the check that must be red for it, and when it was last seen to be. */
import { controlLines, controlStates } from "../controls/index.ts";
import { productNamed, products } from "../products/index.ts";
import { exitCodes } from "../edges/exit-codes.ts";

/** What `controls` is asked. */
export interface ControlsOptions {
  product?: string;
}

export function controls(workspace: string, options: ControlsOptions, write: (line: string) => void): number {
  const names = options.product === undefined ? Object.keys(products) : [productNamed(options.product).name];
  for (const product of names) {
    const states = controlStates(workspace, product);
    write(`${product}: ${controlLines(states)[0]}`);
    for (const { id, check, kind, seeded, seenRed } of states)
      write(`  ${seenRed?.slice(0, 10) ?? "never     "}  ${id} (${kind}): ${check} is red because ${seeded}`);
  }
  return exitCodes.green;
}
