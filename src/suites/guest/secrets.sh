# Looks for secrets where they do not belong. It learns them on this machine, from where they do belong, and says only whose
# secret lies where: none leaves the machine by it. Its first argument is what it does, and the others are for that:
#   known NAME WHERE PRINTS…  learns what sh text prints, where sh text says that there is any
#   journal                   looks at everything that was logged, over all boots, with the fields that are not shown
#   processes UNIT…           at command lines, environments, and what everybody may ask of units
#   readable-files PLACE…     at files that everybody may read and that were made or changed since the first suite began
#   printed FOLDER…           at what checks and the installer printed and logged, and at what checks bring back
set -u
umask 077
# It belongs to nobody, who is the stranger that looks.
learned=${greenlight:?}/notes/secrets
values=$learned/values names=$learned/names
# No secret, but learned with them and left in every kind of place: a search that does not find it does not work, and then its
# silence says nothing. It lies in this text, which everybody may read.
canary=greenlight-canary-5d1c8b2e97

# NAME: reads secrets, one a line, of which shorter ones would be found everywhere.
learn() {
  count=0
  while read -r value || [ -n "$value" ]; do
    [ ${#value} -ge 12 ] || continue
    count=$((count + 1))
    printf '%s\n' "$value" >>"$values"
    echo "$1" >>"$names"
  done
  echo "$1: $count"
}

# As one who may read only what everybody may.
stranger() { setpriv --reuid=nobody --regid=nogroup --clear-groups "$@"; }

# FILE PLACE: a line for each secret that is in the file.
whose() {
  exec 3<"$names" 4<"$values"
  while IFS= read -r name <&3 && IFS= read -r value <&4; do
    # Never as an argument: the command line of a process can be read by all.
    printf '%s\n' "$value" | grep -qsaF -f - "$1" && echo "$2: $name"
  done
}

# Files with secrets in them, of those whose names it reads.
holding() { xargs -r -d '\n' grep -lsaF -f "$values" --; }

# COUNT: prints what it reads that is about secrets, when what was left for it was found in as many places.
verdict() {
  found=0 open=
  while IFS= read -r line; do
    case $line in
      *": canary") found=$((found + 1)) ;;
      *) echo "$line" && open=yes ;;
    esac
  done
  [ "$found" -ge "$1" ] || echo "the search does not work: it has not found what was put there for it"
  [ "$found" -lt "$1" ] || [ -n "$open" ] || echo nothing
}

known() {
  rm -rf "$learned"
  mkdir "$learned" || exit 2
  while [ $# -gt 0 ]; do
    if sh -c "$2"; then sh -c "$3" | learn "$1"; else echo "$1: none yet"; fi
    shift 3
  done
  echo "$canary" | tee canary | learn canary
  gzip -n <canary >canary.gz
  echo "$canary" >&2
  logger -t greenlight "$canary"
  chown -R nobody "$learned"
}

journal() {
  journalctl -q --no-pager -a -o export >logged || exit 2
  {
    whose logged 'in the journal'
    # Who said it, without what was said; nobody, when it stands in another field.
    journalctl -q --no-pager -a -o short-iso | grep -aF -f "$values" | grep -vF "$canary" |
      sed -E 's/^[^ ]+ [^ ]+ ([^:[]+).*/said by \1/' | sort -u
  } | verdict 1
}

processes() {
  # It waits by itself: a command that it waited for would outlive it.
  mkfifo hold
  sh -c 'read -r _ <hold' "$canary" &
  put=$!
  for _ in 1 2 3 4 5 6 7 8 9 10; do
    grep -qsaF "$canary" "/proc/$put/cmdline" && break
    sleep 0.1
  done
  {
    stranger grep -lsaF -f "$values" /proc/[0-9]*/cmdline /proc/[0-9]*/environ | while IFS= read -r file; do
      read -r program <"${file%/*}/comm" && whose "$file" "${file##*/} of $program"
    done
    # Settings of a unit, its environment among them, can be asked for by everybody; files of secrets are only named there.
    if [ $# -gt 0 ]; then
      systemctl show "$@" >settings || echo 'the settings of units cannot be asked for'
      whose settings 'settings of units'
    fi
  } >found
  kill "$put"
  # On a busy machine it may take its time to end, and would count as left running.
  wait "$put" || :
  verdict 1 <found
}

# Large files are the archive's own bytes, from before there were secrets.
readable() {
  began=$(stat -c %W "$greenlight/notes") && [ "$began" -gt 0 ] || exit 2
  stranger find "$@" -xdev -path "$learned" -prune -o -type f -size -4096k -newerct "@$began" \
    -exec grep -lsaF -f "$values" {} + 2>/dev/null |
    while IFS= read -r file; do whose "$file" "$file"; done | verdict 1
}

# RUN NUMBER: into $check, the check of that number.
check_of() {
  check="the runner"
  while read -r number suite name _; do [ "$number" != "$2" ] || check=$suite/$name; done <"$1/records"
}

# Names of the files that checks bring back, of every phase.
brought() {
  for run in "$greenlight"/run-*; do
    (cd "$run" && xargs -r -d '\n' sh -c 'find "$@" -type f' sh <bring) 2>/dev/null |
      while IFS= read -r file; do printf '%s/%s\n' "$run" "$file"; done
  done
}

# FILE HELD: whose secrets are in a file that a check brings back; HELD is its content, when that is packed.
whose_brought() {
  path=${1#"$greenlight"/run-*/}
  check_of "${1%"/$path"}" "${path%%/*}"
  whose "$2" "${path#*/} of $check"
}

printed() {
  brought >paths
  {
    for file in "$greenlight"/run-*/*.out "$greenlight"/run-*/*.err "$greenlight"/run-*/log; do echo "$file"; done |
      holding | while IFS= read -r file; do
      stream=${file##*/}
      check_of "${file%/*}" "${stream%%.*}"
      whose "$file" "${stream#*.} of $check"
    done
    grep -v '\.gz$' paths | holding | while IFS= read -r file; do whose_brought "$file" "$file"; done
    grep '\.gz$' paths | while IFS= read -r file; do
      gzip -dc <"$file" >held
      ! grep -qsaF -f "$values" held || whose_brought "$file" held
    done
    find "$@" -maxdepth 1 -type f | holding | while IFS= read -r file; do whose "$file" "$file"; done
  } | verdict 3
}

what=$1
shift
case $what in
  known) known "$@" ;;
  journal) journal ;;
  processes) processes "$@" ;;
  readable-files) readable "$@" ;;
  printed) printed "$@" ;;
  *) exit 2 ;;
esac
