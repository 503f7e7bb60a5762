/** The recipe's commands: thin, since the installer beside them does the work. They add what the installer must not know: the archive's digest. */
import { shellWord } from "../installer/index.ts";

/** What the commands share: where the recipe lies, and whether it is still as it was published. */
function beginning(what: string): string[] {
  return [
    "#!/bin/sh",
    `# ${what}`,
    "set -eu",
    'case $0 in */*) here=$(CDPATH="" cd -- "${0%/*}" && pwd) ;; *) here=$(pwd) ;; esac',
    '(cd -- "$here" && sha256sum --check --quiet --strict checksums.txt) >&2 || {',
    `  echo "\${0##*/}: the recipe in $here is not as it was published (see above); unpack it again. Your own settings belong on the machine: README.md says where." >&2`,
    "  exit 4",
    "}",
  ];
}

/** `deploy [ARCHIVE]`: installs the one archive that this recipe was made for. */
export function deployScript(base: string, digest: string): string {
  return [
    ...beginning(`Deploys ${base} on this machine, or finds that it is deployed. Usage: deploy [ARCHIVE]`),
    `name=${shellWord(`${base}.zip`)}`,
    `digest=${shellWord(digest)}`,
    "[ $# -le 1 ] || {",
    '  echo "usage: ${0##*/} [ARCHIVE]" >&2',
    "  exit 2",
    "}",
    "archive=${1-}",
    'for place in "$here/$name" "$here/../$name" "$PWD/$name"; do',
    '  [ -n "$archive" ] || [ ! -f "$place" ] || archive=$place',
    "done",
    '[ -n "$archive" ] || {',
    '  echo "${0##*/}: $name is neither in $here, nor beside it, nor in $PWD; put it there or name it: ${0##*/} ARCHIVE" >&2',
    "  exit 4",
    "}",
    'exec sh "$here/install.sh" install --archive "$archive" --sha256 "$digest"',
    "",
  ].join("\n");
}

/** `status`: exit code 0 when this release is deployed, whole and healthy. */
export function statusScript(base: string): string {
  return [...beginning(`Says whether ${base} is deployed here, whole and healthy. Usage: status`), 'exec sh "$here/install.sh" status "$@"', ""].join("\n");
}

/** `remove [--remove-state]`. */
export function removeScript(base: string): string {
  return [...beginning(`Removes ${base}; keeps its state unless told otherwise. Usage: remove [--remove-state]`), 'exec sh "$here/install.sh" uninstall "$@"', ""].join("\n");
}
