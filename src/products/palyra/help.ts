/** Help of Palyra's command line: which pages are looked at, and what a page is that no archive has a snapshot of. */
import type { Check } from "../../suites/suite.ts";
import type { Places } from "../product.ts";

/** A page that is asked for with `--help`. */
export interface HelpGroup {
  command: string;
  /** the command that this one is another name of: it has that one's page */
  alias?: string;
  /** its subcommands, for a page without a snapshot; such a page must have the usage line and exactly these */
  subcommands?: string[];
}

/** The groups of the release smoke. `deployment` has no snapshot. */
export const helpGroups: HelpGroup[] = [
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
  { command: "deployment", subcommands: ["manifest", "preflight", "profiles", "promotion-check", "recipe", "rollback-plan", "upgrade-smoke"] },
  { command: "deployment profiles", subcommands: [] },
  { command: "docs" },
  { command: "update" },
  { command: "uninstall" },
  { command: "support-bundle" },
];

/** Every command of the first level. One that `palyra --help` lists and this does not is a command that nobody has looked at. */
export const commands = [
  ...["acp", "agent", "agents", "approvals", "auth", "backup", "browser", "channels", "completion", "config", "configure", "cron", "daemon", "dashboard", "deployment", "devices"],
  ...["docs", "doctor", "flows", "gateway", "health", "help", "hooks", "init", "jobs", "logs", "mcp", "memory", "message", "models", "node", "nodes", "objectives", "onboard", "onboarding"],
  ...["pairing", "patch", "plugins", "policy", "profile", "protocol", "reset", "routines", "sandbox", "secrets", "security", "sessions", "setup", "skills", "support-bundle", "system", "tui"],
  ...["uninstall", "update", "version", "webhooks", "workers"],
];

/** A snapshot's file for a command: `onboarding wizard` → `onboarding-wizard-help.txt`. */
const snapshot = (command: string): string => `${command.replaceAll(" ", "-")}-help.txt`;

/**
 * Asks for every page, and prints each that is not as it should be. A page with a snapshot in the release is that snapshot
 * (blanks at the ends of lines do not count); one without must be described above.
 */
export function helpCheck(at: Places): Check {
  const asked = helpGroups.map(({ command, alias = "", subcommands }) => `page ${[snapshot(command), alias && snapshot(alias), command, subcommands ? subcommands.join(" ") || "none" : ""].map((word) => `'${word}'`).join(" ")}`);
  return {
    name: "help-pages",
    login: true,
    within: 60,
    run: [
      `snapshots=${at.root}/current/docs/help_snapshots`,
      "looked=0; odd=0",
      'odd() { odd=$((odd + 1)); echo "palyra $*"; }',
      // The first words of what is indented below `Commands:`; more indented is a long description that goes on.
      "listed() { sed -n '/^Commands:/,/^$/s/^  \\([a-z][a-z-]*\\).*/\\1/p' \"$1\"; }",
      "page() {",
      '  looked=$((looked + 1)); file=; group=$3',
      '  palyra $group --help >got 2>got-errors || { odd "$group --help: exit code $?"; return; }',
      '  for name in "$1" ${2:+"$2"}; do [ -e "$snapshots/$name" ] && { file=$snapshots/$name; break; }; done',
      '  if [ -n "$file" ]; then',
      '    diff -Z "$file" got >difference || odd "$group --help differs from the packaged page: $(sed -n \'/^[<>]/{p;q}\' difference)"',
      '  elif [ -z "$4" ]; then odd "$group --help: the release has no page of it, and it is not described"',
      "  else",
      '    grep -qE "^Usage: palyra $group( |\\$)" got || odd "$group --help has no usage line"',
      '    found=$(listed got | grep -vx help | LC_ALL=C sort | tr "\\n" " ")',
      '    [ "${found:-none }" = "$4 " ] || odd "$group has other subcommands: ${found:-none}"',
      "  fi",
      "}",
      ...asked,
      "palyra --help >root || exit",
      // Snapshots of the first page are kept by system, since names of programs differ.
      'file=$snapshots/root-help-unix.txt; [ ! -e "$file" ] || diff -Z "$file" root >difference || odd "--help differs from the packaged page: $(sed -n \'/^[<>]/{p;q}\' difference)"',
      "known=0",
      "for name in $(listed root); do",
      `  case ' ${commands.join(" ")} ' in *" $name "*) known=$((known + 1)) ;; *) odd "--help lists $name, which nobody knows" ;; esac`,
      "done",
      // How many there are is the release's own matter; none at all means that the list could not be read.
      '[ $known -ge 20 ] || odd "--help lists only $known commands"',
      'echo "$looked pages, $odd not as expected"',
    ].join("\n"),
    expect: { stdout: { equals: `${helpGroups.length} pages, 0 not as expected` } },
  };
}
