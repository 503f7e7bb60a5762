/**
 * Packing: content-addressed, and so without a clock or a history. What is packed already is hashed again and kept;
 * what was spoiled since is packed again, and that is said.
 */
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { describeBinaries, surveyBinaries } from "../binaries/index.ts";
import { binaryVersion, type Candidate } from "../candidate/index.ts";
import { EdgeError, type Finding } from "../edges/edges.ts";
import { isSha256 } from "../edges/names.ts";
import type { Platform, Product } from "../products/index.ts";
import { syncFolder, writeAtomic } from "../storage/atomic-write.ts";
import { canonicalJson, sha256, sha256File } from "../storage/digest.ts";
import { tryLock, withLock } from "../storage/lock.ts";
import { OWN_DIALECT, zlibDialect } from "./dialect.ts";
import { baseOf, hasInstaller, payloadOf, type Payload } from "./payload.ts";
import { inspectArchive, type Inspection } from "./validate.ts";
import { byPath, packEntries, WRITER } from "./zip-writer.ts";

export interface PackTask {
  candidateFolder: string;
  candidate: Candidate;
  product: Product;
  kind: string;
  platform: Platform;
  /** archives are kept in `<outputFolder>/<identity>/` */
  outputFolder: string;
  report?: (line: string) => void;
}

/** Absolute paths of the files beside an archive. */
export interface Sidecars {
  manifest: string;
  checksums: string;
  sha256: string;
  binaries: string;
  /** the installer that lies in the archive as well, where there is one */
  installer?: string;
}

export interface PackedArchive {
  /** `<product>-<kind>-<version>-<platform>` */
  base: string;
  /** absolute path of `<base>.zip` */
  file: string;
  /** of the archive's bytes, lower-case hex */
  sha256: string;
  /** bytes */
  size: number;
  /** digest of everything that decides the archive's bytes */
  identity: string;
  sidecars: Sidecars;
  /** what is in it, by path */
  entries: { path: string; mode: number; sha256: string; size: number }[];
  /** version that each of its binaries reports, by the product's key */
  binaryVersions: Record<string, string>;
}

function identityOf(payload: Payload, entries: PackedArchive["entries"]): string {
  return sha256(
    canonicalJson({
      writer: WRITER,
      zlib: zlibDialect(),
      base: payload.base,
      date: payload.date.toISOString(),
      entries,
    }),
  );
}

function paths(folder: string, base: string, platform: Platform): { file: string; sidecars: Sidecars } {
  const at = (suffix: string): string => join(folder, `${base}.${suffix}`);
  const installer = hasInstaller(platform) ? { installer: at("install.sh") } : {};
  return {
    file: at("zip"),
    sidecars: {
      manifest: at("release-manifest.json"),
      checksums: at("checksums.txt"),
      sha256: at("zip.sha256"),
      binaries: at("binaries.json"),
      ...installer,
    },
  };
}

/** Where an archive and the files beside it would be in `folder`, by what each is. */
export function archivePaths(
  folder: string,
  product: Product,
  kind: string,
  version: string,
  platform: Platform,
): { archive: string } & Sidecars {
  const { file, sidecars } = paths(folder, baseOf(product, kind, version, platform), platform);
  return { archive: file, ...sidecars };
}

/** All of `<base>.zip.sha256`: one whole line, so that `cat *.sha256 | sha256sum -c` and `while read` see each of them. */
function digestLine(digest: string, base: string): string {
  return `${digest}  ${base}.zip\n`;
}

/** Whether a text is that line; earlier packers wrote it without its line feed, and what they packed is as good. */
function isDigestLine(line: string, digest: string, base: string): boolean {
  const whole = digestLine(digest, base);
  return line === whole || line === whole.trimEnd();
}

async function readText(file: string): Promise<string | undefined> {
  return readFile(file, "utf8").catch(() => undefined);
}

/** Why what lies in `folder` is not what was packed there, or its digest and size. */
async function kept(
  folder: string,
  payload: Payload,
  platform: Platform,
): Promise<{ sha256: string; size: number } | { spoiled: string }> {
  const { file, sidecars } = paths(folder, payload.base, platform);
  if (sidecars.installer !== undefined && (await readText(sidecars.installer)) !== payload.installer)
    return { spoiled: "its installer beside it is not what was written" };
  if ((await readText(sidecars.manifest)) !== payload.manifest)
    return { spoiled: "its manifest beside it is not what was written" };
  if ((await readText(sidecars.checksums)) !== payload.checksums)
    return { spoiled: "its checksums beside it are not what was written" };
  const line = (await readText(sidecars.sha256)) ?? "";
  if (!existsSync(file)) return { spoiled: `${payload.base}.zip is missing` };
  const digest = await sha256File(file);
  if (!isDigestLine(line, digest, payload.base))
    return { spoiled: `its SHA-256 is ${digest}, and ${line.slice(0, 64) || "nothing"} was written down` };
  return { sha256: digest, size: (await stat(file)).size };
}

/** What reading back found that should not be there, or differs from what was to be packed. */
function differences(inspection: Inspection, payload: Payload): Finding[] {
  const read = new Map(inspection.entries.map((entry) => [entry.path, entry]));
  const faults = payload.entries.flatMap(({ path, mode, sha256: digest, size, data }): Finding[] => {
    const source = Buffer.isBuffer(data) ? path : data.file;
    const found = read.get(path);
    // What the rules say of the entry is why its bytes were not read.
    const rules = inspection.findings.filter((finding) => finding.path === path);
    if (!found && rules.length > 0) return rules;
    if (!found) return [{ path, message: "was packed and is not in the archive" }];
    if (found.sha256 !== digest || found.size !== size)
      return [{ path, message: `${source} has SHA-256 ${found.sha256}, and candidate.json says ${digest}` }];
    if (found.mode !== mode)
      return [
        { path, message: `has mode 0${found.mode.toString(8)} in the archive, and 0${mode.toString(8)} was packed` },
      ];
    return [];
  });
  // A file that is not as sealed also breaks checksums and manifest: said once, by its cause.
  return faults.length > 0 ? faults : inspection.findings;
}

/** Fills the empty folder `stage`: archive and sidecars, read back and validated. Answers the archive's size in bytes. */
async function fill(stage: string, payload: Payload, binaries: string, task: PackTask): Promise<number> {
  const { file, sidecars } = paths(stage, payload.base, task.platform);
  const packed = await packEntries(payload.entries, file, payload.date);
  const inspection = await inspectArchive(file, {
    expect: { product: task.product.name, kind: task.kind, version: task.candidate.version, platform: task.platform },
  });
  const faults = differences(inspection, payload);
  if (faults.length > 0) {
    throw new EdgeError(
      `${payload.base}.zip was packed and does not read back: ${faults.map((f) => `${f.path}: ${f.message}`).join("; ")}; bring the files that were sealed, or seal the candidate again.`,
    );
  }
  await writeFile(sidecars.manifest, payload.manifest, { flush: true });
  await writeFile(sidecars.checksums, payload.checksums, { flush: true });
  await writeFile(sidecars.sha256, digestLine(packed.sha256, payload.base), { flush: true });
  await writeFile(sidecars.binaries, binaries, { flush: true });
  if (sidecars.installer !== undefined) await writeFile(sidecars.installer, payload.installer!, { flush: true });
  syncFolder(stage);
  return packed.size;
}

/**
 * `<base>.binaries.json`: what each binary is, needs and carries, found without running it.
 * @throws EdgeError for binaries that cannot start on the platform's targets.
 */
async function binariesOf(
  folder: string,
  payload: Payload,
  { candidate, product, kind, platform }: PackTask,
): Promise<string> {
  const { binaries } = await surveyBinaries(folder, candidate, product, product.kinds[kind]!.binaries, platform);
  const faults = binaries.flatMap((binary) => binary.faults.map((fault) => `${join(folder, binary.file)} ${fault}`));
  if (faults.length > 0)
    throw new EdgeError(
      `${payload.base}.zip is not packed: ${faults.join("; ")}; build these for ${platform} and its targets, then seal the candidate again.`,
    );
  return `${JSON.stringify(describeBinaries(payload.base, platform, binaries), undefined, 2)}\n`;
}

async function packInto(folder: string, payload: Payload, binaries: string, task: PackTask): Promise<void> {
  const started = performance.now();
  if (zlibDialect() !== OWN_DIALECT)
    task.report?.(
      `This Node's zlib (${process.versions.zlib}) writes other bytes than that of Node's own builds: ${payload.base}.zip is good, and differs from what other hosts pack`,
    );
  for (const { path, why } of payload.left) task.report?.(`${payload.base}.zip leaves out ${path}, which ${why}`);
  // The lock makes this name ours: what a killed run left under it is swept away here.
  const stage = `${folder}.part`;
  await rm(stage, { recursive: true, force: true });
  await mkdir(stage, { recursive: true });
  try {
    const size = await fill(stage, payload, binaries, task);
    await rm(folder, { recursive: true, force: true });
    await rename(stage, folder);
    syncFolder(task.outputFolder);
    task.report?.(
      `${payload.base}.zip packed and read back: ${(size / 1e6).toFixed(1)} MB in ${((performance.now() - started) / 1000).toFixed(1)} s`,
    );
  } catch (e) {
    throw unwritten(e, payload.base, task.outputFolder);
  } finally {
    await rm(stage, { recursive: true, force: true });
  }
}

/** What the system refused while an archive was written, as a sentence; everything else as it is. */
function unwritten(e: unknown, base: string, folder: string): unknown {
  const { code, syscall } = e as NodeJS.ErrnoException;
  if (e instanceof EdgeError || code === undefined || syscall === undefined) return e;
  const full = ["ENOSPC", "EDQUOT"].includes(code);
  return new EdgeError(
    `${base}.zip cannot be written below ${folder} (${full ? `no space is left, ${code}` : code}); ${full ? "make room there" : "see that it can be written there"}, or name another folder.`,
  );
}

/** Removes what runs that were ended left half packed, of other archives than ours too: whose lock is free is nobody's. */
async function sweepParts(outputFolder: string): Promise<void> {
  for (const name of await readdir(outputFolder)) {
    const identity = basename(name, ".part");
    if (!isSha256(identity) || name === identity) continue;
    const release = await tryLock(join(outputFolder, `${identity}.lock`));
    if (!release) continue;
    await rm(join(outputFolder, name), { recursive: true, force: true }).finally(release);
  }
}

/**
 * The archive of one kind for one platform: found packed, or packed, read back, validated and put in its place in one step.
 * @throws EdgeError when the candidate has not what is needed, or its files are not those that were sealed.
 */
export async function packArchive(task: PackTask): Promise<PackedArchive> {
  const { candidate, product, kind, platform } = task;
  const outputFolder = resolve(task.outputFolder);
  const candidateFolder = resolve(task.candidateFolder);
  const payload = await payloadOf(candidateFolder, candidate, product, kind, platform);
  const binaries = await binariesOf(candidateFolder, payload, task);
  const entries = payload.entries.map(({ path, mode, sha256, size }) => ({ path, mode, sha256, size })).sort(byPath);
  const identity = identityOf(payload, entries);
  const folder = join(outputFolder, identity);
  await mkdir(outputFolder, { recursive: true });
  await sweepParts(outputFolder);
  const result = await withLock(join(outputFolder, `${identity}.lock`), 600, async () => {
    const there = existsSync(folder) ? await kept(folder, payload, platform) : undefined;
    if (there && !("spoiled" in there)) {
      // Facts of targets may have been learned since: these texts are beside the archive, and no part of what it is.
      const { sidecars } = paths(folder, payload.base, platform);
      if ((await readText(sidecars.binaries)) !== binaries) writeAtomic(sidecars.binaries, binaries);
      return there;
    }
    if (there)
      task.report?.(`${payload.base}.zip was spoiled after it had been packed (${there.spoiled}); it is packed again`);
    await packInto(folder, payload, binaries, { ...task, outputFolder });
    const made = await kept(folder, payload, platform);
    if ("spoiled" in made)
      throw new EdgeError(
        `${folder} changed while it was written: ${made.spoiled}; see that nothing else writes there, then try again.`,
      );
    return made;
  });
  return {
    base: payload.base,
    ...paths(folder, payload.base, platform),
    ...result,
    identity,
    entries,
    binaryVersions: Object.fromEntries(
      product.kinds[kind]!.binaries.map((key) => [key, binaryVersion(candidate, platform, key)]),
    ),
  };
}
