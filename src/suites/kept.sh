# Looks at what an installation keeps. Each look is a folder below $kept; what they hold is judged on the host (kept.ts).
umask 077
kept=$greenlight/notes/kept
# look FOLDER: the looks that follow go there
look() { look=$kept/$1; rm -rf "$look"; mkdir -p "$look"; }
# look_bytes NUMBER FILE: its digest alone, for it may be a key
look_bytes() { if [ -f "$2" ]; then sum=$(sha256sum <"$2"); echo "${sum%% *}"; fi >"$look/$1.bytes"; }
# look_sealed NUMBER PLACE: each file, with whose it is and its mode
look_sealed() { find "$2" -type f -printf '%U:%G %m %p\n' 2>/dev/null | LC_ALL=C sort >"$look/$1.sealed"; }
moment() { stat -c '%n %i %s %.9Y' "$1" "$1-wal" 2>/dev/null; }
# look_records NUMBER FILE: a copy, with its write-ahead log if there is one, both of one moment
look_records() {
  tries=0
  while :; do
    found=$(moment "$2")
    rm -f "$look/$1.database" "$look/$1.log"
    [ ! -f "$2" ] || cp "$2" "$look/$1.database"
    [ ! -f "$2-wal" ] || cp "$2-wal" "$look/$1.log"
    [ "$found" != "$(moment "$2")" ] || break
    tries=$((tries + 1))
    [ $tries -lt 40 ] || { echo "$2 is written to without a pause" >&2; exit 1; }
    sleep 0.2
  done
}
# hear FILE ADDRESS PORT GREETING: what is sent to a client that says so, until nothing more comes without an answer
hear() {
  bash -c 'exec 3<>"/dev/tcp/$0/$1" && printf %s "$2" | base64 -d >&3 && exec timeout 20 cat <&3' "$2" "$3" "$4" >"$1" 2>/dev/null & client=$!
  size=0 tries=0
  while [ $tries -lt 40 ] && kill -0 $client 2>/dev/null; do
    sleep 0.4
    tries=$((tries + 1))
    came=$(stat -c %s "$1")
    [ "$came" -eq 0 ] || [ "$came" -ne $size ] || break
    size=$came
  done
  kill $client 2>/dev/null
  wait $client
}
# look_presented NUMBER ADDRESS PORT GREETING: a service may be healthy before it answers there
look_presented() {
  for again in 1 2 3 4 5; do
    hear "$look/$1.presented" "$2" "$3" "$4"
    [ ! -s "$look/$1.presented" ] || break
    sleep 1
  done
}
# bring FOLDER…: all that the looks have, packed
bring() {
  for label; do
    [ -d "$kept/$label" ] || { echo "nothing was noted before: there is no look '$label'" >&2; exit 1; }
    for file in "$kept/$label"/*; do
      [ -f "$file" ] || continue
      printf '%s %s %s\n' "$label" "${file##*/}" "$(stat -c %s "$file")"
      cat "$file"
    done
  done >"$kept/brought"
  gzip -1 -n <"$kept/brought"
  rm -f "$kept/brought"
}
