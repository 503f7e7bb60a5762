# What a way back needs is looked at before anything is stopped or moved: half a way back is worse than none.

# sound FOLDER: whole as far as can be told of a release whose programs this script may not know all of
sound() {
  intact "$1" || return 1
  sound_folder=$1
  sound_modes=yes
  each_binary look_at_sound_binary
  [ "$sound_modes" = yes ]
}
look_at_sound_binary() {
  if [ -f "$sound_folder/$1" ] && [ ! -x "$sound_folder/$1" ]; then sound_modes=no; fi
}

# look_at_backup FOLDER: in $blocked, what is missing or altered of all that it should hold
look_at_backup() {
  blocked=
  if [ ! -d "$1" ]; then
    blocked="the backup $1 is not there"
  elif [ ! -f "$1/paths" ]; then
    blocked="the backup $1 is without its list of paths"
  elif [ ! -f "$1/record" ]; then
    blocked="the backup $1 is without its record"
  elif [ ! -f "$1/checksums" ]; then
    blocked="the backup $1 is without its checksums"
  else
    look_number=0
    while IFS= read -r look_path; do
      [ -n "$look_path" ] || continue
      look_number=$((look_number + 1))
      [ -e "$1/data/$look_number" ] || blocked=${blocked:-the backup $1 holds nothing of $look_path}
    done <"$1/paths"
    look_backup=$1
    values_of "$(cat -- "$1/record")" unit
    each_line look_at_unit "$found"
    look_altered=$(cd -- "$1" && sha256sum -c --quiet checksums 2>/dev/null) || blocked=${blocked:-${look_altered%%:*} in the backup $1 is not what was written}
  fi
}
look_at_unit() { [ -f "$look_backup/units/${1##*/}" ] || blocked=${blocked:-the backup $look_backup is without ${1##*/}}; }

# look_at_way_back FROM BACKUP: in $blocked, why nothing can go back to that release; empty when it can
look_at_way_back() {
  if [ -z "$1" ] || [ -z "$2" ]; then
    blocked="$transition does not say where it led from"
    return 0
  fi
  look_at_backup "$backups/$2"
  # What is in use already is in nobody's way.
  if [ -n "$blocked" ] || [ "$(link_of "$current")" = "$1" ] || sound "$root/versions/$1"; then return 0; fi
  blocked="$root/versions/$1 is missing or damaged"
}

# stay: what is in use runs on with the data that is there, and the way back is over. The next install looks at all of it.
stay() {
  upgrading=no
  restart=yes
  : >"$root/restart-needed"
  start_all || say "$sick."
  sync
  rm -f -- "$transition"
  die 10 "there is no way back, for $blocked; $(link_of "$current") stays in use with the data that is there, and installing it or a later version again puts it in order."
}
