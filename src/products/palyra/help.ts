/**
 * Help of Palyra's command line: every page that the release has a snapshot of is that snapshot, and what has none is described
 * here.
 */
import type { Check } from "../../checks/check.ts";
import { guest } from "../../checks/guest.ts";
import type { Places } from "../product.ts";
import type { HelpExpectation } from "./help-judge.ts";

const deployment = ["manifest", "preflight", "profiles", "promotion-check", "recipe", "rollback-plan", "upgrade-smoke"];

/** The groups of the release smoke, and what no release has a snapshot of: `deployment` with all below it, and `jobs`. */
const groups: HelpExpectation["groups"] = [
  { command: "setup" },
  { command: "init", alias: "setup" },
  { command: "onboarding" },
  { command: "onboarding wizard" },
  { command: "onboard wizard", alias: "onboarding wizard" },
  { command: "gateway" },
  { command: "daemon", alias: "gateway" },
  { command: "dashboard" },
  { command: "channels" },
  { command: "browser" },
  { command: "node" },
  { command: "nodes" },
  { command: "deployment", subcommands: deployment },
  ...deployment.map((name) => ({ command: `deployment ${name}`, subcommands: [] })),
  { command: "docs" },
  { command: "update" },
  { command: "uninstall" },
  { command: "support-bundle" },
  { command: "jobs", subcommands: "not stated" },
];

/** Every command of the first level. One that `palyra --help` lists and this does not is a command that nobody has looked at. */
const commands = [
  "acp agent agents approvals auth backup browser channels completion config configure cron daemon dashboard deployment devices docs",
  "doctor flows gateway health help hooks init jobs logs mcp memory message models node nodes objectives onboard onboarding pairing",
  "patch plugins policy profile protocol reset routines sandbox secrets security sessions setup skills status support-bundle system",
  "tui tunnel uninstall update version webhooks workers",
].flatMap((line) => line.split(" "));

/** An argument that stands in for one of a usage line, where a command is only called with it: a ULID. */
const anyArgument = "01ARZ3NDEKTSV4RRFFQ69G5FAV";

/** Asks for every page: which that are is found on the machine, from the usage lines of the packaged ones. */
export function helpCheck(at: Places): Check {
  const given: HelpExpectation = { groups, commands };
  return {
    name: "help-pages",
    login: true,
    within: 90,
    run: guest(
      import.meta.url,
      "help",
      at.root,
      anyArgument,
      commands.join(" "),
      ...groups.map(({ command }) => command),
    ),
    files: ["asked", "pages"],
    expect: { judge: { name: "palyra/help", given } },
  };
}
