# Looks at what an installation keeps. Its arguments are what to do, one after the other:
#   look FOLDER                    what is looked at from here on goes there
#   bytes FILE NUMBER              its digest alone, for it may be a key
#   sealed PLACE NUMBER            each file, with whose it is and its mode
#   records FILE NUMBER            a copy with its write-ahead log, compressed: some 6 MiB, looked at nine times in a phase that holds 16
#   presented ADDRESS PORT NUMBER  the certificates that whoever listens there shows to a client
#   restart UNIT URL               until it answers
set -u
. "${greenlight:?}/prelude.sh"
umask 077

moment() { stat -c '%n %i %s %.9Y' "$1" "$1-wal" 2>/dev/null; }

# FILE NUMBER: both files are of one moment.
copy() {
  tries=0
  while :; do
    found=$(moment "$1")
    for part in database log; do
      file=$1
      [ $part = database ] || file=$1-wal
      : >"$look/$2.$part"
      [ ! -f "$file" ] || cp "$file" "$look/$2.$part"
    done
    [ "$found" != "$(moment "$1")" ] || break
    tries=$((tries + 1))
    [ "$tries" -lt 40 ] || {
      echo "$1 is written to without a pause" >&2
      exit 1
    }
    sleep 0.2
  done
  gzip -1 -n "$look/$2.database" "$look/$2.log" || exit
}

# ADDRESS PORT NUMBER: a service may be healthy before it answers there. What else a client knows of its session stays here.
hear() {
  for _ in 1 2 3 4 5; do
    timeout 20 openssl s_client -host "$1" -port "$2" -servername localhost -alpn h2,http/1.1 -showcerts -prexit \
      </dev/null >said 2>&1
    case $? in 124 | 126 | 127) exit 2 ;; esac
    ! grep -q '^CONNECTED' said || break
    sleep 1
  done
  sed -n '/^-----BEGIN CERTIFICATE-----$/,/^-----END CERTIFICATE-----$/p' said >"$look/$3.presented"
  rm said
}

while [ $# -gt 0 ]; do
  what=$1
  shift
  case $what in
    look) mkdir "$1" && look=$1 ;;
    bytes) if [ -f "$1" ]; then sha256sum <"$1"; fi >"$look/$2.bytes" ;;
    sealed) find "$1" -type f -printf '%U:%G %m %p\n' 2>/dev/null | LC_ALL=C sort >"$look/$2.sealed" ;;
    records) copy "$1" "$2" ;;
    presented) hear "$1" "$2" "$3" ;;
    restart) systemctl restart "$1" && http_wait "$2" 60 >/dev/null || exit ;;
    *) exit 2 ;;
  esac
  case $what in
    look) shift ;;
    presented) shift 3 ;;
    *) shift 2 ;;
  esac
done
