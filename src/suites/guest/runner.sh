# The fixed part of the runner; runner.ts puts the run's own values before it and the checks in place of the line @CHECKS@.
# The values and the checks are not in this file: they assign what seems unassigned, and call what seems never to be called.
# shellcheck disable=SC2154,SC2317
set -u
umask 022
LC_ALL=C.UTF-8 PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root
export LC_ALL PATH HOME
unset SSH_CLIENT SSH_CONNECTION SSH_TTY SSH_AUTH_SOCK MAIL OLDPWD
dir=$home/run-$run
mkdir -p "$home/ok" "$home/notes" || exit 70
chmod 755 "$home"
# The start marker: of two who start this run, one makes the folder.
if ! mkdir "$dir" 2>/dev/null; then
  [ -e "$dir/evidence" ] && exec cat "$dir/evidence"
  echo "greenlight: run $run was started on this machine before and did not end" >&2
  exit 75
fi
exec 2>"$dir/log"

# /proc/uptime counts hundredths of a second and needs no process.
clock() {
  read -r now _ </proc/uptime
  now=${now%.*}${now#*.}
}
clock
started=$now
deadline=$((now + limit * 100))
read -r boot </proc/sys/kernel/random/boot_id

cd "$dir" || exit 70
i=0
folders=
pipes=
while [ $i -lt "$planned" ]; do
  i=$((i + 1))
  folders="$folders $i"
  pipes="$pipes $i.o $i.e"
done
# Words without spaces: one argument each.
# shellcheck disable=SC2086
[ "$planned" -eq 0 ] || { mkdir $folders && mkfifo $pipes; } || exit 70
printf '%s' "$prelude" >"$home/prelude.sh"
: >records
: >bring
mkdir guest

# A control group holds whatever a check starts, also what makes itself a daemon. Without one (not on a machine of ours)
# a mark in the environment finds nearly all of it.
if [ -e "$group/cgroup.procs" ] && mkdir -p "$group/greenlight" && [ -w "$group/greenlight/cgroup.procs" ]; then
  group=$group/greenlight
else
  group=
fi

# number, sh text of a check; number, sh text of a file that checks run; paths that come back
text() { printf '%s\n' "$2" >"$dir/$1.sh"; }
script() { printf '%s\n' "$2" >"$dir/guest/$1.sh"; }
bring() { printf '%s\n' "$@" >>bring; }

# number: kills what a check left running; `rest` is how much that was.
leftovers() {
  rest=0
  tries=0
  if [ -n "$group" ]; then
    # What is ending by itself is not left running.
    while [ "$tries" -lt 10 ] && read -r p <"$group/cgroup.procs"; do
      tries=$((tries + 1))
      sleep 0.1
    done
    tries=0
    while read -r p; do rest=$((rest + 1)); done <"$group/cgroup.procs"
    [ "$rest" -eq 0 ] && return
    [ -e "$group/cgroup.kill" ] && echo 1 >"$group/cgroup.kill"
    while [ "$tries" -lt 100 ] && read -r p <"$group/cgroup.procs"; do
      while read -r p; do kill -KILL "$p"; done <"$group/cgroup.procs"
      tries=$((tries + 1))
      sleep 0.05
    done
    return
  fi
  while [ "$tries" -lt 20 ]; do
    found=$(grep -lszx "GREENLIGHT_CHECK=$run/$1" /proc/[0-9]*/environ)
    [ -z "$found" ] && break
    for f in $found; do
      p=${f#/proc/}
      p=${p%/environ}
      kill -KILL "$p" && [ "$tries" -eq 0 ] && rest=$((rest + 1))
    done
    tries=$((tries + 1))
  done
}

# number, seconds, how, user: becomes the check. Descriptor 4 is the check's standard error.
enter() {
  cd "$dir/$1" || exit 125
  if [ -n "$group" ]; then echo 0 >"$group/cgroup.procs" || exit 125; fi
  if [ "$3" = plain ]; then
    GREENLIGHT_CHECK=$run/$1 exec timeout -s KILL "$2" sh "$dir/$1.sh" 2>&4 4>&-
  fi
  shell=
  while IFS=: read -r name _ _ gid _ _ s; do
    [ "$name" = "$4" ] && {
      shell=${s:-/bin/sh}
      break
    }
  done </etc/passwd
  [ -n "$shell" ] || {
    echo "greenlight: there is no user $4" >&4
    exit 125
  }
  chown "$4" "$dir/$1"
  # A login shell changes to the home folder and clears the environment: come back, and put the mark on again.
  way=-c
  [ "$3" = login ] && way=-lc || shell=/bin/sh
  exec timeout -s KILL "$2" setpriv --reuid="$4" --regid="$gid" --init-groups --reset-env \
    "$shell" "$way" "cd $quoted_home/run-$run/$1 && GREENLIGHT_CHECK=$run/$1 exec sh ../$1.sh" 2>&4 4>&-
}

# number, suite, check, seconds, exit code that opens what needs this check (or `other`), what this one needs, how, user
check() {
  if [ "$6" != - ] && [ ! -e "$home/ok/$6" ]; then
    echo "$1 $2 $3 null 0 no 0 $6" >>records
    : >"$1.out"
    : >"$1.err"
    return
  fi
  clock
  left=$((deadline - now))
  seconds=$4
  killed=no
  late="time"
  [ "$left" -gt 0 ] || return
  if [ "$left" -lt $((seconds * 100)) ]; then
    seconds=$(((left + 99) / 100))
    late=limit
  fi
  # One byte more than is allowed: so that too much is told from exactly enough. Then the writer has no reader any more.
  head -c $((stream + 1)) <"$1.o" >"$1.out" &
  reader1=$!
  head -c $((stream + 1)) <"$1.e" >"$1.err" &
  reader2=$!
  (enter "$1" "$seconds" "$7" "$8") </dev/null >"$1.o" 4>"$1.e"
  code=$?
  from=$now
  clock
  spent=$((now - from))
  [ "$code" -eq 137 ] && [ "$spent" -ge $((seconds * 100 - 5)) ] && killed=$late
  leftovers "$1"
  # The readers end when the last writer has; a writer that nothing could find must not hold up the run.
  last=
  [ -n "$group" ] || {
    (
      sleep 3
      kill -KILL "$reader1" "$reader2"
    ) >/dev/null &
    last=$!
  }
  wait "$reader1" "$reader2"
  [ -z "$last" ] || kill -KILL "$last"
  echo "$1 $2 $3 $code $((spent * 10)) $killed $rest -" >>records
  [ "$killed" = no ] || return
  case $5 in other) [ "$code" -ne 0 ] ;; *) [ "$code" -eq "$5" ] ;; esac && : >"$home/ok/$2.$3"
}

@CHECKS@

clock
took=$(((now - started) * 10))

# What comes back: the outputs of all checks, then the files that they name.
{
  while read -r n _; do
    echo "$n.out"
    echo "$n.err"
  done <records
  while IFS= read -r path; do
    if [ -L "$path" ]; then
      continue
    elif [ -d "$path" ]; then
      find "$path" -type f ! -path '*[\\
]*' | LC_ALL=C sort
    elif [ -f "$path" ]; then echo "$path"; fi
  done <bring
} >streams
xargs -r -d '\n' stat -c %s <streams >sizes && xargs -r -d '\n' sha256sum <streams >sums || exit 74

# All of each stream while there is room, otherwise its beginning and its end; `index` says which, with size and digest of all of it.
collect() {
  left=$bundle_bytes
  number=0
  togo=$(wc -l <streams)
  exec 5<sizes 6<sums
  while IFS= read -r name; do
    read -r size <&5
    read -r sum _ <&6
    number=$((number + 1))
    togo=$((togo - 1))
    most=$((left - togo * reserve_bytes))
    [ "$most" -lt "$output_bytes" ] || most=$output_bytes
    [ "$most" -gt 0 ] || most=0
    if [ "$size" -le "$most" ]; then
      echo "$name" >&7
      how=whole left=$((left - size))
    else
      [ "$most" -lt "$excerpt_bytes" ] || most=$excerpt_bytes
      head -c $((most * 3 / 4)) "$name" >"cut/$number.head"
      tail -c $((most / 4)) "$name" >"cut/$number.tail"
      printf 'cut/%s\n' "$number.head" "$number.tail" >&7
      how=cut left=$((left - most))
    fi
    printf '%s %s %s %s\n' "$how" "$size" "$sum" "$name"
  done <streams >index 7>members
}

phase_facts() {
  packages=$(dpkg-query -W -f '${Package} ${Version} ${Architecture}\n' | sha256sum)
  packages=${packages%% *}
  PRETTY_NAME=unknown
  # It is the machine's own, and has values only.
  # shellcheck source=/dev/null
  [ -r /etc/os-release ] && . /etc/os-release
  printf '%s\n' "run $run" "planned $planned" "ran $(wc -l <records)" "boot $boot" "kernel $(uname -srm)" "system $PRETTY_NAME"
  printf '%s\n' "packages $packages" "time $(date -u +%s)" "ms $took"
}

mkdir cut && collect && phase_facts >facts || exit 74
tar -cf - --no-recursion --verbatim-files-from facts records index -T members | gzip -n >bundle || exit 74
{
  sum=$(sha256sum <bundle)
  printf 'greenlight-evidence/2 %s %s %s\n' "$run" "$(stat -c %s bundle)" "${sum%% *}"
  base64 -w 8192 bundle
  echo "greenlight-evidence/2 end"
} >evidence.part || exit 74
printf '%s\n' "$boot" >"$home/boot-id"
mv evidence.part evidence || exit 74
[ -z "$group" ] || rmdir "$group"
cat evidence
reboot </dev/null >>log 2>&1 || exit 73
exit 0
