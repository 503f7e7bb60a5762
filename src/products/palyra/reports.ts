/**
 * Shell text that Palyra's checks share. Commands of the product say little by their exit codes: a report that is blocked exits
 * with 0 as well. So checks print the facts that they read in reports, and the facts are what is expected.
 */
import type { Check } from "../../suites/suite.ts";
import type { Places } from "../product.ts";

/**
 * `report COMMAND…` runs what prints JSON, and `read_report FILE` reads it: the values are then in $flat. `fact PATH` puts one of
 * them into $fact, `(none)` when it is not there; `facts PATH…` prints several on one line. All but the first fail where there is no JSON.
 */
const reader = [
  "nl='",
  "'",
  // Line by line: cutting a long text by a pattern takes dash the square of its length.
  "fact() {",
  "  fact='(none)' IFS=$nl; set -f",
  '  for line in $flat; do case $line in "$1="*) fact=${line#*=}; fact=${fact#\\"}; fact=${fact%\\"}; break ;; esac; done',
  "  unset IFS; set +f",
  "}",
  'facts() { said=; for path; do fact "$path"; said="$said${said:+ }$fact"; done; echo "$said"; }',
  "read_report() {",
  '  flat=$nl$(json_paths <"$1")$nl || { echo "$1 is not JSON: $(head -c 200 "$1")"; flat=$nl; return 1; }',
  "}",
  "report() {",
  '  "$@" >report 2>report-errors || { echo "exit code $? of $*: $(tail -n 1 report-errors)"; flat=$nl; return 1; }',
  "  read_report report",
  "}",
].join("\n");

/** A check that reads reports: `lines` is its text, `says` the facts that it must print, one a line. */
export function reportCheck(name: string, lines: string[], says: string[], more: Partial<Check> = {}): Check {
  return { name, run: [reader, ...lines].join("\n"), within: 60, ...more, expect: { stdout: { equals: says.join("\n") } } };
}

/**
 * `$palyra` is the installed binary itself, with an environment of its own below the working folder: a shim would set the
 * installation's. What it writes is gone with the check.
 */
export function isolated(at: Places): string {
  return [
    `palyra=${at.root}/current/palyra`,
    'HOME=$PWD/home XDG_STATE_HOME=$PWD/home/state XDG_CONFIG_HOME=$PWD/home/config PALYRA_CONFIG=$PWD/config/palyra.toml PALYRA_STATE_ROOT=$PWD/state',
    "PALYRA_VAULT_DIR=$PWD/vault PALYRA_VAULT_BACKEND=encrypted_file",
    "export HOME XDG_STATE_HOME XDG_CONFIG_HOME PALYRA_CONFIG PALYRA_STATE_ROOT PALYRA_VAULT_DIR PALYRA_VAULT_BACKEND",
    "mkdir home config || exit",
  ].join("\n");
}

/** The admin token of a configuration file as sh text; nothing where it has none. It never leaves the machine: checks print what they found of it, not the token. */
export function tokenOf(file: string): string {
  return `sed -n 's/^auth_token *= *"\\(..*\\)".*/\\1/p' ${file}`;
}
