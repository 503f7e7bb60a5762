/**
 * Data that outlives reboots, upgrades and rollbacks: a setting and a secret, made through the product's own commands; and what it
 * must never make anew by itself, the admin token (kept.ts declares its records and its identity). What is secret is looked at on the
 * machine, and known here by its digest (guest/planted.sh).
 *
 * What is written later, by the release after, is the opposite: a rollback must take it back.
 */
import type { Check, Expectation, Step } from "../../checks/check.ts";
import { guest } from "../../checks/guest.ts";
import type { Places, Subject } from "../product.ts";
import { services } from "./services.ts";

const setting = ["--key", "networked_workers.lease_ttl_ms"];
const value = "612345";
const laterValue = "654321";
const laterText = "written after the upgrade";

function step({ commands, config, state }: Places, id: string, what: string[], more: Partial<Step> = {}): Step {
  return { id, run: guest(import.meta.url, "planted", commands, config, state, ...what), ...more };
}

const get = (at: Places, stdout: Expectation["stdout"]): Step => ({
  id: "setting",
  run: [`${at.commands}/palyra`, "config", "get", ...setting],
  expect: { stdout },
});

const check = (name: string, steps: Step[]): Check => ({ name, within: 120, run: [], steps, expect: {} });

/** Plants, and finds that it is planted. */
export function plant(subject: Subject, at: Places): Check[] {
  const steps = [
    step(at, "set", ["run", "config", "set", ...setting, "--value", value]),
    step(at, "plant", ["plant", subject.sha256]),
  ];
  return [check("plant", steps), ...planted(subject, at).map((each) => ({ ...each, name: `${each.name}-at-once` }))];
}

/** Finds everything that was planted, each to the byte. */
export function planted(_subject: Subject, at: Places): Check[] {
  const steps = [
    get(at, { matches: `[= ]${value}([ ,]|$)` }),
    step(at, "noted", ["noted"], { expect: { stdout: { matches: "^admin token [0-9a-f]{64}$" } } }),
    step(at, "now", ["now"], { expect: { stdout: { sameAs: { check: "noted" } } } }),
  ];
  return [check("planted", steps)];
}

/** A command that sets a secret of its own, as the owner of the state. */
export function write(_subject: Subject, { commands, state }: Places): string[] {
  const text = `HOME=$1 PALYRA_VAULT_BACKEND=encrypted_file && export HOME PALYRA_VAULT_BACKEND && echo more | "$2" secrets set global more --value-stdin`;
  const user = services[0]!.user;
  return [
    "setpriv",
    `--reuid=${user}`,
    `--regid=${user}`,
    "--init-groups",
    "sh",
    "-c",
    text,
    "write",
    state,
    `${commands}/palyra`,
  ];
}

/** Writes more, after an upgrade: another value and another secret. */
export function writeLater(_subject: Subject, at: Places): Check[] {
  const steps = [
    step(at, "set", ["run", "config", "set", ...setting, "--value", laterValue]),
    step(at, "write", ["run", "secrets", "set", "global", "later", "--value-stdin"], { input: laterText }),
    step(at, "secret", ["run", "secrets", "get", "global", "later", "--reveal"], {
      expect: { stdout: { exactly: laterText } },
    }),
  ];
  return [check("written-later", steps)];
}

/** What Palyra's commands end with for what is not found; another failure says nothing of a secret. */
const notFound = 8;

/** Nothing of that is left, once the release before and its data are back. */
export function laterIsGone(_subject: Subject, at: Places): Check[] {
  const secret = ["run", "secrets", "get", "global", "later", "--reveal"];
  const steps = [get(at, { absent: [laterValue] }), step(at, "secret", secret, { expect: { exit: notFound } })];
  return [check("later-is-gone", steps)];
}
