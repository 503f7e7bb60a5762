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

# What is printed decides nothing: whoever reads it may be gone, the disk that it goes to full, the descriptor closed.
trap '' PIPE
(: 3>&2) || exec 2>/dev/null
(: 3>&1) 2>/dev/null || exec >/dev/null
say() { printf '%s: %s\n' "$program" "$*" >&2 2>/dev/null || :; }
print() { printf '%s=%s\n' "$1" "$2" 2>/dev/null || :; }

# end CODE: every way out with a code of ours; what another program ended with is none of them
ended=no
end() {
  ended=yes
  exit "$1"
}

# die CODE SENTENCE
die() {
  die_code=$1
  shift
  say "$*"
  end "$die_code"
}

# settle_code CODE: in $end_code, what this script ends with when it was going to end with that
settle_code() {
  stop_ticker
  end_code=$1
  if [ "$ended" = yes ] || [ "$1" = 0 ]; then return 0; fi
  end_code=1
  say "a command failed, for the reason above."
}
leave() {
  settle_code $?
  trap - EXIT
  exit "$end_code"
}
trap leave EXIT

# telling COMMAND…: another program's words are said by this one, for it could fail over its own; 0 when it did what it should
telling() {
  telling_code=0
  telling_words=$("$@" 2>&1) || telling_code=$?
  each_line say "$telling_words"
  return "$telling_code"
}

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
  if flock -n 9; then return 0; fi
  say "another installer is busy in $root; this one waits for it, for a minute at most."
  flock -w 60 9 || die 3 "another installer has been busy in $root for a minute; let it finish, then try again."
}

# Whether a release folder holds exactly what its checksums say.
intact() { (cd -- "$1" 2>/dev/null && [ -f checksums.txt ] && sha256sum --check --quiet --strict checksums.txt >/dev/null 2>&1); }
