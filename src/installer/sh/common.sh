# What all commands share. The values above this line are the release's own; nothing below knows a product.
set -eu
umask 022
LC_ALL=C
caller_path=${PATH-}
PATH=$caller_path:/usr/sbin:/sbin
export LC_ALL PATH
program=${0##*/}
home=${home%/}
changed=no
root_made=no
nl='
'

say() { printf '%s: %s\n' "$program" "$*" >&2; }

# die CODE SENTENCE
die() {
  die_code=$1
  shift
  say "$*"
  exit "$die_code"
}

print() { printf '%s=%s\n' "$1" "$2"; }

has() { command -v "$1" >/dev/null 2>&1; }

# inside PATH FOLDER: whether the path is the folder or lies below it
inside() {
  case $1/ in "$2"/*) return 0 ;; esac
  return 1
}

# each_line COMMAND LINES: the command with each line that is not empty
each_line() {
  # In the function's own parameters, so that one can be called from another.
  set -- "$1" "$2$nl"
  while [ -n "$2" ]; do
    case $2 in "$nl"*) ;; *) "$1" "${2%%"$nl"*}" ;; esac
    set -- "$1" "${2#*"$nl"}"
  done
}

digest_of() { sha256sum <"$1" | cut -c 1-64; }

# One installer at a time: the lock is on the folder itself, so that nothing is left behind.
lock_root() {
  has flock || return 0
  exec 9<"$root"
  flock -w 60 9 || die 3 "another installer has been busy in $root for a minute; let it finish, then try again."
}

# Whether a release folder holds exactly what its checksums say.
intact() { (cd -- "$1" 2>/dev/null && [ -f checksums.txt ] && sha256sum --check --quiet --strict checksums.txt >/dev/null 2>&1); }
