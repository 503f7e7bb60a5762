/**
 * Shell text that Palyra's checks share. Commands of the product say little by their exit codes: a report that is blocked exits
 * with 0 as well. So checks print the facts that they read in reports, and the facts are what is expected.
 */
import type { Check } from "../../checks/check.ts";
import type { Places } from "../product.ts";

/** A check that reads reports, with what the prelude of every check has for that: `lines` is its text, `says` the facts that it must print, one a line. */
export function reportCheck(name: string, lines: string[], says: string[], more: Partial<Check> = {}): Check {
  return { name, run: lines.join("\n"), within: 60, ...more, expect: { stdout: { equals: says.join("\n") } } };
}

/**
 * `$palyra` is the installed binary itself, with an environment of its own below the working folder: a shim would set the
 * installation's. What it writes is gone with the check.
 */
export function isolated(at: Places): string {
  return [
    `palyra=${at.root}/current/palyra`,
    "HOME=$PWD/home XDG_STATE_HOME=$PWD/home/state XDG_CONFIG_HOME=$PWD/home/config PALYRA_CONFIG=$PWD/config/palyra.toml PALYRA_STATE_ROOT=$PWD/state",
    "PALYRA_VAULT_DIR=$PWD/vault PALYRA_VAULT_BACKEND=encrypted_file",
    "export HOME XDG_STATE_HOME XDG_CONFIG_HOME PALYRA_CONFIG PALYRA_STATE_ROOT PALYRA_VAULT_DIR PALYRA_VAULT_BACKEND",
    "mkdir home config || exit",
  ].join("\n");
}

/** The admin token of a configuration file as sh text; nothing where it has none. It never leaves the machine: checks print what they found of it, not the token. */
export function tokenOf(file: string): string {
  return `sed -n 's/^auth_token *= *"\\(..*\\)".*/\\1/p' ${file}`;
}
