/** A product with payload rules, made up for tests: a daemon, a command and a window, whose programs are headers only. */
import type { CandidateDraft } from "../../src/candidate/index.ts";
import { executableName, platforms, products, type Platform, type Product } from "../../src/products/index.ts";
import { nats, program, put } from "./tiny-candidate.ts";
import { rustCapabilities } from "../../src/products/palyra/capabilities.ts";

const roles: Record<string, Product["binaries"][string]["role"]> = { window: "desktop", boxd: "daemon" };

export const box: Product = {
  ...nats,
  name: "box",
  title: "Box",
  kinds: {
    desktop: { binaries: ["window", "boxd", "box"], services: [], hostLibraries: ["libbox-window.so.1"] },
    server: { binaries: ["boxd", "box"], services: [] },
  },
  binaries: Object.fromEntries(
    ["window", "boxd", "box"].map((name) => [name, { ...nats.binaries["nats-server"]!, role: roles[name] ?? "cli" }]),
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
      "deployment/one/profile.json",
      "deployment/many/profile.json",
    ],
    forbiddenNames: ["*.db"],
    forbiddenFragments: [],
    excludedPatterns: ["*.db"],
    minimumRecipes: 2,
    placedBelow: { "help_snapshots/": "docs/" },
    recipeFolders: { one: "deployment/one", many: "deployment/many/" },
  },
  sources: {
    versions: {
      workspace: { file: "Cargo.toml", key: "workspace.package.version" },
      web: { file: "apps/web/package.json", key: "version" },
      app: { file: "app/tauri.conf.json", key: "version" },
    },
    capabilities: rustCapabilities("crates/common/src/preview.rs", "PreviewCapability"),
  },
};
/** Makes {@link box} a known product while a suite runs: call inside `describe`. */
export function knownBox(): void {
  before(() => void (products["box"] = box));
  after(() => void delete products["box"]);
}

const names = ["window", "boxd", "box"];

const unit = (binary: string): string => `[Service]\nExecStart=/opt/box/${binary} --quiet\n`;

const shared: Record<string, string> = {
  "LICENSE.txt": "Do what you like.\n",
  "RELEASE_NOTES.txt": "Box 1.2.0: more room.\n",
  "web/index.html": "<!doctype html>\n",
  "web/assets/app.js": "run()\n",
  "help_snapshots/docs-help.txt": "Usage: box docs\n",
  "deployment/one/profile.json": '{ "capabilities": [{ "id": "flow", "enabled_by_default": false }] }\n',
  "deployment/one/systemd/boxd.service": unit("boxd"),
  "deployment/many/profile.json": "{}\n",
  "deployment/many/systemd/box-worker.service": unit("box-worker"),
};

/** Writes binaries and everything else into `folder`, as `candidate create` expects them. */
export function fillBox(folder: string, on: readonly Platform[] = platforms): void {
  for (const platform of on)
    for (const name of names) put(folder, `${platform}/${executableName(name, platform)}`, program(platform), 0o755);
  for (const [path, text] of Object.entries(shared)) put(folder, path, text);
}

/** What {@link fillBox} wrote, to be sealed. */
export function boxDraft(on: readonly Platform[] = platforms): CandidateDraft {
  const assets = Object.fromEntries(
    Object.keys(shared)
      .filter((path) => path.includes("/"))
      .map((path) => [path.replace(/^help_snapshots\//, "docs/help_snapshots/"), path]),
  );
  return {
    product: "box",
    version: "1.2.0",
    source: {
      repository: "https://example.org/box",
      revision: "0123456789abcdef0123456789abcdef01234567",
      date: "2026-01-02T03:04:06Z",
    },
    licence: "LICENSE.txt",
    notes: "RELEASE_NOTES.txt",
    platforms: Object.fromEntries(
      on.map((platform) => [
        platform,
        {
          binaries: Object.fromEntries(names.map((name) => [name, `${platform}/${executableName(name, platform)}`])),
          assets: { ...assets },
        },
      ]),
    ),
  };
}
