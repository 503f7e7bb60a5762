/**
 * Checks that run the installed binary itself, each in an environment of its own below its working folder: a shim would set the
 * installation's. What they write is gone with the check.
 */
import type { Check, Expectation, Step } from "../../checks/check.ts";
import type { Places } from "../product.ts";

/** The configuration of that environment. */
export const configuration = "{here}/config/palyra.toml";

/** A step that runs `palyra` with arguments that have no blanks in them, or another program with any. */
export function step(
  id: string,
  run: string | string[],
  expect: Expectation = {},
  more: Pick<Step, "env" | "input"> = {},
): Step {
  return { id, run: typeof run === "string" ? ["palyra", ...run.split(" ")] : run, expect, ...more };
}

/** A check of such steps. */
export function isolated(at: Places, name: string, steps: Step[]): Check {
  const env = {
    PATH: `${at.root}/current:/usr/local/bin:/usr/bin:/bin`,
    HOME: "{here}/home",
    XDG_STATE_HOME: "{here}/home/state",
    XDG_CONFIG_HOME: "{here}/home/config",
    PALYRA_CONFIG: configuration,
    PALYRA_STATE_ROOT: "{here}/state",
    PALYRA_VAULT_DIR: "{here}/vault",
    PALYRA_VAULT_BACKEND: "encrypted_file",
  };
  return { name, run: ["mkdir", "home", "config"], env, steps, within: 60, expect: {} };
}
