/** `greenlight candidate create` and `candidate check`: sealing a folder of binaries, and everything that is missing or wrong in one. */
import { resolve } from "node:path";
import {
  checkSealed,
  chooseKinds,
  createCandidate,
  readCandidate,
  readSeal,
  type Candidate,
} from "../candidate/index.ts";
import { productNamed, releaseName, type Platform, type Product } from "../products/index.ts";
import { exitCodes } from "../edges/exit-codes.ts";
import { contentLines, leftLines } from "./contents.ts";
import { plain, sayFindings } from "./findings.ts";

type Write = (line: string) => void;

function saySource({ source, policy }: Candidate, write: Write): void {
  if (source.revision === null) return write("source    not recorded; --source CHECKOUT does");
  const tag = source.tag == null ? "no tag" : `tag ${source.tag} (${source.tag_signed ? "signed" : "not signed"})`;
  const main =
    source.on_main === null || source.on_main === undefined
      ? "no main branch is known"
      : source.on_main
        ? "on the main branch"
        : "not on the main branch";
  write(
    `source    ${source.revision}, ${source.dirty ? "with changes that no commit holds" : "clean"}, ${tag}, ${main}`,
  );
  const versions = Object.entries(source.versions ?? {});
  if (versions.length > 0) write(`versions  ${versions.map(([name, version]) => `${name} ${version}`).join(", ")}`);
  const capabilities = Object.keys(source.capabilities ?? {});
  if (capabilities.length > 0) write(`can       ${capabilities.join(", ")}`);
  const files = Object.values(policy ?? {}).map(({ file }) => file);
  if (files.length > 0) write(`policy    ${files.join(", ")}, as the sources have them`);
}

/** Says which kinds of the product will not be released, if any. */
function sayKinds(
  { kinds, platforms, version }: Candidate,
  product: Product,
  asked: readonly string[] | undefined,
  write: Write,
): void {
  const { left } = chooseKinds(product, { sealed: kinds, asked, by: "--kinds" });
  for (const { kind, reason } of left)
    write(
      `withheld  ${releaseName({ product: product.name, kind, version })} for ${Object.keys(platforms).join(", ")}: ${reason}`,
    );
}

/** What `candidate create` is asked. */
export interface CreateOptions {
  product: string;
  version?: string;
  kinds?: string[];
  source?: string;
  repository?: string;
  allow?: string[];
}

/** What `candidate check` is asked. */
export interface CheckOptions {
  product?: string;
  kinds?: string[];
}

/** Seals `folder`. @returns the exit code: {@link exitCodes.usage} when the seal is written and something is still missing */
export async function create(folder: string, options: CreateOptions, output: Write): Promise<number> {
  const write = (line: string): void => output(plain(line));
  const product = productNamed(options.product);
  const { candidate, left, made, findings } = await createCandidate({
    folder: resolve(folder),
    product,
    ...(options.version !== undefined && { version: options.version }),
    ...(options.kinds !== undefined && { kinds: options.kinds }),
    ...(options.source !== undefined && { source: resolve(options.source) }),
    ...(options.repository !== undefined && { repository: options.repository }),
    allowed: options.allow ?? [],
  });
  write(`candidate ${candidate.product} ${candidate.version} in ${resolve(folder)}`);
  saySource(candidate, write);
  for (const [platform, { binaries, assets }] of Object.entries(candidate.platforms)) {
    write(
      `${platform.padEnd(13)} ${Object.keys(binaries).join(", ") || "no binaries"}; ${Object.keys(assets ?? {}).length} further files`,
    );
  }
  sayKinds(candidate, product, undefined, write);
  for (const { path, files, command } of made) write(`made      ${path}: ${files} files, by ${command}`);
  for (const line of [...contentLines(candidate), ...leftLines(left)]) write(line);
  return sayFindings(findings, write);
}

/** Checks a sealed folder for all platforms that it has, and for the kinds that are asked for or that it was sealed for. @returns the exit code */
export async function check(folder: string, options: CheckOptions, output: Write): Promise<number> {
  const write = (line: string): void => output(plain(line));
  const at = resolve(folder);
  const seal = readSeal(at);
  if ("found" in seal) {
    // What keeps the seal itself from being read is a finding like any other, once it is known what it should be.
    productNamed(options.product ?? readCandidate(at).product);
    return sayFindings(seal.found, write);
  }
  const { candidate } = seal;
  const product = productNamed(options.product ?? candidate.product);
  const platforms = Object.keys(candidate.platforms) as Platform[];
  const found = await checkSealed({ folder: at, candidate, product, platforms, kinds: options.kinds });
  const code = sayFindings(found, write);
  if (code !== exitCodes.green) return code;
  sayKinds(candidate, product, options.kinds, write);
  write(`${product.title} ${candidate.version}: nothing is missing or wrong for ${platforms.join(", ")}.`);
  return code;
}
