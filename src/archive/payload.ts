/** What goes into one archive: the candidate's files under their names there, and the texts that Greenlight adds. */
import { lstatSync } from "node:fs";
import { join } from "node:path";
import { expectedPrograms, readBeginning, scriptFaults } from "../binaries/index.ts";
import { CANDIDATE_FILE, excludedBy, type Candidate, type SealedFile } from "../candidate/index.ts";
import { EdgeError } from "../edges/edges.ts";
import { renderInstaller } from "../installer/index.ts";
import { archiveBase, executableName, targetsOf, type Platform, type Product } from "../products/index.ts";
import { sha256 } from "../storage/digest.ts";
import { renderChecksums } from "./checksums.ts";
import { renderManifest } from "./manifest.ts";
import { renderReadme } from "./readme.ts";
import { adviceTexts } from "./advice.ts";
import { unitsOfStrangers } from "./units.ts";
import { EARLIEST, type ZipEntry } from "./zip-writer.ts";

/** An entry whose digest is known before a byte of it is read: the candidate's seal says it. */
export interface PayloadEntry extends ZipEntry {
  sha256: string;
  size: number;
}

export interface Payload {
  /** `<product>-<kind>-<version>-<platform>` */
  base: string;
  /** of every entry */
  date: Date;
  entries: PayloadEntry[];
  /** what the candidate lists and the archive leaves out, each with why, as a clause */
  left: { path: string; why: string }[];
  /** texts of the sidecars, also among the entries; an installer only where it can run */
  installer?: string;
  manifest: string;
  checksums: string;
}

/**
 * Executable for everybody what its first bytes say is a program or a script, and nothing else. The host's own modes have no
 * say: the seal does not cover them, and downloads and other systems lose them.
 */
function modeOf(file: string, product: Product, platform: Platform): number {
  try {
    const stat = lstatSync(file);
    if (!stat.isFile())
      throw new EdgeError(
        `${file} is ${stat.isSymbolicLink() ? "a symbolic link" : "not a regular file"}; put the file itself there.`,
      );
    const { binary, script } = readBeginning(file);
    const [fault] = script ? scriptFaults(script, platform, targetsOf(platform), expectedPrograms(product)) : [];
    if (fault !== undefined)
      throw new EdgeError(`${file} ${fault}; mend its first line, then seal the candidate again.`);
    return binary || script ? 0o755 : 0o644;
  } catch (e) {
    if (e instanceof EdgeError) throw e;
    const { code, message } = e as NodeJS.ErrnoException;
    throw new EdgeError(
      `${file} ${code === "ENOENT" ? "does not exist" : `cannot be read (${code ?? message})`}; bring the file that ${CANDIDATE_FILE} lists.`,
    );
  }
}

function text(path: string, content: string): PayloadEntry {
  const data = Buffer.from(content);
  return { path, mode: 0o644, data, sha256: sha256(data), size: data.length };
}

/** Comes inside and beside where it can run: a POSIX shell with systemd. It names no digest of the archive, and asks for one. */
function installerText(
  product: Product,
  kind: string,
  version: string,
  platform: Platform,
  base: string,
): string | undefined {
  if (!hasInstaller(platform)) return undefined;
  return renderInstaller(product, kind, { product: product.name, kind, version, binaryVersions: {}, platform, base });
}

/** Whether archives of a platform come with an installer. */
export function hasInstaller(platform: Platform): boolean {
  return platform.startsWith("linux-");
}

/** Texts that the product's rules ask for and the candidate does not bring. */
function advice(candidate: Candidate, product: Product, kind: string, brought: readonly string[]): PayloadEntry[] {
  const asked = product.payload?.required ?? [];
  return Object.entries(adviceTexts)
    .filter(([path]) => asked.includes(path) && !brought.includes(path))
    .map(([path, render]) => text(path, render(candidate, product, kind)));
}

/** What an archive is called, without `.zip`. */
export function baseOf(product: Product, kind: string, version: string, platform: Platform): string {
  return archiveBase({ product: product.name, kind, version, platform });
}

/**
 * The payload of an archive. Reads none of the candidate's files but units, only their first bytes: digests are the seal's, and
 * they are compared with what was packed when the archive is read back.
 * @throws EdgeError when the candidate has not what the kind needs.
 */
export async function payloadOf(
  folder: string,
  candidate: Candidate,
  product: Product,
  kind: string,
  platform: Platform,
): Promise<Payload> {
  const files = candidate.platforms[platform];
  const keys = product.kinds[kind]?.binaries;
  if (!keys)
    throw new EdgeError(
      `Product ${product.name} has no kind ${kind}; use one of ${Object.keys(product.kinds).join(", ")}.`,
    );
  const missing = keys.filter((key) => !files?.binaries[key]);
  if (!files || missing.length > 0) {
    throw new EdgeError(
      `${join(folder, CANDIDATE_FILE)} lists no ${missing.join(", ")} for ${platform}, which the ${kind} archive needs; add what is missing and seal the candidate again.`,
    );
  }
  const base = baseOf(product, kind, candidate.version, platform);
  const date = candidate.source.date ? new Date(candidate.source.date) : EARLIEST;

  const strangers = new Set(await unitsOfStrangers(folder, files.assets ?? {}, product, kind));
  const sealed: [string, SealedFile][] = [
    ...keys.map((key): [string, SealedFile] => [executableName(key, platform), files.binaries[key]!]),
    ...Object.entries(files.assets ?? {}).filter(([path]) => !strangers.has(path)),
    ...(candidate.licence ? [["LICENSE.txt", candidate.licence] as [string, SealedFile]] : []),
    ...(candidate.notes ? [["RELEASE_NOTES.txt", candidate.notes] as [string, SealedFile]] : []),
  ];
  const unwanted = sealed.flatMap(([path]) => (excludedBy(path) ? [`${path} (${excludedBy(path)})`] : []));
  if (unwanted.length > 0)
    throw new EdgeError(
      `The candidate lists what never belongs in a release: ${unwanted.join(", ")}; take it out of ${CANDIDATE_FILE}.`,
    );

  // One after another: each is opened for its first bytes, and there may be more of them than a host opens at once.
  const brought = sealed.map(([path, { file, sha256, size }]): PayloadEntry => {
    const source = join(folder, file);
    return { path, mode: modeOf(source, product, platform), data: { file: source, size }, sha256, size };
  });
  const paths = sealed.map(([path]) => path);
  const installer = installerText(product, kind, candidate.version, platform, base);
  const own = [
    ...brought,
    text("README.txt", renderReadme(candidate, product, kind, platform, base, installer !== undefined)),
    ...advice(candidate, product, kind, paths),
    ...(installer === undefined ? [] : [{ ...text("install.sh", installer), mode: 0o755 }]),
  ];
  const manifest = `${JSON.stringify(renderManifest(candidate, product, kind, platform, { base, date, entries: own }), undefined, 2)}\n`;
  const listed = [...own, text("release-manifest.json", manifest)];
  const checksums = renderChecksums(listed);
  const left = [...strangers].map((path) => ({ path, why: "is a unit of a program that this archive does not have" }));
  return {
    base,
    date,
    left,
    entries: [...listed, text("checksums.txt", checksums)],
    manifest,
    checksums,
    ...(installer !== undefined && { installer }),
  };
}
