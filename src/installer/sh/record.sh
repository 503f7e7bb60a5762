# The record says what was installed, with which choices, and what uninstall may take away. It is written before anything
# that it names is made.

# It is read once and kept in $record_lines: under emulation every process counts.
load_record() {
  record_lines=
  [ ! -f "$record" ] || record_lines=$(cat -- "$record")
}

# values_of LINES KEY: in $found, a line each
values_of() {
  found=
  values_key=$2
  case $nl$1 in *"$nl$2="*) each_line add_value "$1" ;; esac
}
add_value() { case $1 in "$values_key="*) found=$found${found:+$nl}${1#*=} ;; esac }

# recorded KEY: in $found, a line each
recorded() { values_of "$record_lines" "$1"; }

# is_recorded KEY VALUE
is_recorded() {
  case $nl$record_lines$nl in *"$nl$1=$2$nl"*) return 0 ;; esac
  return 1
}

# for_recorded KEY COMMAND: the command with each value
for_recorded() {
  values_of "$record_lines" "$1"
  each_line "$2" "$found"
}

# Whether the folder holds something that no installer of ours left there.
foreign_root() {
  [ -e "$root" ] || [ -L "$root" ] || return 1
  [ -d "$root" ] && [ ! -L "$root" ] || return 0
  case $record_lines$nl in "greenlight-install-record 1$nl"*) return 1 ;; esac
  [ -n "$(find "$root" -mindepth 1 -maxdepth 1 ! -name '.greenlight-*' -print -quit)" ]
}

# note KEY VALUE: once
note() {
  case "$record_text$nl" in *"$nl$1=$2$nl"*) ;; *) record_text=$record_text$nl$1=$2 ;; esac
}

# find_parents PATH: the folders above it that are not there, a line each in $parents
find_parents() {
  parents=
  parent=${1%/*}
  while [ -n "$parent" ] && [ ! -e "$parent" ]; do
    parents=$parents${parents:+$nl}$parent
    parent=${parent%/*}
  done
}

# Such folders are ours, to be removed when they are empty.
note_parents() {
  find_parents "$1"
  note_each folder "$parents"
}

# note_each KEY LINES
note_each() {
  note_key=$1
  each_line note_value "$2"
}
note_value() { note "$note_key" "$1"; }

note_shim() {
  note_parents "$command_root/$1"
  note shim "$command_root/$1"
}
note_secret() {
  secrets_file "$1"
  note secret "$secrets_file"
}
note_config() { [ -e "$2" ] || note config "$(printf '%s' "$3" | sha256sum | cut -c 1-64) $2"; }
note_service() {
  note unit "$units/$1.service"
  note health "$1 $7 $8 $9${10:+ ${10}}"
  note_state "$5"
  note_config_folder "$6"
  id -u "$4" >/dev/null 2>&1 || note user "$4"
  environment_text "$1"
  note_config "$1" "$6/$1.env" "$environment_text"
}
note_state() {
  note_parents "$1"
  note state "$1"
}
note_config_folder() {
  if [ ! -e "$1" ]; then
    note_parents "$1"
    note config_folder "$1"
  fi
}

note_unit_there() { [ ! -e "$1" ] || note unit "$1"; }
note_shim_there() { [ ! -e "$1" ] || note shim "$1"; }

# make_record: what it should say is in $record_text
make_record() {
  record_text='greenlight-install-record 1'
  note product "$product"
  note kind "$kind"
  note version "$version"
  note sha256 "$digest"
  note release "$release"
  note state_root "$state"
  [ -z "$config_file" ] || note config_path "$config_file"
  note with_services "$has_services"
  note command_root "$command_root"
  note persistence "$persistence"
  note persist_requested "$persist_requested"
  note on_path "$command_root_on_path"
  note installed_at "$installed_at"
  note archive "$installed_from"
  [ -z "$backup_name" ] || note backup "$backup_name"
  # What a version had and this one has not is gone when its file is.
  for_recorded unit note_unit_there
  for_recorded shim note_shim_there
  for owned_key in folder user state config_folder config secret made_config profile aside; do
    recorded "$owned_key"
    note_each "$owned_key" "$found"
  done
  note_each folder "$root_parents"
  note_state "$state"
  if [ -n "$config_file" ]; then note_config_folder "$config_folder"; fi
  [ -z "$setup_binary" ] || [ -e "$config_file" ] || note made_config "$config_file"
  each_command note_shim
  for_profiles note_profile
  if [ "$has_services" = yes ]; then
    each_service note_service
    each_secret note_secret
    each_config note_config
  fi
}

# seed_record: no version yet, only whose folder it is
seed_record() {
  record_text='greenlight-install-record 1'
  note product "$product"
  note state_root "$state"
  [ -z "$config_file" ] || note config_path "$config_file"
  note_each folder "$root_parents"
  put_record
}

begin_record() {
  make_record
  put_record
}

# same_record: whether the record says the same, in whatever order
same_record() {
  same=yes
  each_line look_for_line "$record_lines"
  # As long as each other, and each line of one in the other: no line is there twice.
  [ "$same" = yes ] && [ ${#record_lines} = ${#record_text} ]
}
look_for_line() { case $nl$record_text$nl in *"$nl$1$nl"*) ;; *) same=no ;; esac }

put_record() {
  if same_record; then return 0; fi
  printf '%s\n' "$record_text" >"$root/.greenlight-record"
  sync "$root/.greenlight-record"
  mv -T -- "$root/.greenlight-record" "$record"
  record_lines=$record_text
  changed=yes
}
