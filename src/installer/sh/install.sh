# install: verify, unpack, converge. Every step looks first and changes only what is not as it should be, so that a
# second run does nothing and a run that was killed is finished by the next one.

cleanup() {
  cleanup_code=$?
  trap - EXIT
  rm -rf -- "$stage"
  if [ "$upgrading" = yes ]; then
    # Whatever it was that failed, or whoever stopped it: the version that ran before runs again.
    cleanup_switched=no
    [ "$(link_of "$current")" != "${release##*/}" ] || cleanup_switched=yes
    roll_back unhealthy
    if [ "$cleanup_switched" = yes ]; then report_failed_upgrade; fi
    recorded version
    say "$product $found runs on."
  fi
  # A first install that was refused leaves nothing.
  if [ "$root_made" = yes ] && rmdir -- "$root" 2>/dev/null; then each_line remove_folder "$root_parents"; fi
  exit "$cleanup_code"
}

set_traps() {
  trap cleanup EXIT
  trap 'exit 129' HUP
  trap 'exit 130' INT
  trap 'exit 143' TERM
}

check_service() {
  if [ -e "$units/$1.service" ] || [ -L "$units/$1.service" ]; then
    is_recorded unit "$units/$1.service" || die 5 "$units/$1.service is there and not ours; move it away, then try again."
  fi
  no_link "$5"
  # Kept state belongs to root, or to nobody when its user was removed by hand.
  [ -e "$5" ] || return 0
  [ -d "$5" ] || die 5 "$5 should be the folder for the state of $1, and is something else; move it away, then try again."
  state_owner=$(stat -c %U "$5")
  case $state_owner in "$4" | root | UNKNOWN) ;; *) die 5 "$5 belongs to $state_owner; move it away or give it to root, then try again." ;; esac
}

# Texts that could not be written for these places are refused before anything is.
check_unit() {
  unit_text "$@"
  environment_text "$1"
}

# check_links: where root would write, or give away, for a service
check_links() {
  no_link "$state"
  for_recorded config_folder no_link
  for_recorded made_config no_link
  for_recorded secret no_link
}

check_ours() {
  if foreign_root; then die 5 "$root holds something that no installer of ours put there; move it away, then try again."; fi
  recorded kind
  record_kind=$found
  [ -z "$record_kind" ] || [ "$record_kind" = "$kind" ] || die 5 "$root holds the kind $record_kind of $product; uninstall that first."
  check_places
  choose_command_root
  choose_persistence
  each_command check_shim
  if [ "$has_services" = yes ]; then
    each_service check_service
    each_service check_unit
    check_links
  fi
}

check_age() {
  # What a killed run was on its way to has not been decided yet.
  [ ! -f "$transition" ] || return 0
  recorded version
  installed_version=$found
  if [ -z "$installed_version" ]; then
    recorded kept_version
    if [ -n "$found" ] && is_older "$version" "$found"; then
      die 9 "$version is older than $found, which may have converted what it left when it was uninstalled, in one direction only; install $found or a later version, or remove what is left with '$program uninstall --remove-state'."
    fi
    return 0
  fi
  # Where a way back was given up, the record may be that of the version which it led to.
  age_link=$(link_of "$current")
  [ -z "$age_link" ] || installed_version=${age_link%-*}
  if is_older "$version" "$installed_version"; then
    die 9 "$version is older than $installed_version, which is installed and may have converted its data, in one direction only; '$program rollback' goes back to the version before, with the data of then."
  fi
}

# What the version before had and this one has not.
want_unit() { wanted_files=$wanted_files$units/$1.service$nl; }
want_shim() { wanted_files=$wanted_files$command_root/$1$nl; }
is_wanted() { case $nl$wanted_files in *"$nl$1$nl"*) return 0 ;; esac; return 1; }
drop_old_unit() {
  is_wanted "$1" && return 0
  disable_unit "$1"
  reload=yes
  dropped=yes
}
drop_old_shim() {
  is_wanted "$1" && return 0
  remove_shim "$1"
  dropped=yes
}
drop_old() {
  wanted_files=
  dropped=no
  [ "$has_services" = no ] || each_service want_unit
  each_command want_shim
  for_recorded unit drop_old_unit
  for_recorded shim drop_old_shim
  [ "$dropped" = no ] || begin_record
}

put_unit() {
  unit_text "$@"
  put_file "$units/$1.service" 0644 root:root "$unit_text$nl"
}

# apply: everything but the release folder and the running of it
apply() {
  begin_record
  if [ "$has_services" = yes ]; then
    each_service make_user
    each_service prepare_folders
    each_service put_environment
    each_config put_config
    each_secret put_secret
  else
    prepare_own_folders
  fi
  set_up
  if [ "$has_services" = yes ]; then
    each_service put_unit
  fi
  drop_old
  [ "$(link_of "$current")" = "${release##*/}" ] || {
    need_restart
    sync
    [ -z "$from" ] || [ "$from" = "${release##*/}" ] || switch_to "$from" "$root/previous"
    switch_to "${release##*/}" "$current"
  }
  each_command put_shim
  for_profiles put_block
  put_metadata
}

# Which version is on the machine now, and how it got there.
find_history() {
  from=$(link_of "$current")
  recorded release
  installed_release=$found
  recorded installed_at
  installed_at=$found
  recorded archive
  installed_from=$found
  recorded backup
  backup_name=$found
  recorded sha256
  if [ "$found" != "$digest" ] || [ -z "$installed_at" ]; then
    installed_at=$(date -u +%Y-%m-%dT%H:%M:%S.0000000Z)
    installed_from=$archive
  fi
}

print_command() { print command "$command_root/$1"; }
print_service() { print service "$1"; }

report() {
  print install_root "$root"
  [ -z "$config_file" ] || print config_path "$config_file"
  print state_root "$state"
  if [ -n "$main_command" ]; then
    print cli_command_root "$command_root"
    print cli_command_path "$command_root/$main_command"
    print cli_persistence_strategy "$persistence"
  fi
  print product "$product"
  print kind "$kind"
  print version "$version"
  print sha256 "$digest"
  print release_folder "$release"
  each_command print_command
  [ "$has_services" = no ] || each_service print_service
  [ -z "$backup_name" ] || print backup "$backups/$backup_name"
  print changed "$changed"
  [ "$changed" = yes ] || say "$product $version is installed as it should be; nothing was changed."
}

install_release() {
  upgrading=no
  find_places
  check_machine
  check_archive
  if [ -L "$root" ] || { [ -e "$root" ] && [ ! -d "$root" ]; }; then die 5 "$root is no folder; move it away, then try again."; fi
  find_parents "$root"
  root_parents=$parents
  [ -d "$root" ] || root_made=yes
  # Another installer may be at work: what is there is looked at when it is done.
  mkdir -p -- "$root"
  lock_root
  [ -d "$root" ] || die 3 "another installer has just removed $root; try again."
  set_traps
  load_record
  find_places
  check_ours
  check_age
  restart=no
  reload=no
  [ ! -e "$root/restart-needed" ] || restart=yes
  release=$root/versions/$version-$(printf '%s' "$digest" | cut -c 1-8)
  resume "${release##*/}"
  find_history
  place_release
  watch_seconds=0
  if [ "$resumed" = yes ]; then
    upgrading=yes
    in_transition backup
    backup_name=$found
    in_transition from
    from=$found
    watch_seconds=5
  elif [ -n "$from" ] && [ "$from" != "${release##*/}" ]; then
    begin_upgrade "$from" "${release##*/}"
    watch_seconds=5
  elif [ -z "$from$installed_release" ] && has_data; then
    # State that an earlier installation kept.
    backup_name=$(now)-kept
    back_up "$backup_name"
  fi
  apply
  if [ "$has_services" = yes ]; then
    for_recorded unit enable_unit
    if ! start_all || ! await_all "$watch_seconds"; then
      show_sick
      if [ "$upgrading" = yes ]; then
        say "$sick; its last lines are above. The previous version is put back."
        roll_back unhealthy
        trap - EXIT
        report_failed_upgrade
      fi
      die 6 "$sick; its last lines are above, and it stays installed for you to look at."
    fi
  fi
  [ "$upgrading" = no ] || end_upgrade
  rm -f -- "$root/restart-needed"
  prune
  report
}
