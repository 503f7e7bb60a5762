/**
 * ReleaseArchive: an archive of the candidate and, where its services run under systemd, the recipe that deploys it.
 * Packed in check, because it is content-addressed and changes nothing that others see: so a preview shows exact digests.
 */
import { dirname, join, relative } from "node:path";
import { packArchive, packEntries, validateArchive, type PackedArchive } from "../archive/index.ts";
import { PackedSchema, releaseArchiveContract, type InputsOf, type Packed } from "../contract/index.ts";
import { checkCandidate, readCandidate } from "../candidate/index.ts";
import { EdgeError } from "../edges/edges.ts";
import { productNamed, type Subject } from "../products/index.ts";
import { packagedRecipe, recipeName, recipeNeeds, renderRecipe } from "../recipes/index.ts";
import { canonicalJson, sha256File } from "../storage/digest.ts";
import { workspaceFolder, workspacePath } from "../storage/folders.ts";
import { archiveIdentity, endUse, packForUse } from "./archive-use.ts";
import type { Call, CheckFailure, ResourceType } from "./resource.ts";

type Inputs = InputsOf<typeof releaseArchiveContract>;

function subjectOf(inputs: Inputs, packed: Packed): Subject {
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
async function pack(inputs: Inputs, { stack, report }: Pick<Call, "stack" | "report">): Promise<Packed> {
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
      (Object.values(archive.sidecars) as string[]).map(async (file) => ({
        path: relative(workspace, file),
        sha256: await sha256File(file),
      })),
    ),
    recipe: null as Packed["recipe"],
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

/** What was packed, when its bytes are still that and validate. @throws EdgeError with everything that is wrong with them. */
async function validated(inputs: Inputs): Promise<Packed> {
  const packed = PackedSchema.parse(inputs.packed);
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
      "stored",
    );
  return packed;
}

export const releaseArchive: ResourceType<typeof releaseArchiveContract> = {
  contract: releaseArchiveContract,

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

  create: async (inputs) => {
    const packed = await validated(inputs);
    return { id: packed.sha256, outputs: { ...inputs, packed } };
  },
  update: async (_id, _previous, inputs) => ({ ...inputs, packed: await validated(inputs) }),

  read: async (_id, previous) => {
    const digest = await sha256File(join(workspaceFolder(), previous.packed.path)).catch(() => undefined);
    return digest === previous.packed.sha256 ? previous : undefined;
  },

  // What was packed is made again from the candidate whenever it is wanted; what was published is a copy elsewhere.
  delete: async (_id, previous, call) => {
    const identity = archiveIdentity(previous.packed?.path ?? "");
    if (identity !== undefined) await endUse(workspaceFolder(), call.stack, identity);
  },
};
