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

# http_ok HOST PORT PATH MEMBER…: whether the address answers with 2xx and JSON that has these members, "name":value. The machine may have
# none of the usual clients, and no reader of JSON.
http_ok() {
  case $1 in *:*) http_url=http://[$1]:$2$3 ;; *) http_url=http://$1:$2$3 ;; esac
  if has curl; then
    http_body=$(curl -fs --noproxy '*' --max-time 5 --max-filesize 1048576 "$http_url") || return 1
  elif has bash && has timeout; then
    # shellcheck disable=SC2016 # bash expands these, not this shell
    http_body=$(timeout 5 bash -c 'exec 3<>"/dev/tcp/$0/$1" && printf "GET %s HTTP/1.0\r\nHost: localhost\r\n\r\n" "$2" >&3 && IFS= read -r line <&3 && [[ $line == HTTP/1.?\ 2* ]] && head -c 1048576 <&3' "$1" "$2" "$3" 2>/dev/null) || return 1
  else
    http_body=$(wget -q --no-proxy -T 5 -O - "$http_url") || return 1
  fi
  shift 3
  [ $# -gt 0 ] || return 0
  http_body=$(printf '%s' "$http_body" | tr -d ' \t\r\n')
  for http_member; do case $http_body in *"$http_member,"* | *"$http_member}"*) ;; *) return 1 ;; esac done
}
