/** The named judges: those of the standard suites, and those beside each product's definition. */
import type { Judge } from "../checks/judging.ts";
import { products } from "../products/index.ts";
import { crashJudge } from "./crash.ts";
import { keptJudge } from "./kept-judge.ts";

const own: Record<string, Judge> = { crash: crashJudge, kept: keptJudge };

/** A judge by its name; a product's begins with the product's name: `palyra/help`. */
export function judgeNamed(name: string): Judge | undefined {
  if (Object.hasOwn(own, name)) return own[name];
  const [product = "", rest = ""] = name.split("/", 2);
  const judges = Object.hasOwn(products, product) ? (products[product]!.judges ?? {}) : {};
  return Object.hasOwn(judges, rest) ? judges[rest] : undefined;
}
