/** The capabilities that a product's code declares: an enum of its sources, or what a candidate was sealed with. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CANDIDATE_FILE, CandidateSchema, enumVariants } from "../candidate/index.ts";
import { EdgeError } from "../edges/edges.ts";
import { readLocated, type Path } from "../edges/located.ts";
import type { SourceRules } from "../products/index.ts";
import type { Roll } from "./rolls.ts";

/** The line of a text that a pattern first fits after another one has; 1 when none does. */
function lineOf(lines: readonly string[], from: number, pattern: RegExp): number {
  const at = lines.findIndex((line, i) => i >= from && pattern.test(line));
  return at < 0 ? from + 1 : at + 1;
}

/** A name like `flow_orchestration` as Rust writes a variant: `FlowOrchestration`. */
const variantOf = (name: string): string => name.replace(/(?:^|_)(\w)/g, (_, letter: string) => letter.toUpperCase());

/** The capabilities of Rust sources. @throws EdgeError when there is no such enum */
export function declaredInRust(rust: string, file: string, name: string): Roll {
  const names = enumVariants(rust, name);
  if (names.length === 0)
    throw new EdgeError(
      `${file} has no enum ${name} with the product's capabilities; name the checkout of the product with --checkout.`,
      "refused",
    );
  const lines = rust.split("\n");
  const begin = lineOf(lines, 0, new RegExp(`\\benum\\s+${name}\\b`));
  const source = {
    file,
    line: ([variant]: Path): number =>
      variant === undefined ? begin : lineOf(lines, begin - 1, new RegExp(`\\b${variantOf(String(variant))}\\b`)),
  };
  return { source, part: "all", list: [], names: new Map(names.map((each) => [each, [each]])), right: true };
}

/** The capabilities that a checkout declares; undefined for a product whose sources declare none. @throws EdgeError when they cannot be read */
export function declaredInCheckout(checkout: string, rules: SourceRules | undefined): Roll | undefined {
  if (!rules?.capabilities) return undefined;
  const { file, enum: name } = rules.capabilities;
  let rust: string;
  try {
    rust = readFileSync(join(checkout, file), "utf8");
  } catch (e) {
    throw new EdgeError(
      `${file} of the checkout cannot be read (${(e as NodeJS.ErrnoException).code}); name the checkout of the product with --checkout.`,
    );
  }
  return declaredInRust(rust, file, name);
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
