/**
 * The installer: one POSIX sh script, made of a head that holds a release's values and of the shell parts beside this
 * file, which know no product. Values enter the script only as quoted words.
 */
import { readFileSync } from "node:fs";
import type { Product, Subject } from "../products/index.ts";
import { installationOf, type Installation, type Layout } from "./installation.ts";
import { shellWord } from "./quoting.ts";

const parts = ["common", "install", "uninstall", "status", "main"].map((name) => readFileSync(new URL(`./sh/${name}.sh`, import.meta.url), "utf8"));

/** A shell function that calls the command in its arguments once for each row of words. */
function each(name: string, rows: string[][]): string {
  const calls = rows.map((row) => `  "$@" ${row.map(shellWord).join(" ")}`);
  return [`${name}() {`, ...(calls.length > 0 ? calls : ["  :"]), "}"].join("\n");
}

function head(installation: Installation): string {
  const { services } = installation;
  const value = (name: string, text: string) => `${name}=${shellWord(text)}`;
  return [
    "#!/bin/sh",
    `# Installs, removes and reports ${installation.base}. Run it with --help.`,
    "# shellcheck disable=SC2016,SC2034",
    value("product", installation.product),
    value("title", installation.title),
    value("kind", installation.kind),
    value("version", installation.version),
    value("platform", installation.platform),
    value("root", installation.root),
    value("current", installation.current),
    value("commands", installation.layout.commands),
    value("has_services", services.length > 0 ? "yes" : "no"),
    each("each_binary", installation.binaries.map((name) => [name])),
    each("each_command", installation.commands.map((name) => [name])),
    "# name, unit file, unit, user, state folder, configuration folder, and host, port and path of its health",
    each("each_service", services.map((s) => [s.name, s.unit.path, s.unit.text, s.user, s.stateFolder, s.configFolder, s.health.host, s.health.port, s.health.path])),
    "# file, text, user",
    each("each_config", services.flatMap((s) => s.configFiles.map((file) => [file.path, file.text, s.user]))),
    "",
  ].join("\n");
}

/** The script for an installation that was modelled already. */
export function installerScript(installation: Installation): string {
  return [head(installation), ...parts].join("\n");
}

/**
 * The installer of a release as POSIX sh text: `install --archive FILE --sha256 DIGEST | uninstall [--remove-state] | status`.
 * It prints `key=value` lines; its exit codes are in its `--help`. It names no digest of its own archive, so that it can ship inside.
 * @throws EdgeError naming the part of the product definition that no machine could take.
 */
export function renderInstaller(product: Product, kind: string, subject: Omit<Subject, "sha256">, layout?: Layout): string {
  return installerScript(installationOf(product, kind, subject, layout));
}
