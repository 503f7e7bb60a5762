/** The capabilities that a product's code declares: its sources say so, or what a candidate was sealed with. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CANDIDATE_FILE, CandidateSchema } from "../candidate/index.ts";
import { EdgeError } from "../edges/edges.ts";
import { readLocated, type Path } from "../edges/located.ts";
import type { CapabilityRules, SourceRules } from "../products/index.ts";
import type { Roll } from "./rolls.ts";

/** The capabilities that a text of the product's sources declares. @throws EdgeError when it declares none */
export function declaredInSources(text: string, { file, what, names, line }: CapabilityRules): Roll {
  const declared = names(text);
  if (declared.length === 0)
    throw new EdgeError(
      `${file} has no ${what} with the product's capabilities; name the checkout of the product with --checkout.`,
      "refused",
    );
  const source = {
    file,
    line: ([capability]: Path): number => line(text, capability === undefined ? undefined : String(capability)),
  };
  return { source, part: "all", list: [], names: new Map(declared.map((each) => [each, [each]])), right: true };
}

/** The capabilities that a checkout declares; undefined for a product whose sources declare none. @throws EdgeError when they cannot be read */
export function declaredInCheckout(checkout: string, rules: SourceRules | undefined): Roll | undefined {
  if (!rules?.capabilities) return undefined;
  const { file } = rules.capabilities;
  let text: string;
  try {
    text = readFileSync(join(checkout, file), "utf8");
  } catch (e) {
    throw new EdgeError(
      `${file} of the checkout cannot be read (${(e as NodeJS.ErrnoException).code}); name the checkout of the product with --checkout.`,
    );
  }
  return declaredInSources(text, rules.capabilities);
}

/** The capabilities that a candidate was sealed with. @throws EdgeError when its seal names none, though the product's sources declare some */
export function declaredInCandidate(folder: string, rules: SourceRules | undefined): Roll | undefined {
  if (!rules?.capabilities) return undefined;
  const seal = readLocated(CandidateSchema, join(folder, CANDIDATE_FILE), {
    remedy: "seal the candidate again with `greenlight candidate create`",
  });
  const { capabilities } = seal.value.source;
  if (!capabilities)
    throw new EdgeError(
      `${seal.file} does not say which capabilities its sources declare; seal the candidate again with \`greenlight candidate create --source\`.`,
      "refused",
    );
  const list = ["source", "capabilities"];
  return {
    source: seal,
    part: "all",
    list,
    names: new Map(Object.keys(capabilities).map((name) => [name, [...list, name]])),
    right: true,
  };
}
