/**
 * Palyra: a daemon with its CLI, a browser service and a desktop app, as a desktop and a headless archive. Facts of version
 * 0.1.0. It is source-available: its binaries are brought by whoever releases it.
 */
import type { Product, Setup } from "../product.ts";
import { capabilities } from "./capabilities.ts";
import { healthy } from "./healthy.ts";
import { judges } from "./judges.ts";
import { kept } from "./kept.ts";
import { payload } from "./payload.ts";
import { laterIsGone, plant, planted, write, writeLater } from "./planted.ts";
import { readiness } from "./readiness.ts";
import { secrets } from "./secrets.ts";
import { services } from "./services.ts";
import { smoke } from "./smoke.ts";
import { upstreamValidator } from "./upstream-validator.ts";

/** What each command is told, so that it finds the installation's state and configuration whoever calls it. */
const commandEnvironment = { PALYRA_STATE_ROOT: "{state}", PALYRA_CONFIG: "{config}/palyra.toml" };

/** A desktop's daemon is no service of ours, and has the environment of who starts it: its journal would lie where they are, and go with the release. */
const desktopEnvironment = { ...commandEnvironment, PALYRA_JOURNAL_DB_PATH: "{state}/data/journal.sqlite3" };

/** The first configuration, with an admin token of its own. The plain TLS scaffold would make an empty folder for certificates. */
function setup(mode: "local" | "remote"): Setup {
  return {
    binary: "palyra",
    args: `setup --mode ${mode} --path {config}/palyra.toml --tls-scaffold none`,
    creates: "{config}/palyra.toml",
    validate: "config validate --path {config}/palyra.toml",
  };
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
      commandEnvironment: desktopEnvironment,
      setup: setup("local"),
      // What a Tauri app links on Linux; Palyra tells its users to install GTK and WebKit there.
      hostLibraries: [
        ...["libwebkit2gtk-4.1.so.0", "libjavascriptcoregtk-4.1.so.0", "libsoup-3.0.so.0"],
        ...[
          "libgtk-3.so.0",
          "libgdk-3.so.0",
          "libgdk_pixbuf-2.0.so.0",
          "libcairo.so.2",
          "libcairo-gobject.so.2",
          "libpango-1.0.so.0",
          "libpangocairo-1.0.so.0",
          "libatk-1.0.so.0",
          "libharfbuzz.so.0",
        ],
        ...[
          "libglib-2.0.so.0",
          "libgobject-2.0.so.0",
          "libgio-2.0.so.0",
          "libgmodule-2.0.so.0",
          "libX11.so.6",
          "libxdo.so.3",
        ],
      ],
    },
    headless: {
      binaries: ["palyrad", "palyra-browserd", "palyra"],
      state: "/var/lib/palyra",
      config: "/etc/palyra",
      commandEnvironment,
      setup: setup("remote"),
      kept,
      services,
    },
  },
  binaries: {
    "palyra-desktop-control-center": {
      role: "desktop",
      onPath: false,
      version: { args: "", prints: "" },
      help: { args: "", contains: [] },
      silent: ["version", "help"],
    },
    palyrad: {
      role: "daemon",
      onPath: false,
      version: { args: "", prints: "" },
      help: { args: "--help", contains: ["--grpc-port", "--journal-migrate-only"] },
      silent: ["version"],
    },
    "palyra-browserd": {
      role: "daemon",
      onPath: false,
      version: { args: "", prints: "" },
      help: { args: "--help", contains: ["--port", "--grpc-port"] },
      silent: ["version"],
    },
    palyra: {
      role: "cli",
      onPath: true,
      // Fields by their names: the line has others, more of them once there is a profile.
      version: {
        args: "version | tr -s ' ' '\\n' | grep -E '^(name|version)=' | LC_ALL=C sort",
        prints: "name=palyra\nversion={version}",
      },
      help: { args: "--help", contains: ["palyra", "deployment", "doctor"] },
    },
  },
  payload,
  upstreamValidator,
  sources: {
    versions: {
      workspace: { file: "Cargo.toml", key: "workspace.package.version" },
      desktop_crate: { file: "apps/desktop/src-tauri/Cargo.toml", key: "package.version" },
      desktop_tauri: { file: "apps/desktop/src-tauri/tauri.conf.json", key: "version" },
      web_package: { file: "apps/web/package.json", key: "version" },
    },
    capabilities,
    policy: "infra/release",
  },
  readiness,
  secrets,
  checks: { smoke, healthy, plant, planted, write, writeLater, laterIsGone },
  judges,
};
