# Shell functions that every check has, since a minimal machine has no curl: read before the check's own text.
#   $greenlight           folder on the machine that outlives the check; checks leave notes below $greenlight/notes
#   http_get URL          prints the body of an http:// URL; exit code 7 no connection, 22 status >= 400, 28 no answer in 10 s
#   http_wait URL SECONDS tries that until it succeeds and prints the body, or gives the last exit code
#   json_paths            reads JSON and prints each value of it on a line, path=value: gates.0.status="manual"; fails when it is not JSON
#   report COMMAND…       runs what prints JSON; its values are then in $flat, as json_paths has them. It fails, and says why on standard
#                         output, when the command does or prints something else; `read_report FILE` does the same with a file
#   fact PATH             puts one of them into $fact, without its quotes, `(none)` when it is not there
#   facts PATH…           prints several on one line
#   rows PATH FIELD…      prints a line for each item of a list with its fields, `(none)` for one that is not there; `.` is the item itself
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
# A machine has no JSON reader; awk is on every Debian (base-files needs it). `want` is what may come next: a value (or the
# end of an empty list), a key (or the end of an empty object), a colon, the next item, nothing more.
json_paths() {
  awk '
    function at(  p, i) { p = ""; for (i = 1; i <= d; i++) p = p (i > 1 ? "." : "") k[i]; return p }
    function say(v) { if (d) print at() "=" v; else print v; want = d ? "next" : "end" }
    function bad() { broken = 1; exit 1 }
    BEGIN { want = "value" }
    {
      s = $0
      while (s != "") {
        c = substr(s, 1, 1)
        if (match(s, /^[ \t\r]+/)) { }
        else if (match(s, /^"([^"\\]|\\.)*"/)) {
          t = substr(s, 1, RLENGTH)
          if (want ~ /key/) { k[d] = substr(t, 2, length(t) - 2); want = "colon" }
          else if (want ~ /value/) say(t)
          else bad()
        }
        else if (want ~ /value/ && match(s, /^(true|false|null|-?[0-9][0-9.eE+-]*)/)) say(substr(s, 1, RLENGTH))
        else {
          RLENGTH = 1
          if (want ~ /value/ && c == "{") { o[++d] = c; k[d] = ""; want = "key or end" }
          else if (want ~ /value/ && c == "[") { o[++d] = c; k[d] = 0; want = "value or end" }
          else if (want == "colon" && c == ":") want = "value"
          else if (want == "next" && c == ",") { if (o[d] == "[") k[d]++; want = o[d] == "[" ? "value" : "key" }
          else if (want ~ /next|end/ && d && c == (o[d] == "[" ? "]" : "}")) { d--; if (want == "next") want = d ? "next" : "end"; else say(o[d + 1] c) }
          else bad()
        }
        s = substr(s, RLENGTH + 1)
      }
    }
    END { exit(broken || want != "end") }
  '
}
nl='
'
read_report() {
  flat=$nl$(json_paths <"$1")$nl || {
    echo "$1 is not JSON: $(head -c 200 "$1")"
    flat=$nl
    return 1
  }
}
report() {
  "$@" >report 2>report-errors || {
    echo "exit code $? of $*: $(tail -n 1 report-errors)"
    flat=$nl
    return 1
  }
  read_report report
}
# Line by line: cutting a long text by a pattern takes dash the square of its length.
fact() {
  fact='(none)' IFS=$nl
  set -f
  for line in $flat; do case $line in "$1="*)
    fact=${line#*=}
    fact=${fact#\"}
    fact=${fact%\"}
    break
    ;;
  esac done
  unset IFS
  set +f
}
facts() {
  said=
  for path; do
    fact "$path"
    said="$said${said:+ }$fact"
  done
  echo "$said"
}
# One awk for a whole list: its length must not depend on any field, and a search for each would take longer than all commands.
rows() {
  rows_of=$1
  shift
  printf '%s' "$flat" | awk -v list="$rows_of." -v fields="$*" '
    BEGIN { n = split(fields, want, " ") }
    index($0, list) == 1 {
      path = substr($0, length(list) + 1); at = index(path, "=")
      value = substr(path, at + 1); path = substr(path, 1, at - 1)
      if (value ~ /^".*"$/) value = substr(value, 2, length(value) - 2)
      item = path; sub(/[.].*/, "", item); field = item == path ? "." : substr(path, length(item) + 2)
      seen[item] = 1; told[item, field] = value
    }
    END {
      for (i = 0; i in seen; i++) {
        line = ""
        for (f = 1; f <= n; f++) line = line (f > 1 ? " " : "") (((i, want[f]) in told) ? told[i, want[f]] : "(none)")
        print line
      }
    }
  '
}
