# State and configuration, backed up before a new version can touch them, and put back when it turns out to be no good.
# A backup is whole when it has its name: until then it is called .partial.

# check_target LINK TARGET: whether what a link leads to could be put back, by a change of places with a copy beside it
check_target() {
  target_trouble=
  case $2 in *[[:cntrl:]]*) target_trouble="has a name with a control character in it" ;; esac
  if [ "$(stat -c %d -- "$2")" != "$(stat -c %d -- "${2%/*}/")" ]; then
    target_trouble="is where a disk is mounted"
  elif [ ! -w "${2%/*}/" ]; then
    target_trouble="lies in a folder that cannot be written to"
  # Being in it is no harm: a process keeps the folder that it is in.
  elif ! (cd / && safe_to_remove "$2"); then
    target_trouble="is a folder of the system's or a user's whole home"
  fi
  [ -z "$target_trouble" ] || die 5 "$1 is a symbolic link to $2, which $target_trouble, so that it could not be put back after an upgrade; let the link lead to a folder or file of its own, below what it leads to now, then try again."
}

# add_data PATH: by the name that it has when no link is followed any more, unless it lies in one that is listed already. A link
# stays what it is; backed up and put back is what the versions read and write by it.
add_data() {
  [ -e "$1" ] || return 0
  data_real=$(readlink -f -- "$1")
  [ ! -L "$1" ] || check_target "$1" "$data_real"
  while IFS= read -r data_line; do
    if [ -n "$data_line" ] && inside "$data_real" "$data_line"; then return 0; fi
  done <<END
$data_list
END
  data_list=$data_list${data_list:+$nl}$data_real
}
# Where a service's user may write, links are its own, and root does not follow them.
add_guarded() {
  [ "$has_services" = no ] || no_link "$1"
  add_data "$1"
}
add_config_file() { if [ -n "$setup_binary" ]; then add_guarded "$1"; else add_data "$1"; fi; }
add_config() { add_config_file "${1#* }"; }
add_service_state() { add_guarded "$5"; }

# list_data: in $data_list, a line each; refused where one of them could not be put back
list_data() {
  data_list=
  add_guarded "$state"
  for_recorded state add_guarded
  [ "$has_services" = no ] || each_service add_service_state
  # A folder that was there before us may hold what is not ours: of that, only our files.
  for_recorded config_folder add_guarded
  for_recorded config add_config
  for_recorded secret add_guarded
  [ -z "$config_file" ] || add_config_file "$config_file"
}

# has_data: whether there is anything that a new version could spoil
has_data() {
  list_data
  while IFS= read -r data_path; do
    [ -n "$data_path" ] && [ -n "$(find "$data_path" ! -type d -print -quit)" ] && return 0
  done <<END
$data_list
END
  return 1
}

keep_unit() { [ ! -f "$1" ] || cp -a -- "$1" "$backup_partial/units/"; }
# The command may be another installation's by now.
keep_shim() { ! our_shim "$1" || cp -a -- "$1" "$backup_partial/shims/"; }

# back_up NAME: what belongs to the installed version, while nothing of it runs
back_up() {
  backup_partial=$backups/.partial
  rm -rf -- "$backup_partial"
  (umask 077 && mkdir -p -- "$backup_partial/data" "$backup_partial/units" "$backup_partial/shims")
  list_data
  printf '%s\n' "$data_list" >"$backup_partial/paths"
  backup_number=0
  while IFS= read -r data_path; do
    [ -n "$data_path" ] || continue
    backup_number=$((backup_number + 1))
    cp -a -- "$data_path" "$backup_partial/data/$backup_number"
  done <<END
$data_list
END
  [ ! -f "$record" ] || cp -a -- "$record" "$backup_partial/record"
  for_recorded unit keep_unit
  for_recorded shim keep_shim
  (cd -- "$backup_partial" && find . -type f ! -path ./checksums -exec sha256sum {} + >checksums)
  sync
  mv -T -- "$backup_partial" "$backups/$1"
  sync
  changed=yes
}

# set_aside NUMBER PATH: what was displaced goes to the folder that is named to the user
set_aside() {
  aside_to=$aside/$1
  while [ -e "$aside_to" ]; do aside_to=$aside_to+; done
  if [ "$(stat -c %d "$2.greenlight-aside")" = "$(stat -c %d "$aside")" ]; then
    mv -T -- "$2.greenlight-aside" "$aside_to"
  else
    rm -rf -- "$aside/.partial"
    cp -a -- "$2.greenlight-aside" "$aside/.partial"
    sync
    mv -T -- "$aside/.partial" "$aside_to"
    rm -rf -- "$2.greenlight-aside"
  fi
}

# put_back NUMBER PATH: the copy is ready beside the path before both change places, in one process. A run that was killed
# is not trusted: what it put back may have been used since, and is put back again.
put_back() {
  [ ! -e "$2.greenlight-aside" ] || set_aside "$1" "$2"
  rm -rf -- "$2.greenlight-restored"
  mkdir -p -- "${2%/*}"
  cp -a -- "$backups/$backup_name/data/$1" "$2.greenlight-restored"
  sync
  if [ -e "$2" ]; then
    mv -T --backup=simple --suffix=.greenlight-aside -- "$2.greenlight-restored" "$2"
    set_aside "$1" "$2"
  else
    mv -T -- "$2.greenlight-restored" "$2"
  fi
}

put_back_data() {
  (umask 077 && mkdir -p -- "$aside")
  cp -- "$backups/$backup_name/paths" "$aside/paths"
  backup_number=0
  while IFS= read -r data_path; do
    [ -n "$data_path" ] || continue
    backup_number=$((backup_number + 1))
    put_back "$backup_number" "$data_path"
  done <"$backups/$backup_name/paths"
}

# put_back_file COPY FILE
put_back_file() {
  if cmp -s -- "$1" "$2"; then return 0; fi
  cp -a -- "$1" "${2%/*}/.greenlight-$product"
  sync "${2%/*}/.greenlight-$product"
  mv -T -- "${2%/*}/.greenlight-$product" "$2"
}

drop_new_unit() { [ -e "$backups/$backup_name/units/${1##*/}" ] || disable_unit "$1"; }
drop_new_shim() { [ -e "$backups/$backup_name/shims/${1##*/}" ] || remove_shim "$1"; }
put_back_unit() {
  [ -e "$backups/$backup_name/units/${1##*/}" ] || return 0
  cmp -s -- "$backups/$backup_name/units/${1##*/}" "$1" || reload=yes
  put_back_file "$backups/$backup_name/units/${1##*/}" "$1"
}
put_back_shim() {
  [ -e "$backups/$backup_name/shims/${1##*/}" ] || return 0
  displace "$1"
  put_back_file "$backups/$backup_name/shims/${1##*/}" "$1"
}

# put_back_outside: units, commands and the record of the version that is to be back
put_back_outside() {
  for_recorded unit drop_new_unit
  for_recorded shim drop_new_shim
  # What the other version made besides and keeps is still to be known when all is removed.
  record_text=$(cat -- "$backups/$backup_name/record")
  for owned_key in folder user state config_folder config secret made_config profile aside; do
    recorded "$owned_key"
    note_each "$owned_key" "$found"
  done
  [ ! -d "$aside" ] || note aside "$aside"
  put_record
  for_recorded unit put_back_unit
  for_recorded shim put_back_shim
}
