/** Whether a product definition is whole: everything that is wrong with it at once, before anything is started with it. */
import type { z } from "zod";
import type { Finding } from "../edges/edges.ts";
import { didYouMean, nearest } from "../edges/nearest.ts";
import { oneLine } from "../edges/one-line.ts";
import type { Product } from "./product.ts";
import { productSchema } from "./schema.ts";

/** A finding, and the field that it says was meant. */
interface Found extends Finding {
  meant?: string | undefined;
}

const pathOf = (path: readonly PropertyKey[]): string => path.map(String).join(".");

function found(issue: z.core.$ZodIssue): Found[] {
  if (issue.code === "unrecognized_keys") {
    const known = issue.message.split(" ");
    return issue.keys.map((key) => {
      const near = nearest(key, known);
      return {
        path: pathOf([...issue.path, key]),
        message: `there is no such field; use ${known.join(", ")}${didYouMean(key, known)}`,
        meant: near === undefined ? undefined : pathOf([...issue.path, near]),
      };
    });
  }
  // What is wrong with a key is said of the key, not of what stands under it.
  const message = issue.code === "invalid_key" ? issue.issues.map((each) => each.message).join(", ") : issue.message;
  return [{ path: pathOf(issue.path), message }];
}

/** All that is wrong with a definition, in sentences. @param name what it is asked for by */
export function definitionFaults(definition: unknown, name: string): Finding[] {
  const all = (productSchema(name).safeParse(definition).error?.issues ?? []).flatMap(found);
  const meant = all.map((each) => each.meant);
  return (
    all
      // A field that is missing because its name was misspelt is one fault, and not two.
      .filter(({ path, message }) => !(message === "is missing" && meant.includes(path)))
      .map(({ path, message }) => ({ path, message: /[.?]$/.test(message) ? message : `${message}.` }))
  );
}

/** What a definition's file exports; or why it has none, as the end of a sentence that the file begins. */
export async function loadDefinition(load: () => Promise<unknown>): Promise<{ product?: Product; fault?: string }> {
  try {
    const product = await load();
    if (typeof product === "object" && product !== null) return { product: product as Product };
    return { fault: "does not export the definition that src/products/index.ts names." };
  } catch (e) {
    const { message, stack = "" } = e instanceof Error ? e : new Error(String(e));
    // The first place of our own that the stack names: that of the fault, and none of Node's.
    const [, place] = /(src\/products\/[^\s:()]+:\d+)/.exec(stack) ?? [];
    return {
      fault: `cannot be loaded: ${oneLine(message)}${place === undefined ? "" : ` (${place})`}; mend it there.`,
    };
  }
}
