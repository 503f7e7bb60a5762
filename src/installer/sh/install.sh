# install: verify, unpack, converge. Every step looks first and changes only what is not as it should be, so that a
# second run does nothing and a run that was killed is finished by the next one.

cleanup() {
  settle_code $?
  cleanup_code=$end_code
  trap - EXIT
  trap '' HUP INT TERM
  trap leave EXIT
  # What is half a backup may be what fills the disk.
  rm -rf -- "$stage" "$root/.greenlight-archive" "$root/.greenlight-file" "$root/.greenlight-probe" "$backups/.partial"
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
  end "$cleanup_code"
}

set_traps() {
  trap cleanup EXIT
  trap 'end 129' HUP
  trap 'end 130' INT
  trap 'end 143' TERM
}

# What the version before had and this one has not.
want_unit() { wanted_files=$wanted_files$units/$1.service$nl; }
want_shim() { wanted_files=$wanted_files$command_root/$1$nl; }
is_wanted() {
  case $nl$wanted_files in *"$nl$1$nl"*) return 0 ;; esac
  return 1
}
drop_old_unit() {
  is_wanted "$1" && return 0
  disable_unit "$1"
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
  has_text "$units/$1.service" "$unit_text$nl" || reload=yes
  put_file "$units/$1.service" 0644 root:root "$unit_text$nl"
}

# apply: everything but the release folder and the running of it
apply() {
  begin_record
  if [ "$has_services" = yes ]; then
    each_service make_user
    each_folder prepare_folder
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
  during "the archive is being verified" check_archive
  if [ -L "$root" ] || { [ -e "$root" ] && [ ! -d "$root" ]; }; then die 5 "$root is no folder; move it away, then try again."; fi
  need_writable "the installation" "$root"
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
  # Refuses what could not be backed up and put back.
  list_data
  check_age
  release=$root/versions/$version-$(printf '%s' "$digest" | cut -c 1-8)
  check_addresses
  look_beforehand
  find_as_found
  never_ran=
  [ -n "$from" ] || never_ran=first
  restart=no
  reload=no
  [ ! -e "$root/restart-needed" ] || {
    restart=yes
    reload=yes
  }
  resume "${release##*/}"
  find_history
  # What a killed run was on its way to has stopped the old version already.
  [ -z "$from" ] || [ "$from" = "${release##*/}" ] || [ -f "$transition" ] || need_healthy
  during "the release is being unpacked" place_release
  if [ "$resumed" = yes ]; then
    upgrading=yes
    in_transition backup
    backup_name=$found
    in_transition from
    from=$found
  elif [ -n "$from" ] && [ "$from" != "${release##*/}" ]; then
    begin_upgrade "$from" "${release##*/}"
  elif [ -z "$from" ] && [ "$installed_release" != "$release" ] && has_data; then
    # State that an earlier installation kept, or that of another release whose link is gone: it may still run.
    [ -z "$installed_release" ] || {
      need_restart
      during "services are being stopped" stop_all
    }
    backup_name=$(now)-kept
    during "state and configuration are being backed up" back_up "$backup_name"
  fi
  during "the installation is being put in place" apply
  if [ "$has_services" = yes ]; then
    for_recorded unit enable_unit
    if ! starting || ! await_all; then
      show_sick
      if [ "$upgrading" = yes ]; then
        say "$sick; its last lines and answers are above. The previous version is put back."
        roll_back unhealthy
        report_failed_upgrade
      fi
      die 6 "$sick; its last lines and answers are above, and it stays installed for you to look at."
    fi
  else
    # The version before may have had services.
    reload_units || die 1 "$sick; try again."
  fi
  [ "$upgrading" = no ] || end_upgrade
  end_run
  prune
  report
  say_as_found
}
