/** Reading back: whether an archive is what its name, its manifest and its checksums say. All findings, not only the first. */
import { basename } from "node:path";
import { excludedBy } from "../candidate/index.ts";
import { findings, type Finding } from "../edges/edges.ts";
import { executableName, type Platform } from "../products/index.ts";
import { parseChecksums } from "./checksums.ts";
import { ManifestSchema, type Manifest } from "./manifest.ts";
import { readZip, type EntryFacts } from "./zip-reader.ts";

/** What the archive must be, where the caller knows. */
export interface Expectation {
  product: string;
  kind: string;
  version: string;
  platform: Platform;
}

export interface Inspection {
  /** what makes the archive unfit to be released */
  findings: Finding[];
  /** what is odd and yet left to a machine to judge, such as a binary that nobody may execute */
  warnings: Finding[];
  entries: EntryFacts[];
  manifest?: Manifest;
}

const MANIFEST = "release-manifest.json";
const CHECKSUMS = "checksums.txt";

function readManifest(text: string | undefined): { manifest?: Manifest; faults: Finding[] } {
  if (text === undefined) return { faults: [{ path: MANIFEST, message: "is missing" }] };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (e) {
    return { faults: [{ path: MANIFEST, message: `is not JSON (${(e as Error).message})` }] };
  }
  const faults = findings(ManifestSchema, value).map(({ path, message }) => ({ path: MANIFEST, message: path === "" ? message : `${path}: ${message}` }));
  return faults.length > 0 ? { faults } : { manifest: ManifestSchema.parse(value), faults };
}

/** Manifest against the archive's own name, what was expected, and the files. */
function manifestFaults(manifest: Manifest, file: string, entries: Map<string, EntryFacts>, expect?: Expectation): Finding[] {
  const faults: Finding[] = [];
  const fault = (message: string, path = MANIFEST): void => void faults.push({ path, message });
  const { artifact_name: name, artifact_kind: kind, version, platform } = manifest;
  const named = basename(file, ".zip");
  if (name !== named) fault(`artifact_name is ${name}, and the file is named ${named}`);
  if (!name.endsWith(`-${kind}-${version}-${platform}`)) fault(`artifact_name ${name} does not end with -${kind}-${version}-${platform}, which is what artifact_kind, version and platform say`);
  if (expect) {
    const base = `${expect.product}-${expect.kind}-${expect.version}-${expect.platform}`;
    if (name !== base) fault(`artifact_name is ${name}, and ${base} was expected`);
    for (const [field, found, wanted] of [["artifact_kind", kind, expect.kind], ["version", version, expect.version], ["platform", platform, expect.platform]] as const) {
      if (found !== wanted) fault(`${field} is ${found}, and ${wanted} was expected`);
    }
  }
  if (manifest.binaries.length === 0) fault("binaries lists none");
  for (const binary of manifest.binaries) {
    const { file_name: path } = binary;
    const entry = entries.get(path);
    if (path !== executableName(binary.logical_name, platform)) fault(`binary ${binary.logical_name} is named ${path}, and on ${platform} it is ${executableName(binary.logical_name, platform)}`);
    if (!entry) fault(`lists the binary ${path}, which is not in the archive`);
    else {
      if (entry.sha256 !== binary.sha256) fault(`says SHA-256 ${binary.sha256} of ${path}, which has ${entry.sha256}`);
      if (entry.size !== binary.size_bytes) fault(`says ${binary.size_bytes} bytes of ${path}, which has ${entry.size}`);
    }
  }
  for (const recipe of manifest.deployment_recipes) {
    const entry = entries.get(recipe.relative_path);
    if (!entry) fault(`lists the recipe file ${recipe.relative_path}, which is not in the archive`);
    else if (entry.sha256 !== recipe.sha256 || entry.size !== recipe.size_bytes) fault(`states another digest or size of ${recipe.relative_path} than it has`);
  }
  return faults;
}

/** Every file has a line and every line a file: set equality, and equal digests. */
function checksumFaults(text: string | undefined, entries: Map<string, EntryFacts>): Finding[] {
  if (text === undefined) return [{ path: CHECKSUMS, message: "is missing" }];
  const { digests, faults } = parseChecksums(text);
  for (const [path, digest] of digests) {
    const entry = entries.get(path);
    if (path === CHECKSUMS) faults.push({ path, message: "lists itself" });
    else if (!entry) faults.push({ path: CHECKSUMS, message: `lists ${path}, which is not in the archive` });
    else if (entry.sha256 !== digest) faults.push({ path, message: `has SHA-256 ${entry.sha256}, and checksums.txt says ${digest}` });
  }
  for (const path of entries.keys()) {
    if (path !== CHECKSUMS && !digests.has(path)) faults.push({ path, message: "has no line in checksums.txt" });
  }
  return faults;
}

function contentFaults(entries: Map<string, EntryFacts>): Finding[] {
  const faults: Finding[] = [];
  for (const { path, mode } of entries.values()) {
    if (mode !== 0o755 && mode !== 0o644) faults.push({ path, message: `has mode 0${mode.toString(8)}, neither 0755 nor 0644` });
    const pattern = excludedBy(path);
    if (pattern) faults.push({ path, message: `never belongs in a release (${pattern})` });
  }
  if (!entries.has("README.txt")) faults.push({ path: "README.txt", message: "is missing" });
  return faults;
}

/** Reads the whole archive, streaming, and reports everything about it. Never throws for what the archive is. */
export async function inspectArchive(file: string, options: { expect?: Expectation } = {}): Promise<Inspection> {
  const reading = await readZip(file, { [MANIFEST]: 4 << 20, [CHECKSUMS]: 16 << 20 });
  if (reading.entries.length === 0 && reading.faults.length > 0) return { findings: reading.faults, warnings: [], entries: [] };
  const entries = new Map(reading.entries.map((entry) => [entry.path, entry]));
  const { manifest, faults } = readManifest(reading.texts.get(MANIFEST));
  const warnings = (manifest && !manifest.platform.startsWith("windows-") ? manifest.binaries : []).flatMap(({ file_name: path }): Finding[] => {
    const mode = entries.get(path)?.mode;
    return mode === 0o644 ? [{ path, message: "is a binary that nobody may execute (mode 0644)" }] : [];
  });
  return {
    findings: [
      ...reading.faults,
      ...faults,
      ...(manifest ? manifestFaults(manifest, file, entries, options.expect) : []),
      ...checksumFaults(reading.texts.get(CHECKSUMS), entries),
      ...contentFaults(entries),
    ],
    warnings,
    entries: reading.entries,
    ...(manifest && { manifest }),
  };
}

/** What makes the archive unfit to be released, with the path in it and why; empty when nothing does. */
export async function validateArchive(file: string, options: { expect?: Expectation } = {}): Promise<Finding[]> {
  return (await inspectArchive(file, options)).findings;
}
