/** `greenlight pack`: a candidate's archives for every kind and platform, on any host, without stack or engine. */
import { join, resolve } from "node:path";
import { archivePaths, packArchive } from "../archive/index.ts";
import { checkCandidate, chooseKinds, readCandidate, type Candidate } from "../candidate/index.ts";
import { EdgeError } from "../edges/edges.ts";
import { didYouMean } from "../edges/nearest.ts";
import { releaseName, productNamed, type Platform } from "../products/index.ts";
import { withLock } from "../storage/lock.ts";
import { makeFolder } from "../storage/make-folder.ts";
import { exitCodes } from "../edges/exit-codes.ts";
import { plain, sayFindings } from "./findings.ts";
import { placeTogether, requireFree, withStage } from "./place-files.ts";

type Write = (line: string) => void;

/** Those of `known` that are asked for; all when none is. @throws EdgeError naming what there is */
function chosen<T extends string>(what: string, known: readonly T[], asked: readonly string[] = []): T[] {
  const unknown = asked.filter((name) => !(known as readonly string[]).includes(name));
  if (unknown.length > 0)
    throw new EdgeError(
      `There is no ${what} ${unknown.join(", ")}; use ${known.join(", ")}${didYouMean(unknown[0]!, known) || "."}`,
    );
  return known.filter((name) => asked.length === 0 || asked.includes(name));
}

/** @throws EdgeError when an archive would be written over a file of the candidate. */
function refuseSealed(
  outputs: readonly string[],
  folder: string,
  { licence, notes, platforms }: Candidate,
  remedy: string,
): void {
  const all = [
    licence,
    notes,
    ...Object.values(platforms).flatMap(({ binaries, assets = {} }) => [
      ...Object.values(binaries),
      ...Object.values(assets),
    ]),
  ];
  const sealed = new Set(all.flatMap((each) => (each ? [join(folder, each.file)] : [])));
  const over = outputs.filter((file) => sealed.has(file));
  if (over.length > 0)
    throw new EdgeError(
      `${over.join(" and ")} would be written over, and the candidate has sealed ${over.length > 1 ? "them" : "it"}; ${remedy}.`,
    );
}

/** What `pack` is asked. */
export interface PackOptions {
  output: string;
  kind?: string[];
  platform?: string[];
}

/**
 * Packs into `options.output`, all archives or none, over earlier ones of the same name. For each it prints `archive_path=`,
 * `manifest_path=`, `checksums_path=` and `archive_checksum_path=`, which scripts read. @returns the exit code
 */
export async function pack(folder: string, options: PackOptions, write: Write, note: Write): Promise<number> {
  const candidateFolder = resolve(folder);
  const candidate = readCandidate(candidateFolder);
  const product = productNamed(candidate.product);
  const { kinds, left } = chooseKinds(product, { sealed: candidate.kinds, asked: options.kind, by: "--kind" });
  const platforms = chosen("platform", Object.keys(candidate.platforms) as Platform[], options.platform);
  const code = sayFindings(await checkCandidate(candidateFolder, product, platforms, kinds), note);
  if (code !== exitCodes.green) return code;
  for (const { kind, reason } of left)
    note(`${releaseName({ product: product.name, kind, version: candidate.version })} is not packed: ${reason}`);
  const output = resolve(options.output);
  const elsewhere = "name another with `--output`";
  await makeFolder(output, elsewhere);
  const wanted = kinds.flatMap((kind) => platforms.map((platform) => ({ kind, platform })));
  const outputs = wanted.flatMap(
    ({ kind, platform }) => Object.values(archivePaths(output, product, kind, candidate.version, platform)) as string[],
  );
  await requireFree(outputs, elsewhere);
  refuseSealed(outputs, candidateFolder, candidate, elsewhere);
  const placed = await withStage(output, exitCodes.interrupted, elsewhere, async (stage) => {
    const files: string[] = [];
    for (const { kind, platform } of wanted) {
      const { file, sidecars } = await packArchive({
        candidateFolder,
        candidate,
        product,
        kind,
        platform,
        outputFolder: stage,
        report: note,
      });
      // The archive last: who sees it finds what belongs beside it.
      files.push(
        sidecars.manifest,
        sidecars.checksums,
        sidecars.sha256,
        sidecars.binaries,
        ...(sidecars.installer ? [sidecars.installer] : []),
        file,
      );
    }
    return withLock(
      join(output, "placing"),
      600,
      () => placeTogether(files, output, stage),
      "putting archives in their place",
    );
  });
  for (const { kind, platform } of wanted) {
    const { archive, manifest, checksums, sha256 } = archivePaths(output, product, kind, candidate.version, platform);
    if (!placed.includes(archive)) throw new Error(`${archive} was not placed`);
    write(plain(`archive_path=${archive}`));
    write(plain(`manifest_path=${manifest}`));
    write(plain(`checksums_path=${checksums}`));
    write(plain(`archive_checksum_path=${sha256}`));
  }
  return exitCodes.green;
}
