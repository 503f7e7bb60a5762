# What this machine must have and let happen, looked at before anything of it changes: room, places that can be written to, programs that may
# run there, and folders that a hardened service can see.

# nearest PATH: in $nearest, the deepest part of it that is there
nearest() {
  nearest=$1
  while [ ! -e "$nearest" ]; do
    nearest=${nearest%/*}
    nearest=${nearest:-/}
  done
}

# need_writable WHAT PATH
need_writable() {
  nearest "$2"
  [ -w "$nearest" ] || die 3 "$nearest cannot be written to, and $1 must be put there; is its file system mounted read-only? Mend that, or choose another place, then try again; nothing was changed."
}

need_writable_command() { our_shim "$command_root/$1" || need_writable "the command $1" "$command_root"; }
need_writable_service() {
  need_writable "the unit of $1" "$units"
  need_writable "the state of $1" "$5"
  need_writable "the configuration of $1" "$6"
  id -u "$4" >/dev/null 2>&1 || need_writable "the user $4" "$accounts"
}

# need_seen FOLDER: the units' hardening hides folders from services, and what lies in one of them
need_seen() {
  seen_folder=$1
  seen_real=$(realpath -m -- "$1")
  each_hidden look_at_hidden
}
look_at_hidden() {
  if inside "$seen_real" "$1"; then die 2 "$seen_folder lies below $1, which services are hardened not to see ($2=yes in their units); choose a place elsewhere, such as below /var/lib or /srv, then try again; nothing was changed."; fi
}
need_seen_service() {
  need_seen "$5"
  need_seen "$6"
}

# need_executable: a mount may let no program run. The archive's own bits are looked at later, and would be blamed for it.
need_executable() {
  printf '#!/bin/sh\n' >"$root/.greenlight-probe"
  chmod 0700 "$root/.greenlight-probe"
  probe_code=0
  "$root/.greenlight-probe" 2>/dev/null || probe_code=$?
  rm -f -- "$root/.greenlight-probe"
  [ "$probe_code" = 0 ] || die 3 "no program may run from $root, whose file system is mounted noexec; choose another place with --install-root, or have it mounted otherwise, then try again; nothing was changed."
}

# kib_of PATH: what it takes on disk
kib_of() {
  kib=$(du -sk -- "$1" 2>/dev/null) || kib=${kib:-0}
  kib=${kib%%[!0-9]*}
}

# unpacked_kib: of the archive that was verified
unpacked_kib() {
  if has unzip; then
    unpacked=$(unzip -l -- "$archive" 2>/dev/null | tail -n 1) || unpacked=0
  else
    unpacked=$(python3 -c 'import sys, zipfile; print(sum(entry.file_size for entry in zipfile.ZipFile(sys.argv[1]).infolist()))' "$archive" 2>/dev/null) || unpacked=0
  fi
  # shellcheck disable=SC2086 # its first word is the number
  set -- $unpacked
  case ${1-} in '' | *[!0-9]*) kib=0 ;; *) kib=$(($1 / 1024 + 1)) ;; esac
}

# free_kib PATH: for whoever installs, on its file system
free_kib() {
  nearest "$1"
  free=$(df --output=avail -k -- "$nearest" 2>/dev/null | tail -n 1) || free=
  free=${free##* }
}

# need_room: for the archive's copy and what is in it, for the backup, and for the copy that would be put back beside the data
need_room() {
  room_release=0
  room_backup=0
  room_back=0
  if ! whole "$release"; then
    unpacked_kib
    room_release=$kib
    kib_of "$archive"
    # Files take whole blocks, and there is what is written beside them.
    room_release=$((room_release + kib + 2048))
  fi
  if [ -n "$from" ] && [ "$from" != "${release##*/}" ] && [ ! -f "$transition" ]; then each_line add_room "$data_list"; fi
  free_kib "$root"
  case $free in '' | *[!0-9]*) return 0 ;; esac
  room=$((room_release + room_backup + room_back))
  [ "$free" -ge "$room" ] || die 3 "$nearest has $((free / 1024)) MiB free, and $((room / 1024 + 1)) are needed: $((room_release / 1024 + 1)) for the release, $((room_backup / 1024)) for a backup of state and configuration, $((room_back / 1024)) for putting that back; make room there, then try again; nothing was changed."
}
# add_room PATH: twice, and on its own file system once
add_room() {
  kib_of "$1"
  room_backup=$((room_backup + kib))
  if [ "$(stat -c %d -- "$1")" = "$(stat -c %d -- "$root")" ]; then
    room_back=$((room_back + kib))
    return 0
  fi
  free_kib "${1%/*}"
  case $free in '' | *[!0-9]*) return 0 ;; esac
  [ "$free" -ge "$kib" ] || die 3 "$nearest has $((free / 1024)) MiB free, and $((kib / 1024 + 1)) are needed for putting $1 back, should the new version not be healthy; make room there, then try again; nothing was changed."
}

# look_beforehand: a release that is in use already is not refused for what it has no need of any more
look_beforehand() {
  from=$(link_of "$current")
  [ "$from" != "${release##*/}" ] || [ ! -e "$release" ] || return 0
  need_writable "the release" "$root"
  each_command need_writable_command
  if [ "$has_services" = yes ]; then
    each_service need_writable_service
    recorded release
    if [ -z "$found" ]; then
      need_seen "$root"
      need_seen "$state"
      each_service need_seen_service
    fi
  else
    need_writable "state" "$state"
  fi
  need_executable
  need_room
}
