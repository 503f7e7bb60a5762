/** The recipe's commands: thin, since the installer beside them does the work. They add what the installer must not know: the archive's digest. */
import { shellWord } from "../installer/index.ts";
import { lookForNeeds, type Needs } from "./needs.ts";
import { recipeName } from "./packaged.ts";

/** What the commands are about. */
export interface Pinned {
  /** archive name without `.zip` */
  base: string;
  /** SHA-256 of the archive */
  digest: string;
  /** `<root>/current` on the machine: there when a release is installed */
  current: string;
  /** the release's folder name on the machine, as an unfinished run notes it */
  release: string;
  platform: string;
  /** nothing is looked for when they are not known */
  needs?: Needs | undefined;
}

/**
 * What the commands share: where the recipe lies, and whether it is still as it was published: every file that checksums.txt
 * lists, and no other but the archive and what is published under its name, as it lies in a folder of downloads. This guards
 * against accident; who alters the recipe can alter checksums.txt as well.
 */
function beginning(what: string, { base }: Pinned): string[] {
  const published = `./${base}`.replaceAll(/[[\]?*\\]/g, "\\$&");
  return [
    "#!/bin/sh",
    `# ${what}`,
    "set -eu",
    'case $0 in */*) here=$(CDPATH="" cd -- "${0%/*}" && pwd) ;; *) here=$(pwd) ;; esac',
    "as_published() {",
    '  cd -- "$here" && sha256sum --check --quiet --strict checksums.txt || return 1',
    "  # What is listed is there twice at least.",
    `  unlisted=$({ cut -c 67- checksums.txt; cut -c 67- checksums.txt; find . ! -type d ! -path ./checksums.txt ! '(' -path ${shellWord(`${published}.*`)} ! -path ${shellWord(`${published}.*/*`)} ')' | cut -c 3-; } | LC_ALL=C sort | LC_ALL=C uniq -u)`,
    '  [ -z "$unlisted" ] || {',
    `    printf '%s\\n' "$unlisted" | sed 's/$/ is not listed in checksums.txt/'`,
    "    return 1",
    "  }",
    "}",
    "(as_published) >&2 || {",
    `  echo "\${0##*/}: the recipe in $here is not as it was published (see above); unpack it again, into a folder of its own. Your own settings belong on the machine: README.md says where." >&2`,
    "  exit 4",
    "}",
  ];
}

/** What `--help` prints: the command's own, not that of the installer beside it. */
interface Help {
  /** after the command's name */
  usage: string;
  lines: readonly string[];
}

/** Answers `--help`, and has a function `wrong` for everything that is not understood. */
function help({ usage, lines }: Help): string[] {
  return [
    "usage() {",
    "  cat <<END",
    `usage: \${0##*/} ${usage}`,
    "",
    ...lines,
    "",
    "Results are key=value lines; the exit codes are those of 'sh install.sh --help'.",
    "END",
    "}",
    "wrong() {",
    "  usage >&2",
    "  exit 2",
    "}",
    "for word; do case $word in --help | -h) usage; exit 0 ;; esac; done",
  ];
}

/** Options of the installer that whoever deploys may give: where things go, and how long it waits. */
const placing = ["--install-root", "--state-root", "--config", "--command-root", "--signature", "--signer", "--wait"];

/** Finds the archive, looks whether the machine has what its programs need, and becomes the installer. */
function install({ base, digest, needs, platform }: Pinned, before: string[] = []): string[] {
  return [
    `name=${shellWord(`${base}.zip`)}`,
    `digest=${shellWord(digest)}`,
    "archive=",
    ...(before.length > 0 ? ["at="] : []),
    "# Every word is taken from the front; what the installer is to have is put behind the last.",
    "left=$#",
    'while [ "$left" -gt 0 ]; do',
    "  word=$1",
    "  shift",
    "  left=$((left - 1))",
    "  case $word in",
    `    ${placing.join(" | ")})`,
    '      [ "$left" -gt 0 ] || wrong',
    ...(before.length > 0 ? ['      [ "$word" != --install-root ] || at=$1'] : []),
    '      set -- "$@" "$word" "$1"',
    "      shift",
    "      left=$((left - 1))",
    "      ;;",
    '    --no-persist-path) set -- "$@" "$word" ;;',
    "    -*)",
    '      echo "${0##*/}: $word is not understood here; it takes an archive with ./ before a name that starts with a dash" >&2',
    "      wrong",
    "      ;;",
    "    *)",
    '      [ -z "$archive" ] || wrong',
    "      archive=$word",
    "      ;;",
    "  esac",
    "done",
    ...before,
    'for place in "$here/$name" "$here/../$name" "$PWD/$name"; do',
    '  [ -n "$archive" ] || [ ! -f "$place" ] || archive=$place',
    "done",
    '[ -n "$archive" ] || {',
    '  echo "${0##*/}: $name is neither in $here, nor beside it, nor in $PWD; put it there or name it: ${0##*/} ARCHIVE" >&2',
    "  exit 4",
    "}",
    ...(needs ? lookForNeeds(needs, platform, base) : []),
    'exec sh "$here/install.sh" install --archive "$archive" --sha256 "$digest" "$@"',
    "",
  ];
}

/** What `deploy` and `upgrade` say of what may be given to them. */
const installing = [
  "ARCHIVE is looked for in this folder, beside it and where you are, when it is not named. OPTIONS are the installer's:",
  "  --install-root DIR, --state-root DIR, --config FILE, --command-root DIR   where things go, at the first time",
  "  --no-persist-path, --wait SECONDS, --signature FILE, --signer FILE        as in 'sh install.sh --help'",
];

/**
 * Refuses where another release is deployed: the installer would take back or remove whatever is there, with its data. What is
 * damaged, or not known, passes; and so does what a run with this release left unfinished, for only that can be finished.
 */
function ownRelease({ base, digest, release, platform }: Pinned): string[] {
  return [
    "at=",
    "before=",
    "for word; do",
    '  [ "$before" != --install-root ] || at=$word',
    "  before=$word",
    "done",
    'answer=$(sh "$here/install.sh" status ${at:+--install-root "$at"} 2>/dev/null) || :',
    `said() { printf '%s\\n' "$answer" | sed -n "s/^$1=//p"; }`,
    "deployed=$(said sha256)",
    `if [ -n "$deployed" ] && [ "$deployed" != ${shellWord(digest)} ] && ! grep -Fqx -e ${shellWord(`from=${release}`)} -e ${shellWord(`to=${release}`)} "$(said install_root)/transition" 2>/dev/null; then`,
    `  other=$(said product)-$(said kind)-$(said version)-${shellWord(platform)}`,
    `  echo "\${0##*/}: what is deployed here is $other with SHA-256 $deployed, not "${shellWord(base)}"; nothing was changed, and the recipe to use is that of the other one, ${recipeName("$other")}." >&2`,
    "  exit 7",
    "fi",
  ];
}

/** Becomes the installer with a command that takes the arguments as they are. */
const passOn = (what: string, own: Help, command: string, pinned: Pinned): string =>
  [
    ...beginning(what, pinned),
    ...help(own),
    ...ownRelease(pinned),
    `exec sh "$here/install.sh" ${command} "$@"`,
    "",
  ].join("\n");

/** `deploy [ARCHIVE] [OPTIONS]`: installs the one archive that this recipe was made for. */
export function deployScript(pinned: Pinned): string {
  const what = `Deploys ${pinned.base} on this machine, or finds that it is deployed.`;
  return [
    ...beginning(`${what} Usage: deploy [ARCHIVE] [OPTIONS]`, pinned),
    ...help({ usage: "[ARCHIVE] [OPTIONS]", lines: [what, ...installing] }),
    ...install(pinned),
  ].join("\n");
}

/** `upgrade [ARCHIVE] [OPTIONS]`: the same, for a machine that has an earlier release; refuses (exit code 7) where nothing is installed. */
export function upgradeScript(pinned: Pinned): string {
  const installed = [
    `installed=${shellWord(pinned.current)}`,
    '[ -z "$at" ] || installed=$at/current',
    '[ -L "$installed" ] || {',
    `  echo "\${0##*/}: nothing is installed here to be upgraded; run deploy." >&2`,
    "  exit 7",
    "}",
  ];
  const what = `Upgrades what is deployed on this machine to ${pinned.base}.`;
  return [
    ...beginning(`${what} Usage: upgrade [ARCHIVE] [OPTIONS]`, pinned),
    ...help({ usage: "[ARCHIVE] [OPTIONS]", lines: [what, ...installing] }),
    ...install(pinned, installed),
  ].join("\n");
}

/** `rollback [--wait SECONDS] [--install-root DIR]`: the release before this one, with its state and configuration; refuses (exit code 7) where another one is deployed. */
export function rollbackScript(pinned: Pinned): string {
  const what = `Takes ${pinned.base} back: the release before it is put in its place.`;
  const usage = "[--wait SECONDS] [--install-root DIR]";
  return passOn(
    `${what} Usage: rollback ${usage}`,
    { usage, lines: [what, "What was written since the upgrade is kept aside, in the folder named as kept_aside."] },
    "rollback",
    pinned,
  );
}

/** `status [--install-root DIR]`: exit code 0 when this release is deployed, whole and healthy; the installer alone would be content with another one. */
export function statusScript(pinned: Pinned): string {
  const { base, digest } = pinned;
  const what = `Says whether ${base} is deployed here, whole and healthy.`;
  const usage = "[--install-root DIR]";
  return [
    ...beginning(`${what} Usage: status ${usage}`, pinned),
    ...help({ usage, lines: [what, "Changes nothing."] }),
    "case $#:${1-} in 0: | 2:--install-root) ;; *) wrong ;; esac",
    "code=0",
    'answer=$(sh "$here/install.sh" status "$@") || code=$?',
    "# What reads this may have ended; what is found does not depend on it.",
    "trap '' PIPE",
    "printf '%s\\n' \"$answer\" 2>/dev/null || :",
    '[ "$code" = 0 ] || exit "$code"',
    `case $answer in *${shellWord(`sha256=${digest}`)}*) ;; *)`,
    `  echo "\${0##*/}: what is deployed here is another release (above), not "${shellWord(base)}"; ask the recipe of that one." >&2`,
    "  exit 7",
    "  ;;",
    "esac",
    "",
  ].join("\n");
}

/** `remove [--remove-state] [--install-root DIR]`; refuses (exit code 7) where another release is deployed. */
export function removeScript(pinned: Pinned): string {
  const what = `Removes ${pinned.base}; keeps its state unless told otherwise.`;
  const usage = "[--remove-state] [--install-root DIR]";
  const lines = [
    what,
    "--remove-state takes state, configuration and drop-ins along; what is kept is printed as kept=.",
  ];
  return passOn(`${what} Usage: remove ${usage}`, { usage, lines }, "uninstall", pinned);
}
