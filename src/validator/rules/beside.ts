/** Rules about what is outside the payload: files beside an archive, and what an installer leaves in an installed folder. */
import { basename, posix, win32 } from "node:path";
import { describeBinaries, scriptFacts } from "../../binaries/index.ts";
import { jsonFault } from "../../edges/edges.ts";
import { besideName } from "../beside.ts";
import { CHECKSUMS, INSTALLED, MANIFEST, type Content } from "../content.ts";
import { archives, type Found, type Rule } from "../rule.ts";
import { unreadable } from "./payload.ts";

function outerDigest({ path, sha256, sidecars }: Content): Found[] {
  const text = sidecars.sha256?.fault === undefined ? sidecars.sha256?.text : undefined;
  if (text === undefined) return [];
  const entry = besideName(basename(path), "sha256");
  // Earlier packers wrote the line without its line feed.
  const [, digest, name] = /^([0-9a-f]{64}) {2}([^\r\n]+)\n?$/.exec(text) ?? [];
  if (digest === undefined || name === undefined)
    return [{ entry, found: "is not one line of a SHA-256, two spaces and the archive's name" }];
  const faults: string[] = [];
  if (name !== basename(path)) faults.push(`is about ${name}`);
  if (digest !== sha256) faults.push(`says SHA-256 ${digest}, and the archive has ${sha256}`);
  return faults.map((found) => ({ entry, found }));
}

/** Files beside the archive that it holds as well, by their names in it. */
const held = { manifest: MANIFEST, checksums: CHECKSUMS, installer: "install.sh" } as const;

function copies(content: Content): Found[] {
  const { path, entries, sidecars } = content;
  return (Object.keys(held) as (keyof typeof held)[]).flatMap((what): Found[] => {
    const beside = sidecars[what];
    const inside = entries.find((entry) => entry.path === held[what]);
    if (beside?.fault !== undefined || beside === undefined || unreadable(content)) return [];
    const say = (found: string): Found[] => [{ entry: besideName(basename(path), what), found }];
    if (!inside) return say(`has no ${held[what]} in the archive that it could be a copy of`);
    // Why the bytes in the archive could not be read is said of the archive.
    return inside.content === undefined || inside.content.sha256 === beside.sha256
      ? []
      : say(`differs from ${held[what]} in the archive`);
  });
}

function notRead({ path, sidecars }: Content): Found[] {
  return (Object.keys(sidecars) as (keyof typeof sidecars)[]).flatMap((what) => {
    const fault = sidecars[what]?.fault;
    return fault === undefined ? [] : [{ entry: besideName(basename(path), what), found: fault }];
  });
}

/** What binaries.json says of targets may be older than what is known of them today; all else is as the archive has it. */
function otherBinaries({ path, sidecars, manifest, entries }: Content): Found[] {
  const beside = sidecars.binaries;
  if (beside?.fault !== undefined || beside?.text === undefined || !manifest?.value) return [];
  const { artifact_name: base, platform, binaries } = manifest.value;
  const say = (found: string): Found[] => [{ entry: besideName(basename(path), "binaries"), found }];
  let value: unknown;
  try {
    value = JSON.parse(beside.text);
  } catch (e) {
    return say(`is not JSON (${jsonFault(e)})`);
  }
  const facts = binaries.flatMap(({ logical_name: name, file_name: fileName }) => {
    const found = entries.find((entry) => entry.path === fileName);
    const own = found?.facts ?? (found?.content?.script ? scriptFacts : undefined);
    return own ? [{ name, fileName, facts: own, faults: [] }] : [];
  });
  // Programs that are missing, or are none, are said of the archive.
  if (facts.length < binaries.length) return [];
  const targets = (value as { targets?: unknown } | null)?.targets;
  if (
    !Array.isArray(targets) ||
    targets.some((target) => typeof target !== "string" || !target.startsWith(`${platform}/`))
  )
    return say(`names targets that are none of ${platform}`);
  const wanted = { ...describeBinaries(base, platform, facts), targets };
  return beside.text === `${JSON.stringify(wanted, undefined, 2)}\n`
    ? []
    : say("says other things of the programs than the archive's own bytes");
}

/** What clients read of an installed folder (install-metadata.json, schema 2). */
function metadata({ installed, manifest }: Content): Found[] {
  if (installed === undefined) return [];
  const say = (found: string): Found => ({ entry: INSTALLED, found });
  let value: unknown;
  try {
    value = JSON.parse(installed);
  } catch (e) {
    return [say(`is not JSON (${jsonFault(e)})`)];
  }
  if (value === null || typeof value !== "object" || Array.isArray(value)) return [say("is not a JSON object")];
  const fields = value as Record<string, unknown>;
  const faults: string[] = [];
  if (fields["schema_version"] !== 2)
    faults.push(`says schema_version ${JSON.stringify(fields["schema_version"])}, and 2 is known`);
  const kind = manifest?.value?.artifact_kind;
  if (kind !== undefined && fields["artifact_kind"] !== kind)
    faults.push(`says artifact_kind ${JSON.stringify(fields["artifact_kind"])}, and the manifest says ${kind}`);
  for (const field of ["archive_path", "install_root", "config_path", "state_root"]) {
    const path = fields[field];
    if (path === undefined || path === null) continue;
    if (typeof path !== "string" || !(posix.isAbsolute(path) || win32.isAbsolute(path)))
      faults.push(`says ${field} ${JSON.stringify(path)}, which is not an absolute path`);
  }
  return faults.map(say);
}

export const besideRules: Rule[] = [
  {
    id: "outer-digest",
    title: "Where <archive>.sha256 lies beside it, it names the archive and has its SHA-256",
    protects: "everybody who checks before unpacking",
    remedy: "get both files again from the publisher",
    of: archives,
    find: outerDigest,
  },
  {
    id: "sidecar-readable",
    title: "What lies beside the archive under the name of a file about it can be read",
    protects: "from taking silence for a verdict",
    remedy: "make it readable, or get it again from the publisher",
    of: archives,
    find: notRead,
  },
  {
    id: "sidecar-copies",
    title: "Where manifest, checksums and installer lie beside the archive, they are those within",
    protects: "everybody who reads them without unpacking",
    remedy: "get these files again from the publisher",
    of: archives,
    find: copies,
  },
  {
    id: "sidecar-binaries",
    title: "Where <base>.binaries.json lies beside the archive, it says of its programs what their bytes say",
    protects: "everybody who goes by it without looking into the programs",
    remedy: "get this file again from the publisher",
    of: archives,
    find: otherBinaries,
  },
  {
    id: "install-metadata",
    title: "install-metadata.json fits its schema, version 2, and is of the same kind",
    protects: "programs that find their state by it",
    remedy: "install again",
    of: ["installed"],
    find: metadata,
  },
];
