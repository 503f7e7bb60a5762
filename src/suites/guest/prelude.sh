# Shell functions that every check has, since a minimal machine has no curl: read before the check's own text.
#   $greenlight           folder on the machine that outlives the check; checks leave notes below $greenlight/notes
#   http_get URL          prints the body of an http:// URL; exit code 7 no connection, 22 status >= 400, 28 no answer in 10 s
#   http_wait URL SECONDS tries that until it succeeds and prints the body, or gives the last exit code
#   step ID COMMAND…      runs one of a check's steps; its input is in ID.in, its outputs and its exit code come to lie beside that
step() {
  step_id=$1
  shift
  step_from=/dev/null
  [ ! -e "$step_id.in" ] || step_from=$step_id.in
  "$@" <"$step_from" >"$step_id.out" 2>"$step_id.err"
  echo $? >"$step_id.exit"
}
# HTTP/1.0, so that no server answers in chunks. bash is on every Debian (it is essential) and opens sockets itself.
http_get() {
  bash -c '
    [[ $1 =~ ^http://([^/:]+)(:([0-9]+))?(/.*)?$ ]] || { echo "http_get: not an http URL: $1" >&2; exit 3; }
    host=${BASH_REMATCH[1]} port=${BASH_REMATCH[3]:-80} path=${BASH_REMATCH[4]:-/}
    { exec 3<>"/dev/tcp/$host/$port"; } 2>/dev/null || { echo "http_get: nobody listens on $host:$port" >&2; exit 7; }
    printf "GET %s HTTP/1.0\r\nHost: %s:%s\r\nConnection: close\r\n\r\n" "$path" "$host" "$port" >&3
    IFS= read -r -t 10 status <&3 || { echo "http_get: no answer from $1" >&2; exit 28; }
    while IFS= read -r -t 10 line <&3 && ! [[ $line =~ ^[[:cntrl:]]?$ ]]; do :; done
    IFS= read -r -t 10 -d "" body <&3
    [[ $? -le 128 ]] || { echo "http_get: the answer from $1 does not end" >&2; exit 28; }
    [[ $status =~ ^HTTP/[0-9.]+" "[123] ]] || { printf "http_get: %s\n%s\n" "$status" "$body" >&2; exit 22; }
    printf "%s" "$body"
  ' http_get "$1"
}
http_wait() {
  read -r http_until _ </proc/uptime
  http_until=$((${http_until%.*} + $2))
  while :; do
    http_get "$1" 2>/dev/null && return 0
    http_code=$?
    read -r http_now _ </proc/uptime
    [ "${http_now%.*}" -lt "$http_until" ] || {
      echo "http_wait: no good answer from $1 within $2 s" >&2
      return "$http_code"
    }
    sleep 0.3
  done
}
