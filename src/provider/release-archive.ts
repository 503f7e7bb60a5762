/**
 * ReleaseArchive: an archive of the candidate and, where its services run under systemd, the recipe that deploys it.
 * Packed in check, because it is content-addressed and changes nothing that others see: so a preview shows exact digests.
 */
import { dirname, join, relative } from "node:path";
import { z } from "zod";
import { packArchive, packEntries, validateArchive, type PackedArchive } from "../archive/index.ts";
import { checkCandidate, readCandidate } from "../candidate/index.ts";
import { EdgeError } from "../edges/edges.ts";
import { PlatformSchema, productNamed, type Subject } from "../products/index.ts";
import { packagedRecipe, recipeName, recipeNeeds, renderRecipe } from "../recipes/index.ts";
import { canonicalJson, sha256File } from "../storage/digest.ts";
import { workspaceFolder, workspacePath } from "../storage/folders.ts";
import { archiveIdentity, endUse, packForUse } from "./archive-use.ts";
import type { Call, CheckFailure, ResourceType } from "./resource.ts";

const Packed = z.object({
  /** archive name without `.zip` */
  base: z.string(),
  version: z.string(),
  binaryVersions: z.record(z.string(), z.string()),
  /** source revision of the candidate, or null when it states none */
  revision: z.string().nullable(),
  sha256: z.string(),
  size: z.number(),
  /** path of the archive, relative to the workspace */
  path: z.string(),
  /** files to publish with it, relative to the workspace */
  sidecars: z.array(z.object({ path: z.string(), sha256: z.string() })),
  recipe: z.object({ path: z.string(), sha256: z.string(), size: z.number() }).nullable(),
});

const Inputs = z.object({
  product: z.string().min(1),
  kind: z.string().min(1),
  platform: PlatformSchema,
  /** the candidate's folder */
  candidate: z.string().min(1),
  /** set by check */
  packed: Packed.optional(),
});
type Inputs = z.output<typeof Inputs>;
type Outputs = Inputs;

function subjectOf(inputs: Inputs, packed: z.output<typeof Packed>): Subject {
  const { base, version, binaryVersions, sha256 } = packed;
  return {
    product: inputs.product,
    kind: inputs.kind,
    version,
    binaryVersions,
    platform: inputs.platform,
    sha256,
    base,
  };
}

/** Packs, or finds packed, the archive and its recipe. @throws EdgeError when the candidate cannot be packed. */
async function pack(
  inputs: Inputs,
  { stack, report }: Pick<Call, "stack" | "report">,
): Promise<z.output<typeof Packed>> {
  const workspace = workspaceFolder();
  const product = productNamed(inputs.product);
  const kind = product.kinds[inputs.kind];
  if (!kind)
    throw new EdgeError(
      `Product ${product.name} has no kind ${inputs.kind}; it has ${Object.keys(product.kinds).join(", ")}.`,
    );
  const candidate = readCandidate(inputs.candidate);
  const archive: PackedArchive = await packForUse(workspace, stack, () =>
    packArchive({
      candidateFolder: inputs.candidate,
      candidate,
      product,
      kind: inputs.kind,
      platform: inputs.platform,
      outputFolder: workspacePath(workspace, "archives"),
      report,
    }),
  );
  const packed = {
    base: archive.base,
    version: candidate.version,
    binaryVersions: archive.binaryVersions,
    revision: candidate.source.revision ?? null,
    sha256: archive.sha256,
    size: archive.size,
    path: relative(workspace, archive.file),
    sidecars: await Promise.all(
      Object.values(archive.sidecars).map(async (file) => ({
        path: relative(workspace, file),
        sha256: await sha256File(file),
      })),
    ),
    recipe: null as z.output<typeof Packed>["recipe"],
  };
  if (inputs.platform.startsWith("linux-") && kind.services.length > 0) {
    const file = join(dirname(archive.file), recipeName(archive.base));
    const deployment = await packagedRecipe(inputs.candidate, candidate, product, inputs.platform);
    const needs = await recipeNeeds(inputs.candidate, candidate, product, inputs.kind, inputs.platform);
    const entries = renderRecipe(product, inputs.kind, subjectOf(inputs, packed), { packaged: deployment, needs }).map(
      ({ path, mode, text }) => ({ path, mode, data: Buffer.from(text) }),
    );
    packed.recipe = { path: relative(workspace, file), ...(await packEntries(entries, file)) };
  }
  return packed;
}

/** The digest of the archive, when its bytes are what was packed and validate. @throws EdgeError with everything that is wrong with them. */
async function validated(inputs: Inputs): Promise<string> {
  const packed = Packed.parse(inputs.packed);
  const file = join(workspaceFolder(), packed.path);
  const faults = await validateArchive(file, {
    expect: { product: inputs.product, kind: inputs.kind, version: packed.version, platform: inputs.platform },
  });
  const digest = await sha256File(file);
  if (digest !== packed.sha256)
    faults.push({ path: packed.path, message: `its SHA-256 is ${digest}, but ${packed.sha256} was packed` });
  if (faults.length > 0)
    throw new EdgeError(
      `Archive ${packed.base}.zip does not validate: ${faults.map((f) => `${f.path}: ${f.message}`).join("; ")}; remove ${dirname(packed.path)} and try again.`,
    );
  return packed.sha256;
}

export const releaseArchive: ResourceType<Inputs, Outputs> = {
  inputs: Inputs,

  prepare: async (inputs, _previous, call) => {
    const faults = await checkCandidate(
      inputs.candidate,
      productNamed(inputs.product),
      [inputs.platform],
      [inputs.kind],
    );
    const failures: CheckFailure[] = faults.map((fault) => ({
      property: "candidate",
      reason: fault.path ? `${fault.path}: ${fault.message}` : fault.message,
    }));
    if (failures.length > 0) return { inputs, failures };
    return { inputs: { ...inputs, packed: await pack(inputs, call) }, failures: [] };
  },

  diff: (previous, inputs) => {
    const replaces: string[] = [];
    if (previous.product !== inputs.product) replaces.push("product");
    if (previous.kind !== inputs.kind) replaces.push("kind");
    if (previous.platform !== inputs.platform) replaces.push("platform");
    // Another recipe beside the same archive lies in the same folder: a replacement would take it along when the old one goes.
    if (previous.packed?.sha256 !== inputs.packed?.sha256) replaces.push("packed");
    // Where the candidate lies, and the facts beside the bytes, are no part of what the archive is.
    const changes =
      replaces.length > 0 ||
      canonicalJson(previous.packed) !== canonicalJson(inputs.packed) ||
      previous.candidate !== inputs.candidate;
    return { changes, replaces };
  },

  create: async (inputs) => ({ id: await validated(inputs), outputs: inputs }),
  update: async (_id, _previous, inputs) => {
    await validated(inputs);
    return inputs;
  },

  read: async (_id, previous) => {
    const digest = await sha256File(join(workspaceFolder(), previous.packed!.path)).catch(() => undefined);
    return digest === previous.packed!.sha256 ? previous : undefined;
  },

  // What was packed is made again from the candidate whenever it is wanted; what was published is a copy elsewhere.
  delete: async (_id, previous, call) => {
    const identity = archiveIdentity(previous.packed?.path ?? "");
    if (identity !== undefined) await endUse(workspaceFolder(), call.stack, identity);
  },
};
