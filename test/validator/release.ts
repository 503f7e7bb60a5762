/** Small whole releases for tests: contents, manifest and checksums, made anew after each change, and the product they are of. */
import type { Product } from "../../src/products/index.ts";
import { executableName, type Platform } from "../../src/products/index.ts";
import { upstreamValidator } from "../../src/products/palyra/upstream-validator.ts";
import { sha256 } from "../../src/storage/digest.ts";
import { elfProgram, machOProgram, peProgram } from "../binaries/samples.ts";
import { makeZip, type MadeEntry, type MadeZip } from "./zip-maker.ts";

const binary = {
  role: "daemon",
  onPath: true,
  version: { args: "version", prints: "{version}" },
  help: { args: "--help", contains: [] },
} as const;
const checks = { smoke: () => [], plant: () => [], planted: () => [] };
const recipe = (profile: string, folder = `deployment/${profile}`): string[] =>
  [
    "profile-manifest.json",
    `compose/${profile}.yml`,
    "systemd/palyrad.service",
    "env/palyra.env.example",
    "release/rollback-plan.json",
  ].map((file) => `${folder}/${file}`);

/** Shaped like Palyra: two kinds, rules for the payload, recipes. */
export const strict: Product = {
  name: "palyra",
  title: "Palyra",
  licence: "LicenseRef-Test",
  kinds: {
    desktop: { binaries: ["palyra-desktop-control-center", "palyrad", "palyra-browserd", "palyra"], services: [] },
    headless: { binaries: ["palyrad", "palyra-browserd", "palyra"], services: [] },
  },
  binaries: Object.fromEntries(
    ["palyra-desktop-control-center", "palyrad", "palyra-browserd", "palyra"].map((key) => [
      key,
      { ...binary, help: { args: "--help", contains: [] } },
    ]),
  ),
  payload: {
    required: [
      "README.txt",
      "ROLLBACK.txt",
      "RELEASE_NOTES.txt",
      "MIGRATION_NOTES.txt",
      "LICENSE.txt",
      "web/index.html",
      "docs/help_snapshots/docs-help.txt",
      ...["single-vm", "worker-enabled"].flatMap((p) => recipe(p).slice(0, 2)),
      "palyrad{exe}",
    ],
    forbiddenNames: [
      "*.sqlite",
      "*.sqlite3",
      "*.sqlite3-*",
      "*.db",
      "*.db-*",
      "*.wal",
      "*.shm",
      "*.log",
      "support-bundle*.json",
    ],
    forbiddenFragments: ["browser-profile/", "browser-profiles/", "downloads/", "node_modules/", "dist/"],
    excludedPatterns: ["*.sqlite", "*.log", "node_modules/*", "dist/*"],
    minimumRecipes: 10,
    recipeFolders: { "single-vm": "deployment/single-vm", "worker-enabled": "deployment/worker-enabled" },
  },
  upstreamValidator,
  checks,
};

/** Without rules of its own, like NATS. */
export const plain: Product = {
  name: "nats",
  title: "NATS",
  licence: "Apache-2.0",
  kinds: { server: { binaries: ["nats-server", "nats"], services: [] } },
  binaries: {
    "nats-server": { ...binary, help: { args: "", contains: [] } },
    nats: { ...binary, help: { args: "", contains: [] } },
  },
  checks,
};
export const testProducts: Record<string, Product> = { palyra: strict, nats: plain };

export interface File {
  mode: number;
  data: Buffer;
}
export interface Manifest {
  [field: string]: unknown;
  artifact_name: string;
  binaries: Record<string, unknown>[];
  deployment_recipes: Record<string, unknown>[];
  packaging_boundaries: { excluded_patterns: string[] };
}

export interface Release {
  product: Product;
  kind: string;
  platform: Platform;
  version: string;
  date: Date;
  files: Map<string, File>;
}

/** A whole program for the platform, of a few hundred bytes that are its own. */
export function program(platform: Platform, key: string): Buffer {
  const arm = platform.endsWith("arm64");
  if (platform.startsWith("linux-")) return Buffer.concat([elfProgram({ machine: arm ? 183 : 62 }), Buffer.from(key)]);
  if (platform.startsWith("macos-"))
    return Buffer.concat([machOProgram({ processor: arm ? 0x0100000c : 0x01000007 }), Buffer.from(key)]);
  return Buffer.concat([peProgram({ machine: arm ? 0xaa64 : 0x8664 }), Buffer.from(key)]);
}

export function goodRelease(
  product: Product = strict,
  platform: Platform = "linux-x64",
  kind = Object.keys(product.kinds).at(-1)!,
): Release {
  const files = new Map<string, File>();
  const text = (path: string, content: string): void =>
    void files.set(path, { mode: 0o644, data: Buffer.from(content) });
  for (const key of product.kinds[kind]!.binaries)
    files.set(executableName(key, platform), { mode: 0o755, data: program(platform, key) });
  text("README.txt", `${product.title} 1.2.3\n`);
  text("LICENSE.txt", "Do what you like.\n");
  text("RELEASE_NOTES.txt", "- less\n".repeat(40));
  text("docs/Ünïcode.txt", "");
  // What the product promises, and as many recipe files as it promises.
  const { required = [], recipeFolders = {}, minimumRecipes = 0 } = product.payload ?? {};
  const more = Object.keys(recipeFolders).flatMap((profile) =>
    recipe(profile, recipeFolders[profile]!.replace(/\/$/, "")),
  );
  const there = required.filter((path) => !path.includes("{exe}"));
  while (there.length + more.length < minimumRecipes)
    more.push(`${Object.values(recipeFolders)[0]!}/${more.length}.txt`);
  for (const path of new Set([...there, ...more])) {
    const unit = /([^/]+)\.service$/.exec(path)?.[1];
    if (!files.has(path))
      text(path, unit === undefined ? `# ${path}\n` : `[Service]\nExecStart=/opt/${product.name}/${unit}\n`);
  }
  return { product, kind, platform, version: "1.2.3", date: new Date("2026-01-31T12:34:57Z"), files };
}

/** What a release becomes on its way into an archive; each stage is sealed anew unless the change comes after it. */
export interface Changes {
  release?: (release: Release) => void;
  manifest?: (manifest: Manifest) => void;
  manifestText?: (text: string) => string;
  checksums?: (text: string) => string;
  zip?: (zip: MadeZip) => void;
  bytes?: (bytes: Buffer) => Buffer;
}

export const byName = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

function manifestOf({ product, kind, platform, version, date, files }: Release): Manifest {
  const facts = (path: string): Record<string, unknown> => ({
    sha256: sha256(files.get(path)?.data ?? ""),
    size_bytes: files.get(path)?.data.length ?? 0,
  });
  return {
    schema_version: 1,
    generated_at_utc: date.toISOString().replace(/Z$/, "0000Z"),
    artifact_kind: kind,
    artifact_name: `${product.name}-${kind}-${version}-${platform}`,
    version,
    platform,
    install_mode: "portable-archive",
    source_sha: "0123456789abcdef0123456789abcdef01234567",
    binaries: product.kinds[kind]!.binaries.map((key) => ({
      logical_name: key,
      file_name: executableName(key, platform),
      ...facts(executableName(key, platform)),
    })),
    deployment_recipes: Object.entries(product.payload?.recipeFolders ?? {}).flatMap(([profile, folder]) =>
      [...files.keys()]
        .filter((path) => path.startsWith(`${folder}/`))
        .sort(byName)
        .map((path) => ({ profile, relative_path: path, ...facts(path) })),
    ),
    packaging_boundaries: { excluded_patterns: [...(product.payload?.excludedPatterns ?? ["*.log"])] },
  };
}

export function checksumsOf(files: ReadonlyMap<string, File>): string {
  return [...files.keys()]
    .filter((path) => path !== "checksums.txt")
    .sort(byName)
    .map((path) => `${sha256(files.get(path)!.data)}  ${path}\n`)
    .join("");
}

export interface Built {
  base: string;
  files: Map<string, File>;
  bytes: Buffer;
}

/** The archive of a release, with these changes on the way. */
export function build(release: Release, changes: Changes = {}): Built {
  changes.release?.(release);
  const files = new Map(release.files);
  const put = (path: string, content: string): void => {
    if (!files.has(path)) files.set(path, { mode: 0o644, data: Buffer.from(content) });
  };
  const manifest = manifestOf(release);
  const base = manifest.artifact_name;
  changes.manifest?.(manifest);
  const text = `${JSON.stringify(manifest, undefined, 2)}\n`;
  put("release-manifest.json", changes.manifestText?.(text) ?? text);
  const lines = checksumsOf(files);
  put("checksums.txt", changes.checksums?.(lines) ?? lines);
  const entries: MadeEntry[] = [...files.keys()].sort(byName).map((path) => ({ path, ...files.get(path)! }));
  const zip: MadeZip = { entries, date: release.date };
  changes.zip?.(zip);
  const bytes = makeZip(zip);
  return { base, files, bytes: changes.bytes?.(bytes) ?? bytes };
}
