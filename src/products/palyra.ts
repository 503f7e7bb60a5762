/**
 * Palyra: a daemon with its CLI, a browser service and a desktop app, as a desktop and a headless archive. Facts of version
 * 0.1.0. It is source-available: its binaries are brought by whoever releases it.
 */
import type { Product, Setup } from "./product.ts";

const gateway = "http://127.0.0.1:7142";
const browser = "http://127.0.0.1:7143";

/** What each command is told, so that it finds the installation's state and configuration whoever calls it. */
const commandEnvironment = { PALYRA_STATE_ROOT: "{state}", PALYRA_CONFIG: "{config}/palyra.toml" };

/** The first configuration, with an admin token of its own. The plain TLS scaffold would make an empty folder for certificates. */
function setup(mode: "local" | "remote"): Setup {
  return {
    binary: "palyra",
    args: `setup --mode ${mode} --path {config}/palyra.toml --tls-scaffold none`,
    creates: "{config}/palyra.toml",
    validate: "config validate --path {config}/palyra.toml",
  };
}

/** Two files that both deployment folders hold, beside those that only one has. */
function deployment(profile: string): string[] {
  return [`deployment/${profile}/profile-manifest.json`, `deployment/${profile}/compose/${profile}.yml`];
}

export const palyra: Product = {
  name: "palyra",
  title: "Palyra",
  licence: "LicenseRef-Palyra",
  kinds: {
    desktop: {
      binaries: ["palyra-desktop-control-center", "palyrad", "palyra-browserd", "palyra"],
      services: [],
      root: "palyra-desktop",
      state: "{home}/.local/state/palyra",
      config: "{home}/.local/state/palyra/config",
      commandEnvironment,
      setup: setup("local"),
      // What a Tauri app links on Linux; Palyra tells its users to install GTK and WebKit there.
      hostLibraries: [
        ...["libwebkit2gtk-4.1.so.0", "libjavascriptcoregtk-4.1.so.0", "libsoup-3.0.so.0"],
        ...["libgtk-3.so.0", "libgdk-3.so.0", "libgdk_pixbuf-2.0.so.0", "libcairo.so.2", "libcairo-gobject.so.2", "libpango-1.0.so.0", "libpangocairo-1.0.so.0", "libatk-1.0.so.0", "libharfbuzz.so.0"],
        ...["libglib-2.0.so.0", "libgobject-2.0.so.0", "libgio-2.0.so.0", "libgmodule-2.0.so.0", "libX11.so.6", "libxdo.so.3"],
      ],
    },
    headless: {
      binaries: ["palyrad", "palyra-browserd", "palyra"],
      state: "/var/lib/palyra",
      config: "/etc/palyra",
      commandEnvironment,
      setup: setup("remote"),
      services: [
        {
          name: "palyrad",
          description: "Palyra daemon",
          binary: "palyrad",
          args: "",
          user: "palyra",
          stateFolder: "/var/lib/palyra",
          configFolder: "/etc/palyra",
          configFiles: {},
          environment: {
            PALYRA_CONFIG: "{config}/palyra.toml",
            PALYRA_STATE_ROOT: "{state}",
            // Otherwise the journal lies relative to the working directory.
            PALYRA_JOURNAL_DB_PATH: "{state}/data/journal.sqlite3",
            PALYRA_DEPLOYMENT_PROFILE: "single-vm",
            PALYRA_DEPLOYMENT_MODE: "remote_vps",
            PALYRA_GATEWAY_BIND_PROFILE: "loopback_only",
            PALYRA_ADMIN_REQUIRE_AUTH: "true",
            PALYRA_GATEWAY_DANGEROUS_REMOTE_BIND_ACK: "false",
            PALYRA_GATEWAY_TLS_ENABLED: "false",
            PALYRA_BROWSER_SERVICE_ENABLED: "false",
            PALYRA_BROWSER_SERVICE_ENDPOINT: "http://127.0.0.1:7543",
            PALYRA_EXPERIMENTAL_NETWORKED_WORKERS: "false",
            PALYRA_EXPERIMENTAL_EXECUTION_BACKEND_NETWORKED_WORKER: "false",
          },
          health: { url: `${gateway}/healthz`, json: [{ path: "service", equals: "palyrad" }, { path: "status", equals: "ok" }] },
          identity: { url: `${gateway}/healthz`, path: "version" },
          // HTTP, gRPC, the nodes' gRPC and QUIC.
          listens: [
            { address: "127.0.0.1", port: 7142 },
            { address: "127.0.0.1", port: 7443 },
            { address: "127.0.0.1", port: 7444 },
            { address: "127.0.0.1", port: 7444, protocol: "udp" },
          ],
        },
        {
          name: "palyra-browserd",
          description: "Palyra browser service",
          binary: "palyra-browserd",
          args: "--bind 127.0.0.1 --port 7143 --grpc-bind 127.0.0.1 --grpc-port 7543",
          user: "palyra",
          stateFolder: "/var/lib/palyra/browserd",
          configFolder: "/etc/palyra",
          configFiles: {},
          environment: {
            PALYRA_CONFIG: "{config}/palyra.toml",
            PALYRA_STATE_ROOT: "/var/lib/palyra",
            PALYRA_BROWSERD_STATE_DIR: "{state}",
            PALYRA_BROWSERD_ENGINE_MODE: "chromium",
          },
          secrets: ["PALYRA_BROWSERD_STATE_ENCRYPTION_KEY"],
          hostPrograms: ["chromium"],
          health: { url: `${browser}/healthz`, json: [{ path: "service", equals: "palyra-browserd" }, { path: "status", equals: "ok" }] },
          identity: { url: `${browser}/healthz`, path: "version" },
          listens: [
            { address: "127.0.0.1", port: 7143 },
            { address: "127.0.0.1", port: 7543 },
          ],
        },
      ],
    },
  },
  binaries: {
    "palyra-desktop-control-center": { role: "desktop", onPath: false, version: { args: "", prints: "" }, help: { args: "", contains: [] }, silent: ["version", "help"] },
    palyrad: { role: "daemon", onPath: false, version: { args: "", prints: "" }, help: { args: "--help", contains: ["--grpc-port", "--journal-migrate-only"] }, silent: ["version"] },
    "palyra-browserd": { role: "daemon", onPath: false, version: { args: "", prints: "" }, help: { args: "--help", contains: ["--port", "--grpc-port"] }, silent: ["version"] },
    palyra: {
      role: "cli",
      onPath: true,
      // The line goes on with the commit and the build profile.
      version: { args: "version | cut -d ' ' -f 1-2", prints: "name=palyra version={version}" },
      help: { args: "--help", contains: ["palyra", "deployment", "doctor"] },
    },
  },
  payload: {
    required: [
      "README.txt",
      "ROLLBACK.txt",
      "RELEASE_NOTES.txt",
      "MIGRATION_NOTES.txt",
      "LICENSE.txt",
      "web/index.html",
      "docs/help_snapshots/docs-help.txt",
      ...deployment("single-vm"),
      ...deployment("worker-enabled"),
    ],
    forbiddenNames: ["*.sqlite", "*.sqlite3", "*.sqlite3-*", "*.db", "*.db-*", "*.wal", "*.shm", "*.log", "support-bundle*.json"],
    forbiddenFragments: ["browser-profile/", "browser-profiles/", "downloads/", "node_modules/", "dist/"],
    excludedPatterns: [
      "*.sqlite",
      "*.sqlite3",
      "*.sqlite3-*",
      "*.db",
      "*.db-*",
      "*.wal",
      "*.shm",
      "*.log",
      "support-bundle*.json",
      "browser-profile/*",
      "browser-profiles/*",
      "downloads/*",
      "node_modules/*",
      "dist/*",
    ],
    minimumRecipes: 10,
    recipeFolders: { "single-vm": "deployment/single-vm", "worker-enabled": "deployment/worker-enabled" },
  },
  sources: {
    versions: {
      workspace: { file: "Cargo.toml", key: "workspace.package.version" },
      desktop_crate: { file: "apps/desktop/src-tauri/Cargo.toml", key: "package.version" },
      desktop_tauri: { file: "apps/desktop/src-tauri/tauri.conf.json", key: "version" },
      web_package: { file: "apps/web/package.json", key: "version" },
    },
    capabilities: { file: "crates/palyra-common/src/runtime_preview.rs", enum: "RuntimePreviewCapability" },
  },
  checks: {
    smoke: () => [
      {
        name: "help-pages",
        login: true,
        run: "palyra docs search gateway >found && palyra docs show help/docs-help",
        expect: { stdout: { contains: ["palyra docs"] } },
      },
      {
        name: "deployment-profiles",
        login: true,
        run: "palyra deployment profiles --json",
        expect: { stdout: { json: [{ path: "0.profile_id", equals: "local" }, { path: "1.profile_id", equals: "single-vm" }, { path: "2.profile_id", equals: "worker-enabled" }] } },
      },
      {
        name: "preview-stays-blocked",
        login: true,
        run: "palyra deployment promotion-check --deployment-profile worker-enabled --json",
        expect: { stdout: { json: [{ path: "status", equals: "blocked" }] } },
      },
    ],
    plant: () => [],
    planted: () => [],
  },
};
