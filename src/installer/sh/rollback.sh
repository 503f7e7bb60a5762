# The way from one version to another, and back. The file `transition` stands as long as it is not decided which of them it
# will be: whoever comes next, finishes it.

# in_transition KEY: in $found
in_transition() {
  transition_lines=
  [ ! -f "$transition" ] || transition_lines=$(cat -- "$transition")
  values_of "$transition_lines" "$1"
}

# put_transition PHASE FROM TO BACKUP WHY
put_transition() {
  printf '%s\n' 'greenlight-transition 1' "phase=$1" "from=$2" "to=$3" "backup=$4" "why=$5" "aside=$6" "previous=$7" >"$root/.greenlight-transition"
  sync "$root/.greenlight-transition"
  mv -T -- "$root/.greenlight-transition" "$transition"
}

link_of() {
  link_target=$(readlink "$1" 2>/dev/null) || link_target=
  printf '%s' "${link_target##*/}"
}

now() { date -u +%Y%m%dT%H%M%SZ; }

# begin_upgrade FROM TO: the old version is stopped and everything of it is copied
begin_upgrade() {
  backup_name=$(now)-$1
  while [ -e "$backups/$backup_name" ]; do backup_name=$backup_name+; done
  put_as_found
  put_transition upgrade "$1" "$2" "$backup_name" '' '' "$(link_of "$root/previous")"
  upgrading=yes
  need_restart
  during "services are being stopped" stop_all
  during "state and configuration are being backed up" back_up "$backup_name"
}

# end_upgrade: the new version is the one
end_upgrade() {
  sync
  rm -f -- "$transition"
  upgrading=no
}

# prune: of versions the one in use and the one before it are kept, of backups the one that leads back to that
prune() {
  prune_current=$(link_of "$current")
  prune_previous=$(link_of "$root/previous")
  for prune_folder in "$root"/versions/*; do
    case ${prune_folder##*/} in "$prune_current" | "$prune_previous" | '*') continue ;; esac
    # It may be the only one that is whole.
    sound "$current" || return 0
    rm -rf -- "$prune_folder"
  done
  recorded backup
  prune_backup=$found
  for prune_folder in "$backups"/.partial "$backups"/*; do
    case ${prune_folder##*/} in "$prune_backup" | aside-* | '*') ;; *) rm -rf -- "$prune_folder" ;; esac
  done
}

# roll_back WHY: to where the transition came from. Data first, while nothing runs; then the link.
roll_back() {
  in_transition from
  from=$found
  in_transition to
  to=$found
  in_transition backup
  backup_name=$found
  in_transition aside
  aside=$found
  [ -n "$aside" ] || aside=$backups/aside-$(now)-$to
  in_transition phase
  if [ "$found" = upgrade ] && [ -n "$from" ] && [ "$(link_of "$current")" = "$from" ] && [ ! -d "$backups/$backup_name" ]; then
    # Nothing was changed yet: the old version is only to run again.
    restart=yes
    back_sick=
    start_all || say "$sick."
    rm -rf -- "$transition" "$backups/.partial"
    end_run
    return 0
  fi
  look_at_way_back "$from" "$backup_name"
  [ -z "$blocked" ] || stay
  in_transition previous
  put_transition rollback "$from" "$to" "$backup_name" "$1" "$aside" "$found"
  upgrading=no
  during "services are being stopped" stop_all
  # Once the link is back, what is there may have been written by the version that it leads to.
  [ "$(link_of "$current")" != "$to" ] || during "state and configuration are being put back" put_back_data
  put_back_outside
  for beside_root in install-metadata.json release-manifest.json; do
    [ ! -f "$root/versions/$from/$beside_root" ] || put_back_file "$root/versions/$from/$beside_root" "$root/$beside_root"
  done
  sync
  switch_to "$from" "$current"
  in_transition previous
  previous=$found
  if [ -n "$previous" ]; then switch_to "$previous" "$root/previous"; else rm -f -- "$root/previous"; fi
  restart=yes
  for_recorded unit enable_unit
  changed=yes
  back_sick=
  if ! starting || ! await_all; then
    show_sick
    back_sick=$sick
  fi
  # It is back either way: what is wrong with it is no more to be decided by another run.
  sync
  rm -f -- "$transition"
  end_run
  [ -n "$back_sick" ] || prune
}

# resume RELEASE: ends what a killed run left, unless this run goes the same way anyway
resume() {
  resumed=no
  [ -f "$transition" ] || return 0
  in_transition to
  resume_to=$found
  in_transition phase
  if [ "$found" = upgrade ] && [ "$resume_to" = "$1" ]; then
    in_transition backup
    backup_name=$found
    if [ "$(link_of "$current")" = "$1" ]; then
      # The new version may have run: the backup that is there is the one.
      resumed=yes
    else
      look_at_backup "$backups/$backup_name"
      if [ -z "$blocked" ]; then
        # The old version may have run again, so that a new backup is due, of units and record as they were.
        aside=
        put_back_outside
      fi
    fi
    return 0
  fi
  in_transition why
  resume_why=$found
  say "an earlier run was cut off; its way back comes first."
  reload=yes
  roll_back "${resume_why:-asked}"
  changed=yes
  [ "$resume_why" != unhealthy ] || [ "$resume_to" != "$1" ] || report_failed_upgrade
  recorded with_services
  has_services=$found
  [ -n "$has_services" ] || has_services=$kind_has_services
}

# What is printed when the version before is back.
report_rolled_back() {
  print install_root "$root"
  recorded release
  print release_folder "$found"
  recorded version
  print version "$found"
  [ ! -d "$aside" ] || print kept_aside "$aside"
  say_as_found
  print changed "$changed"
}

# The same when the new version was no good.
report_failed_upgrade() {
  changed=yes
  report_rolled_back
  die 8 "the new version was not healthy; $product $found and its data are back${back_sick:+, but $back_sick}. What was written since $version was started is not in that data; it lies in $aside."
}

rollback_release() {
  read_installed
  if [ "$has_services" = yes ]; then
    [ "$me" = 0 ] || die 3 "this needs root; run it with sudo."
    need_systemd
  fi
  lock_root
  load_record
  find_as_found
  check_addresses
  set_traps
  if [ ! -f "$transition" ]; then
    from=$(link_of "$root/previous")
    to=$(link_of "$current")
    { [ -n "$from" ] && [ "$from" != "$to" ]; } || die 7 "there is no previous version in $root to go back to."
    recorded backup
    backup_name=$found
    { [ -n "$backup_name" ] && [ -d "$backups/$backup_name" ]; } || die 7 "the backup that $from would need is not in $backups; without it, its data would be those of the newer version."
    look_at_way_back "$from" "$backup_name"
    [ -z "$blocked" ] || die 7 "$from cannot be put back, for $blocked; nothing was changed, and to leave the version that is in use, install a later one."
    put_as_found
    put_transition rollback "$from" "$to" "$backup_name" asked "$backups/aside-$(now)-$to" ''
  else
    # The run that was killed may have put units back that systemd has not read.
    reload=yes
  fi
  roll_back asked
  report_rolled_back
  [ -z "$back_sick" ] || die 6 "$back_sick, although the previous version and its data are back; what was written since lies in $aside."
}
