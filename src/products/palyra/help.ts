/**
 * Help of Palyra's command line: every page that the release has a snapshot of is that snapshot, and what has none is described
 * here.
 */
import type { Check } from "../../checks/check.ts";
import type { Places } from "../product.ts";

/** A page that must be there, with or without a snapshot in the release. */
export interface HelpGroup {
  command: string;
  /** the command that this one is another name of: it has that one's page */
  alias?: string;
  /** its subcommands, for a page without a snapshot: such a page must have the usage line and exactly these, or any where nothing is stated of them */
  subcommands?: string[] | "not stated";
}

const deployment = ["manifest", "preflight", "profiles", "promotion-check", "recipe", "rollback-plan", "upgrade-smoke"];

/** The groups of the release smoke, and what no release has a snapshot of: `deployment` with all below it, and `jobs`. */
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
  { command: "deployment", subcommands: deployment },
  ...deployment.map((name) => ({ command: `deployment ${name}`, subcommands: [] })),
  { command: "docs" },
  { command: "update" },
  { command: "uninstall" },
  { command: "support-bundle" },
  { command: "jobs", subcommands: "not stated" },
];

/** Every command of the first level. One that `palyra --help` lists and this does not is a command that nobody has looked at. */
export const commands = [
  ...[
    "acp",
    "agent",
    "agents",
    "approvals",
    "auth",
    "backup",
    "browser",
    "channels",
    "completion",
    "config",
    "configure",
    "cron",
    "daemon",
    "dashboard",
    "deployment",
    "devices",
  ],
  ...[
    "docs",
    "doctor",
    "flows",
    "gateway",
    "health",
    "help",
    "hooks",
    "init",
    "jobs",
    "logs",
    "mcp",
    "memory",
    "message",
    "models",
    "node",
    "nodes",
    "objectives",
    "onboard",
    "onboarding",
  ],
  ...[
    "pairing",
    "patch",
    "plugins",
    "policy",
    "profile",
    "protocol",
    "reset",
    "routines",
    "sandbox",
    "secrets",
    "security",
    "sessions",
    "setup",
    "skills",
    "status",
    "support-bundle",
    "system",
    "tui",
    "tunnel",
  ],
  ...["uninstall", "update", "version", "webhooks", "workers"],
];

/** A snapshot's file for a command: `onboarding wizard` → `onboarding-wizard-help.txt`. */
const snapshot = (command: string): string => `${command.replaceAll(" ", "-")}-help.txt`;

/** `group` as sh text: file of the page, of the page of which it is another name, the command, its subcommands. */
function groupCall({ command, alias, subcommands }: HelpGroup): string {
  const below = subcommands === "not stated" ? "any" : subcommands && (subcommands.join(" ") || "none");
  return `group ${[snapshot(command), alias ? snapshot(alias) : "", command, below ?? ""].map((word) => `'${word}'`).join(" ")}`;
}

/** An argument that stands in for one of a usage line, where a command is only called with it: a ULID. */
const anyArgument = "01ARZ3NDEKTSV4RRFFQ69G5FAV";

/**
 * A page's command is in its usage line, since its file's name alone does not tell a blank from a hyphen: the words of the line that
 * make the name, whatever arguments stand between them. An alias's page names the command that it is another name of; then the
 * file begins with the alias, and goes on as the usage line does. `$words` is the command; `$called` has an argument wherever the line has one.
 */
const wordsOfPage = [
  "words_of() {",
  "  name=${1%-help.txt}; set -f; set -- ${2#*Usage: palyra}; set +f",
  `  for first in '' ${commands.join(" ")}; do`,
  "    words= called= joined=",
  "    for word; do",
  '      case $word in [a-z]*) ;; "<"*) called="$called ANYTHING"; continue ;; -*) called="$called $word"; continue ;; *) continue ;; esac',
  '      [ -n "$words" ] || word=${first:-$word}',
  '      words="$words${words:+ }$word" called="$called${called:+ }$word" joined="$joined${joined:+-}$word"',
  '      [ "$joined" != "$name" ] || return 0',
  '      case $name in "$joined"-*) ;; *) break ;; esac',
  "    done",
  "  done",
  "  return 1",
  "}",
]
  .join("\n")
  .replace("ANYTHING", anyArgument);

/** Both sides of a comparison without blanks at the ends of lines and without empty lines: snapshots have lost those that held blanks alone. */
const normalised = "normal() { sed -e 's/[[:space:]]*$//' -e '/^$/d' -i \"$@\"; }";

/** Asks for every page, and prints each that is not as it should be. */
export function helpCheck(at: Places): Check {
  return {
    name: "help-pages",
    login: true,
    within: 90,
    run: [
      "looked=0; odd=0; seen=' '",
      'odd() { odd=$((odd + 1)); echo "palyra $*"; }',
      normalised,
      // The first words of what is indented below `Commands:`; more indented is a long description that goes on.
      "listed() { sed -n '/^Commands:/,/^[^ ]/s/^  \\([a-z][a-z-]*\\).*/\\1/p' \"$1\"; }",
      `mkdir pages packaged || exit; cp ${at.root}/current/docs/help_snapshots/* packaged/ && normal packaged/* || odd "has no packaged pages"`,
      // A page into a file of its snapshot's name, so that one process compares all of them. The binary itself is asked: a shim
      // doubles the time of each of some hundred processes, and is asked for the first page.
      `palyra=${at.root}/current/palyra`,
      'ask() { "$palyra" $1 --help >"pages/$file" 2>got-errors </dev/null; }',
      // `page FILE COMMAND [USAGE CALLED]`: a command with an argument in the middle may have its page only when it is given one.
      "page() {",
      '  file=$1 asked=$2; looked=$((looked + 1)); seen="$seen$file "',
      '  ask "$asked"; code=$?',
      '  if [ -n "$4" ] && ! { [ $code = 0 ] && grep -qF -e "$3" "pages/$file"; }; then ask "$4"; code=$?; fi',
      '  [ $code = 0 ] || { odd "$asked${asked:+ }--help: exit code $code"; rm -f "pages/$file"; return 1; }',
      '  echo "$file $asked" >>asked',
      "}",
      wordsOfPage,
      '(cd packaged && grep -Hm 1 "^Usage: palyra" -- *-help.txt) >usages',
      "while IFS=: read -r file usage; do",
      '  words_of "$file" "$usage" || continue',
      '  if [ "$called" = "$words" ]; then page "$file" "$words"; else page "$file" "$words" "$usage" "$called"; fi',
      "done <usages",
      // Snapshots of the first page are kept by system. This one's is compared; of another's, what it lists is looked at.
      "for file in packaged/*; do",
      '  file=${file##*/}; case "$seen" in *" $file "*) continue ;; esac',
      '  case $file in root-help-unix.txt) page "$file" "" ;; root-help-windows.txt) mv "packaged/$file" windows ;; *) odd "has the page $file, and nobody knows of which command"; rm -f "packaged/$file" ;; esac',
      "done",
      "normal pages/*",
      // Both sides of a page: its first line that differs is said.
      "diff -r packaged pages >differences; file=",
      "while IFS= read -r line; do",
      '  case $line in "diff "*) file=${line##*/}; continue ;; [\\<\\>]*) [ -n "$file" ] || continue ;; *) continue ;; esac',
      '  asked=$(sed -n "s/^$file //p" asked); odd "$asked${asked:+ }--help differs from the packaged page: $line"; file=',
      "done <differences",
      "group() {",
      '  case "$seen" in *" $1 "*) return ;; esac',
      '  page "$1" "$3" || return; got=pages/$1; normal "$got"',
      '  if [ -n "$2" ] && [ -e "packaged/$2" ]; then',
      '    diff "packaged/$2" "$got" >difference || odd "$3 --help differs from the packaged page $2: $(sed -n \'/^[<>]/{p;q}\' difference)"',
      '  elif [ -z "$4" ]; then odd "$3 --help: the release has no page of it, and it is not described"',
      "  else",
      '    grep -qE "^Usage: palyra $3( |\\$)" "$got" || odd "$3 --help has no usage line"',
      '    found=$(listed "$got" | grep -vx help | LC_ALL=C sort | tr "\\n" " ")',
      '    [ "$4" = any ] || [ "${found:-none }" = "$4 " ] || odd "$3 has other subcommands: ${found:-none}"',
      "  fi",
      "}",
      ...helpGroups.map(groupCall),
      "palyra --help >root || exit",
      "normal root",
      // PAGE TITLE: how many there are is the release's own matter; next to none means that the list could not be read.
      "first_page() {",
      "  known=0",
      '  for name in $(listed "$1"); do',
      `    case ' ${commands.join(" ")} ' in *" $name "*) known=$((known + 1)) ;; *) odd "$2 lists $name, which nobody knows"; continue ;; esac`,
      '    case "$seen" in *" $name-help.txt "*) ;; *) [ "$name" = help ] || odd "$name --help: the release has no page of it, and it is not described" ;; esac',
      "  done",
      '  [ $known -ge 20 ] || odd "$2 lists only $known commands"',
      "}",
      "first_page root --help",
      '! [ -e windows ] || first_page windows "in its page of Windows"',
      'echo "$looked pages, $odd not as expected"',
    ].join("\n"),
    expect: { stdout: { matches: "^[1-9][0-9]+ pages, 0 not as expected$" } },
  };
}
