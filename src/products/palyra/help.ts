/**
 * Help of Palyra's command line: every page that the release has a snapshot of is that snapshot, and what has none is described
 * here.
 */
import type { Check } from "../../suites/suite.ts";
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
  ...["acp", "agent", "agents", "approvals", "auth", "backup", "browser", "channels", "completion", "config", "configure", "cron", "daemon", "dashboard", "deployment", "devices"],
  ...["docs", "doctor", "flows", "gateway", "health", "help", "hooks", "init", "jobs", "logs", "mcp", "memory", "message", "models", "node", "nodes", "objectives", "onboard", "onboarding"],
  ...["pairing", "patch", "plugins", "policy", "profile", "protocol", "reset", "routines", "sandbox", "secrets", "security", "sessions", "setup", "skills", "support-bundle", "system", "tui"],
  ...["uninstall", "update", "version", "webhooks", "workers"],
];

/** A snapshot's file for a command: `onboarding wizard` → `onboarding-wizard-help.txt`. */
const snapshot = (command: string): string => `${command.replaceAll(" ", "-")}-help.txt`;

/** `group` as sh text: file of the page, of the page of which it is another name, the command, its subcommands. */
function groupCall({ command, alias, subcommands }: HelpGroup): string {
  const below = subcommands === "not stated" ? "any" : subcommands && (subcommands.join(" ") || "none");
  return `group ${[snapshot(command), alias ? snapshot(alias) : "", command, below ?? ""].map((word) => `'${word}'`).join(" ")}`;
}

/**
 * A page's command is in its usage line, since its file's name alone does not tell a blank from a hyphen. An alias's page names
 * the command that it is another name of; then the file begins with the alias, and goes on as the usage line does.
 */
const wordsOfPage = [
  "words_of() {",
  '  name=${1%-help.txt} words=; set -f; set -- ${2#Usage: palyra}; set +f',
  '  for word; do case $word in [a-z]*) words="$words${words:+ }$word" ;; *) break ;; esac; done',
  '  case $words in *" "*) rest=${words#* } ;; *) rest= ;; esac',
  `  for first in "\${words%% *}" ${commands.join(" ")}; do`,
  '    joined=$first; for word in $rest; do joined=$joined-$word; done',
  '    [ "$joined" != "$name" ] || { words="$first${rest:+ }$rest"; return; }',
  "  done",
  "  words=; return 1",
  "}",
];

/** Asks for every page, and prints each that is not as it should be. Blanks at the ends of lines do not count. */
export function helpCheck(at: Places): Check {
  return {
    name: "help-pages",
    login: true,
    within: 90,
    run: [
      `snapshots=${at.root}/current/docs/help_snapshots`,
      "looked=0; odd=0; seen=' '",
      'odd() { odd=$((odd + 1)); echo "palyra $*"; }',
      // The first words of what is indented below `Commands:`; more indented is a long description that goes on.
      "listed() { sed -n '/^Commands:/,/^$/s/^  \\([a-z][a-z-]*\\).*/\\1/p' \"$1\"; }",
      // A page into a file of its snapshot's name, so that one process compares all of them. The binary itself is asked: a shim
      // doubles the time of each of some hundred processes, and is asked for the first page.
      `palyra=${at.root}/current/palyra; mkdir pages || exit`,
      "page() {",
      '  file=$1 asked=$2; looked=$((looked + 1)); seen="$seen$file "',
      '  "$palyra" $asked --help >"pages/$file" 2>got-errors </dev/null && echo "$file $asked" >>asked || { odd "$asked${asked:+ }--help: exit code $?"; rm -f "pages/$file"; return 1; }',
      "}",
      ...wordsOfPage,
      '(cd "$snapshots" && grep -Hm 1 "^Usage: palyra" -- *-help.txt) >usages',
      "while IFS=: read -r file usage; do",
      '  words_of "$file" "$usage" && page "$file" "$words"',
      "done <usages",
      // Snapshots of the first page are kept by system, since names of programs differ.
      'for file in "$snapshots"/*; do',
      '  [ -e "$file" ] || continue; case "$seen" in *" ${file##*/} "*) continue ;; esac',
      '  case ${file##*/} in root-help-unix.txt) page root-help-unix.txt "" ;; root-help-windows.txt) ;; *) odd "has the page ${file##*/}, and nobody knows of which command" ;; esac',
      "done",
      // Both sides of a page: its first line that differs is said.
      'diff -rZ "$snapshots" pages >differences; file=',
      "while IFS= read -r line; do",
      '  case $line in "diff "*) file=${line##*/}; continue ;; [\\<\\>]*) [ -n "$file" ] || continue ;; *) continue ;; esac',
      '  asked=$(sed -n "s/^$file //p" asked); odd "$asked${asked:+ }--help differs from the packaged page: $line"; file=',
      "done <differences",
      "group() {",
      '  case "$seen" in *" $1 "*) return ;; esac',
      '  page "$1" "$3" || return; got=pages/$1',
      '  if [ -n "$2" ] && [ -e "$snapshots/$2" ]; then',
      '    diff -Z "$snapshots/$2" "$got" >difference || odd "$3 --help differs from the packaged page $2: $(sed -n \'/^[<>]/{p;q}\' difference)"',
      '  elif [ -z "$4" ]; then odd "$3 --help: the release has no page of it, and it is not described"',
      "  else",
      '    grep -qE "^Usage: palyra $3( |\\$)" "$got" || odd "$3 --help has no usage line"',
      '    found=$(listed "$got" | grep -vx help | LC_ALL=C sort | tr "\\n" " ")',
      '    [ "$4" = any ] || [ "${found:-none }" = "$4 " ] || odd "$3 has other subcommands: ${found:-none}"',
      "  fi",
      "}",
      ...helpGroups.map(groupCall),
      "palyra --help >root || exit",
      "known=0",
      "for name in $(listed root); do",
      `  case ' ${commands.join(" ")} ' in *" $name "*) known=$((known + 1)) ;; *) odd "--help lists $name, which nobody knows"; continue ;; esac`,
      '  case "$seen" in *" $name-help.txt "*) ;; *) [ "$name" = help ] || odd "$name --help: the release has no page of it, and it is not described" ;; esac',
      "done",
      // How many there are is the release's own matter; none at all means that the list could not be read.
      '[ $known -ge 20 ] || odd "--help lists only $known commands"',
      'echo "$looked pages, $odd not as expected"',
    ].join("\n"),
    expect: { stdout: { matches: "^[1-9][0-9]+ pages, 0 not as expected$" } },
  };
}
