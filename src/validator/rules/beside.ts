/** Rules about what is outside the payload: files beside an archive, and what an installer leaves in an installed folder. */
import { basename, posix, win32 } from "node:path";
import { jsonFault } from "../../edges/edges.ts";
import { CHECKSUMS, INSTALLED, MANIFEST, type Content } from "../content.ts";
import { archives, type Found, type Rule } from "../rule.ts";

function outerDigest({ path, sha256, sidecars }: Content): Found[] {
  if (sidecars.sha256 === undefined) return [];
  const entry = `${basename(path)}.sha256`;
  const [, digest, name] = /^([0-9a-f]{64}) {2}([^\r\n]+)\n?$/.exec(sidecars.sha256) ?? [];
  if (digest === undefined || name === undefined) return [{ entry, found: "is not one line of a SHA-256, two spaces and the archive's name" }];
  const faults: string[] = [];
  if (name !== basename(path)) faults.push(`is about ${name}`);
  if (digest !== sha256) faults.push(`says SHA-256 ${digest}, and the archive has ${sha256}`);
  return faults.map((found) => ({ entry, found }));
}

function copies({ path, entries, sidecars }: Content): Found[] {
  const base = basename(path).replace(/\.zip$/i, "");
  const pairs: [string | undefined, string, string][] = [[sidecars.manifest, MANIFEST, `${base}.release-manifest.json`], [sidecars.checksums, CHECKSUMS, `${base}.checksums.txt`]];
  return pairs.flatMap(([digest, inside, outside]) => {
    const own = entries.find((entry) => entry.path === inside)?.content?.sha256;
    return digest === undefined || own === undefined || digest === own ? [] : [{ entry: outside, found: `differs from ${inside} in the archive` }];
  });
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
  if (fields["schema_version"] !== 2) faults.push(`says schema_version ${JSON.stringify(fields["schema_version"])}, and 2 is known`);
  const kind = manifest?.value?.artifact_kind;
  if (kind !== undefined && fields["artifact_kind"] !== kind) faults.push(`says artifact_kind ${JSON.stringify(fields["artifact_kind"])}, and the manifest says ${kind}`);
  for (const field of ["archive_path", "install_root", "config_path", "state_root"]) {
    const path = fields[field];
    if (path === undefined || path === null) continue;
    if (typeof path !== "string" || !(posix.isAbsolute(path) || win32.isAbsolute(path))) faults.push(`says ${field} ${JSON.stringify(path)}, which is not an absolute path`);
  }
  return faults.map(say);
}

export const besideRules: Rule[] = [
  { id: "outer-digest", title: "Where <archive>.sha256 lies beside it, it names the archive and has its SHA-256", protects: "everybody who checks before unpacking", remedy: "get both files again from the publisher", of: archives, find: outerDigest },
  { id: "sidecar-copies", title: "Where manifest and checksums lie beside the archive, they are those within", protects: "everybody who reads them without unpacking", remedy: "get these files again from the publisher", of: archives, find: copies },
  { id: "install-metadata", title: "install-metadata.json fits its schema, version 2, and is of the same kind", protects: "programs that find their state by it", remedy: "install again", of: ["installed"], find: metadata },
];
