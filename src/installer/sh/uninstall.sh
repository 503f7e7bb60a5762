# uninstall: takes away what the record names, and nothing else. The record goes last, so that a run that was killed
# is finished by the next one; and it stays, shortened, as long as state or configuration that it names was kept.

# What a killed run was about to put there, beside what may be others' files.
remove_unfinished() { rm -f -- "${1%/*}/.greenlight-$product"; }

# A configuration file that the operator changed is theirs, unless everything is to go.
remove_config() {
  config_digest=${1%% *}
  remove_file=${1#* }
  remove_unfinished "$remove_file"
  [ -f "$remove_file" ] || return 0
  if [ "$remove_state" = yes ] || [ "$(digest_of "$remove_file")" = "$config_digest" ]; then
    rm -f -- "$remove_file"
  fi
}

# What was made here and nowhere else goes with the state that it belongs to; as long as that is kept, both are root's.
remove_made() {
  remove_unfinished "$1"
  if [ "$remove_state" = yes ]; then rm -f -- "$1"; elif [ -e "$1" ]; then give_to_root "$1"; fi
}

# give_to_root PATH: without its user it would belong to whoever gets that number next
give_to_root() { [ "$me" != 0 ] || chown -RhP -- root:root "$1"; }

# One that the product has by itself is made for it, with all that was put there since; one that --config chose may have become
# the folder of others too.
remove_config_folder() {
  [ -d "$1" ] || return 0
  if [ "$remove_state" = yes ] && { [ "$1" = "$usual_config_folder" ] || [ "$1" != "$config_folder" ]; } && safe_to_remove "$1"; then
    rm -rf -- "$1"
    return 0
  fi
  rm -f -- "$1/.greenlight-$product"
  find "$1" -depth -type d -empty -delete
  [ ! -d "$1" ] || give root:root "$1"
}

check_state_folder() {
  [ ! -d "$1" ] || safe_to_remove "$1" || die 5 "the record names $1 as state, which $unsafe; nothing was removed."
}
remove_state_folder() {
  if [ "$remove_state" = yes ]; then
    [ -d "$1" ] || return 0
    rm -rf -- "$1"
  elif [ -d "$1" ] && [ ! -L "$1" ]; then
    give_to_root "$1"
  fi
}

# One that cannot be removed, as it is logged in or runs something, stays known, and all else goes.
remove_user() {
  if id -u "$1" >/dev/null 2>&1; then
    if has userdel; then telling userdel "$1"; else telling deluser --quiet --system "$1"; fi || {
      users_left=$users_left${users_left:+, }$1
      return 0
    }
  fi
  # userdel takes a group of the same name along only where the system is set up so.
  if grep -q "^$1:" /etc/group; then groupdel "$1" 2>/dev/null || say "group $1 is still in use and stays."; fi
}

remove_folder() { rmdir -- "$1" 2>/dev/null || :; }

# remove_dropins UNIT: the folder of an operator's own settings for it, which is named where it stays
dropins_of() { case $1 in *.d) dropins=$1 ;; *) dropins=$1.d ;; esac }
remove_dropins() {
  dropins_of "$1"
  [ "$remove_state" = yes ] || return 0
  if [ -e "$dropins" ] || [ -L "$dropins" ]; then
    rm -rf -- "$dropins"
    reload=yes
  fi
}
keep_dropins() {
  dropins_of "$1"
  if [ -e "$dropins" ]; then note dropins "$dropins"; fi
}

keep_file() { if [ -f "$1" ]; then note "$kept_key" "$1"; fi; }
keep_config() { if [ -f "${1#* }" ]; then note config "$1"; fi; }
keep_user() { if id -u "$1" >/dev/null 2>&1; then note user "$1"; fi; }
keep_folder() { if [ -d "$1" ]; then note "$kept_key" "$1"; fi; }
report_config() { print kept "${1#* }"; }
report_kept() { print kept "$1"; }
report_folder() { [ ! -d "$1" ] || print kept "$1"; }

# What is left of the record, or nothing of it and its folder.
end_record() {
  kept_text='greenlight-install-record 1'
  record_text=$kept_text
  for_recorded user keep_user
  for_recorded unit keep_dropins
  for_recorded dropins keep_dropins
  for_recorded config keep_config
  for kept_key in secret made_config; do for_recorded "$kept_key" keep_file; done
  for kept_key in config_folder state; do for_recorded "$kept_key" keep_folder; done
  for_recorded aside keep_aside
  for_data keep_leftovers
  # The deepest first; what is not empty stays, and is known as long as there is a record.
  recorded folder
  kept_folders=$(printf '%s\n' "$found" | sort -r)
  each_line remove_folder "$kept_folders"
  if [ "$record_text" = "$kept_text" ]; then
    rm -f -- "$record"
    rmdir -- "$root"
    each_line remove_folder "$kept_folders"
  else
    note product "$product"
    note state_root "$state"
    # Its data may be of no use to an older one.
    recorded version
    [ -n "$found" ] || recorded kept_version
    [ -z "$found" ] || note kept_version "$found"
    [ -z "$config_file" ] || note config_path "$config_file"
    each_line keep_parent "$kept_folders"
    put_record
    for_recorded config_folder report_folder
    for_recorded config report_config
    for kept_key in made_config secret state aside dropins; do for_recorded "$kept_key" report_kept; done
  fi
}

keep_parent() { [ ! -d "$1" ] || note folder "$1"; }

# read_installed: the places of what is installed, or the end
read_installed() {
  services_wanted=yes
  recorded release
  if foreign_root || [ -z "$found" ]; then die 7 "$product is not installed in $root."; fi
  find_places
  recorded with_services
  has_services=$found
  recorded command_root
  command_root=$found
  restart=no
  reload=no
  upgrading=no
  recorded release
  release=$found
}

# Also where another uninstall was at work, and has just ended.
report_gone() {
  say "$product is not installed in $root; nothing was changed."
  finish_foreign
  print installed no
  print changed no
}

uninstall_release() {
  physical_root=$(cd -P -- "$root" 2>/dev/null && pwd -P) || physical_root=$root
  case $(pwd -P)/ in "$physical_root"/*) die 5 "$root is the folder that you are in; go elsewhere, then try again." ;; esac
  if [ ! -e "$root" ] && [ ! -L "$root" ]; then
    report_gone
    return 0
  fi
  services_wanted=yes
  find_places
  safe_to_remove "$root" || die 5 "$root $unsafe; nothing was removed."
  restart=no
  reload=no
  if foreign_root; then
    { [ -d "$root" ] && [ ! -L "$root" ]; } || die 5 "$root is no folder that an installer of ours made; nothing was removed."
    uninstall_foreign
    return 0
  fi
  if [ ! -f "$record" ]; then
    # What a killed install left before it had made anything outside its folder.
    rm -rf -- "$root"/.greenlight-*
    rmdir -- "$root"
    print installed no
    print changed yes
    return 0
  fi
  recorded command_root
  command_root=$found
  recorded unit
  [ "$me" = 0 ] || [ -z "$found" ] || die 3 "this needs root; run it with sudo."
  lock_root
  if [ ! -d "$root" ]; then
    report_gone
    return 0
  fi
  load_record
  [ "$remove_state" = no ] || for_recorded state check_state_folder
  # Whoever installs after a removal that was cut off must not take for an operator's what it did.
  recorded unit
  [ -z "$found" ] || (printf first >"$root/restart-needed") 2>/dev/null || :
  during "services are being stopped" for_recorded unit disable_unit
  for_recorded unit remove_dropins
  for_recorded dropins remove_dropins
  reload_units || die 1 "$sick; try again."
  during "processes are being ended" stop_processes "$root"
  for_data remove_leftovers
  for_recorded aside remove_aside
  for_recorded shim remove_shim
  for_recorded profile remove_block
  for_recorded config remove_config
  for_recorded secret remove_made
  for_recorded made_config remove_made
  state_done='given to root'
  [ "$remove_state" = no ] || state_done=removed
  during "state is being $state_done" for_recorded state remove_state_folder
  for_recorded config_folder remove_config_folder
  users_left=
  for_recorded user remove_user
  recorded release
  was_installed=$found
  # What was set aside is data that nobody asked to remove.
  find "$root" -mindepth 1 -maxdepth 1 ! -name install-record ! -name backups -exec rm -rf -- {} +
  if [ "$remove_state" = yes ]; then
    rm -rf -- "$backups"
  elif [ -d "$backups" ]; then
    find "$backups" -mindepth 1 -maxdepth 1 ! -name 'aside-*' -exec rm -rf -- {} +
    rmdir -- "$backups" 2>/dev/null || :
  fi
  end_record
  print installed no
  if [ -z "$was_installed" ] && [ "$remove_state" = no ]; then print changed no; else print changed yes; fi
  [ -z "$users_left" ] || die 1 "user $users_left could not be removed, for the reason above; all else is done. End what runs as that user, then uninstall again."
}
