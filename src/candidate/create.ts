/** Making a candidate of a folder with binaries: what lies there, where it was built from, and the seal on all of it. */
import { readFile } from "node:fs/promises";
import { isAbsolute, join, posix, relative } from "node:path";
import { EdgeError, type Finding } from "../edges/edges.ts";
import type { Platform, Product } from "../products/index.ts";
import { checkSealed } from "./check.ts";
import { collect, type Collected } from "./collect.ts";
import { makeDeployment, type MadeFolder } from "./deployment.ts";
import { requireCheckout, sourceOf } from "./git.ts";
import { chooseKinds } from "./kinds.ts";
import type { Candidate, Source } from "./schema.ts";
import { capabilityModes, policyTexts, versionStatements } from "./statements.ts";
import { sealCandidate } from "./write.ts";

export interface CreateTask {
  folder: string;
  product: Product;
  /** what the candidate is; by default what the sources state */
  version?: string;
  /** kinds that it is sealed for; all of the product's when left out */
  kinds?: readonly string[];
  /** git checkout that the binaries were built from */
  source?: string;
  /** address of the sources, where no checkout says it */
  repository?: string;
  /** paths in the folder that may be released although they look like what never is */
  allowed?: readonly string[];
}

export interface Created {
  candidate: Candidate;
  /** files of the folder that were left out, with why */
  left: Collected["left"];
  /** deployment folders that the product's own command has written into the folder */
  made: MadeFolder[];
  /** what is missing or wrong in it, as `candidate check` says it */
  findings: Finding[];
}

/** Texts of the profiles' manifests that the folder brings, by profile. */
async function profileManifests(folder: string, product: Product): Promise<Record<string, string>> {
  const read = Object.entries(product.payload?.recipeFolders ?? {}).map(async ([profile, path]) => {
    const text = await readFile(join(folder, path, "profile-manifest.json"), "utf8").catch(() => undefined);
    return text === undefined ? [] : [[profile, text] as const];
  });
  return Object.fromEntries((await Promise.all(read)).flat());
}

/** The one version that all statements agree on. @throws EdgeError listing every statement when they do not */
function agreed(versions: Record<string, string> | undefined): string {
  const different = new Set(Object.values(versions ?? {}));
  if (different.size === 1) return [...different][0]!;
  if (different.size === 0)
    throw new EdgeError(
      "The candidate's version is not known; name it with `--version`, or the checkout that states it with `--source`.",
    );
  throw new EdgeError(
    `The sources state different versions: ${Object.entries(versions!)
      .map(([name, v]) => `${name} ${v}`)
      .join(", ")}; make them one, build again, then seal the candidate.`,
  );
}

/**
 * Writes `candidate.json` into the folder, also when parts are missing: those are among the findings.
 * @throws EdgeError when nothing can be sealed: no folder for a platform, no version, no checkout, a file that cannot be read.
 */
export async function createCandidate({
  folder,
  product,
  version: asked,
  kinds: named,
  source: checkout,
  repository,
  allowed: letIn = [],
}: CreateTask): Promise<Created> {
  const { kinds } = chooseKinds(product, { asked: named, by: "--kinds" });
  // Shells complete paths, and people write them from where they stand.
  const allowed = letIn.map((path) => posix.normalize(isAbsolute(path) ? relative(folder, path) : path));
  const deployment = await makeDeployment(folder, product, kinds);
  const { left, ...files } = await collect(folder, product, kinds, new Set(allowed));
  const rules = product.sources;
  if (checkout !== undefined) await requireCheckout(checkout);
  const versions = checkout !== undefined && rules ? await versionStatements(checkout, rules) : undefined;
  const version = asked ?? agreed(versions);
  const source: Source =
    checkout === undefined
      ? { repository: repository ?? "unknown", revision: null }
      : await sourceOf(checkout, version);
  if (repository !== undefined) source.repository = repository;
  if (versions) source.versions = versions;
  const capabilities =
    checkout !== undefined && rules
      ? await capabilityModes(checkout, rules, await profileManifests(folder, product))
      : undefined;
  if (capabilities) source.capabilities = capabilities;
  const policy = checkout !== undefined && rules ? await policyTexts(checkout, rules) : undefined;
  const { candidate, facts } = await sealCandidate(folder, {
    product: product.name,
    version,
    ...(kinds.length < Object.keys(product.kinds).length && { kinds }),
    source,
    ...(policy && { policy }),
    allowed,
    ...files,
  });
  const platforms = Object.keys(candidate.platforms) as Platform[];
  const found = await checkSealed({ folder, candidate, product, platforms, facts });
  return { candidate, left, made: deployment.made, findings: [...deployment.findings, ...found] };
}
