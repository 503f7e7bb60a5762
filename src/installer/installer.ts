/**
 * The installer: one POSIX sh script, made of a head that holds a release's values and of the shell parts beside this
 * file, which know no product. Values enter the script only as quoted words.
 */
import { readFileSync } from "node:fs";
import { EdgeError, shown } from "../edges/edges.ts";
import { placesOf, type Product, type Subject } from "../products/index.ts";
import { installationOf, withGaps, type Installation, type Layout } from "./installation.ts";
import { gap, oneLine, wordWithGaps } from "./quoting.ts";

const part = (name: string): string => readFileSync(new URL(`./sh/${name}.sh`, import.meta.url), "utf8");

const parts = [
  "common",
  "progress",
  "answers",
  "listeners",
  "quoting",
  "places",
  "archive",
  "record",
  "files",
  "unit",
  "command-root",
  "profile",
  "shims",
  "metadata",
  "secrets",
  "setup",
  "services",
  "as-found",
  "addresses",
  "waiting",
  "data",
  "versions",
  "in-the-way",
  "beforehand",
  "install",
  "way-back",
  "rollback",
  "json",
  "foreign",
  "leftovers",
  "removal",
  "uninstall",
  "status",
  "main",
].map(part);

/** Before the values, some of which lie in it. */
const home = part("home");

/** What the hardening of unit.sh hides from services, and by which setting. */
const hidden = [
  ["/home", "ProtectHome"],
  ["/root", "ProtectHome"],
  ["/run/user", "ProtectHome"],
  ["/tmp", "PrivateTmp"],
  ["/var/tmp", "PrivateTmp"],
];

/** What a release may settle beforehand for whoever installs it. */
export interface InstallerOptions {
  /** who must have signed the archive: a line of an allowed-signers file for the identity `release` (ssh-keygen(1)) */
  signer?: string;
}

/** A shell function that calls the command in its arguments once for each row of words. */
function each(name: string, rows: string[][]): string {
  const calls = rows.map((row) => `  "$@" ${row.map(wordWithGaps).join(" ")}`);
  return [`${name}() {`, ...(calls.length > 0 ? calls : ["  :"]), "}"].join("\n");
}

/** A user's folders of commands by preference; the last one is taken when none of them is on PATH and writable. */
function commandRoots(installation: Installation): string[] {
  const mac = installation.platform.startsWith("macos-") ? ["/opt/homebrew/bin"] : [];
  return [...mac, installation.layout.commands, `${gap("home")}/.local/bin`];
}

function head(readable: Installation, { signer = "" }: InstallerOptions): string {
  const installation = withGaps(readable);
  const { services, from } = installation;
  const kind = from.product.kinds[installation.kind]!;
  const value = (name: string, text: string) => `${name}=${wordWithGaps(text)}`;
  const name = kind.root ?? installation.product;
  const usual = placesOf(from.product, kind, gap("home"));
  const file =
    installation.configFile === undefined
      ? ""
      : (kind.setup?.creates ?? `{config}/${Object.keys(kind.services[0]!.configFiles)[0]}`).replaceAll(
          "{config}",
          () => usual.config,
        );
  return [
    "#!/bin/sh",
    `# Installs, upgrades, rolls back, removes and reports ${installation.base}. Run it with --help.`,
    "# shellcheck disable=SC1003,SC2016,SC2034,SC2154,SC2317",
    home,
    value("product", installation.product),
    value("title", installation.title),
    value("kind", installation.kind),
    value("version", installation.version),
    value("platform", installation.platform),
    value("base", installation.base),
    value("usual_root", installation.root),
    value("usual_root_of_user", `${gap("home")}/.local/opt/${name}`),
    value("usual_state", usual.state),
    value("usual_config_folder", usual.config),
    value("usual_config_file", file),
    value("units", installation.layout.units),
    value("usual_command_root", installation.layout.commands),
    value("accounts", installation.layout.accounts ?? "/etc"),
    value("login_profiles", installation.layout.profiles ?? "/etc/profile.d"),
    value("path_variable", `${installation.product.toUpperCase().replaceAll("-", "_")}_CLI_BIN`),
    value("main_command", installation.commands[0] ?? ""),
    value("kind_has_services", services.length > 0 ? "yes" : "no"),
    value("setup_binary", installation.setup?.binary ?? ""),
    value("pinned_signer", oneLine(signer, "Signer")),
    each(
      "each_command_root",
      commandRoots(installation).map((folder) => [folder]),
    ),
    each(
      "each_binary",
      installation.binaries.map((name) => [name]),
    ),
    each(
      "each_command",
      installation.commands.map((name) => [name]),
    ),
    each("each_command_variable", installation.commandEnvironment),
    "# service, description, file, user, state folder, configuration folder, and host, port, path and answer of its health",
    each(
      "each_service",
      services.map((s) => [
        s.name,
        s.description,
        `${installation.current}/${s.binary}`,
        s.user,
        s.stateFolder,
        s.configFolder,
        s.health.host,
        s.health.port,
        s.health.path,
        s.health.says.join(" "),
      ]),
    ),
    "# service, then a word; a name and its value; a name, bytes, encoding and prefix; a file, its text and the user who reads it",
    each(
      "each_argument",
      services.flatMap((s) => s.args.map((word) => [s.name, word])),
    ),
    each(
      "each_variable",
      services.flatMap((s) => s.environment.map(([name, text]) => [s.name, name, text])),
    ),
    each(
      "each_secret",
      services.flatMap((s) =>
        s.secrets.map(({ name, bytes, encoding, prefix }) => [s.name, name, String(bytes), encoding, prefix]),
      ),
    ),
    each(
      "each_config",
      services.flatMap((s) => s.configFiles.map((config) => [s.name, config.path, config.text, s.user])),
    ),
    "# service, file and names of settings by which an operator moves the address of its health",
    each(
      "each_health_setting",
      services.flatMap((s) => (s.moved ? [[s.name, s.moved.file, ...s.moved.settings]] : [])),
    ),
    "# service, address, port: of TCP, as a rule",
    each(
      "each_listener",
      services.flatMap((s) => s.listens.map(({ address, port }) => [s.name, address, port])),
    ),
    "# a folder that units hide from their services, and by which setting",
    each("each_hidden", installation.layout.hidden ?? hidden),
    "# state or config, folder, mode, owner",
    each(
      "each_folder",
      installation.folders.map(({ what, path, mode, owner }) => [what, path, mode, owner]),
    ),
    each("with_setup", installation.setup ? [installation.setup.args] : []),
    each("with_validation", installation.setup ? [installation.setup.validate] : []),
    "",
  ].join("\n");
}

/** The script for an installation that was modelled already. */
export function installerScript(installation: Installation, options: InstallerOptions = {}): string {
  return [head(installation, options), ...parts].join("\n");
}

/**
 * The installer of a release as POSIX sh text: `install --archive FILE --sha256 DIGEST | rollback | uninstall [--remove-state] | status`.
 * It prints `key=value` lines; its options and exit codes are in its `--help`. It names no digest of its own archive, so that it can ship inside.
 * @throws EdgeError naming the part of the product definition that no machine could take.
 */
export function renderInstaller(
  product: Product,
  kind: string,
  subject: Omit<Subject, "sha256">,
  layout?: Layout,
  options?: InstallerOptions,
): string {
  if (options?.signer !== undefined && !/^release(,\S+)? .*ssh-/.test(options.signer)) {
    throw new EdgeError(
      `Signer ${shown(options.signer)} is no line of an allowed-signers file for the identity release; write 'release namespaces="greenlight-release" ssh-ed25519 AAAA…'.`,
    );
  }
  return installerScript(installationOf(product, kind, subject, layout), options);
}
