# status: what is installed here, and whether it is as it should be. Changes nothing.

# status_mode FILE MODE OWNER: what others could read, change or not run; an owner that is empty may be anybody
status_mode() {
  # Of what only root may look at, somebody else is told nothing.
  [ -f "$1" ] || return 0
  status_found=$(stat -c '%U:%G %a' "$1")
  if [ "${status_found#* }" = "${2#0}" ] && { [ -z "$3" ] || [ "${status_found% *}" = "$3" ]; }; then return 0; fi
  say "$1 has owner and mode $status_found instead of ${3:-${status_found% *}} ${2#0}; install the release again to mend that."
  wrong=yes
}
status_secret() { status_mode "$1" 0600 root:root; }
# Its service may have made it narrower.
status_made_config() { [ ! -f "$1" ] || no_wider "$(stat -c %a "$1")" 0600 || status_mode "$1" 0600 ''; }

# status_folder WHAT FOLDER MODE OWNER: whose it is, and that it is no wider than declared
status_folder() {
  [ "$1" = state ] || is_recorded config_folder "$2" || return 0
  [ -d "$2" ] || return 0
  folder_found=$(stat -c '%U:%G %a' "$2")
  if [ "${folder_found% *}" = "$4" ] && no_wider "${folder_found#* }" "$3"; then return 0; fi
  say "$2 has owner and mode $folder_found instead of $4 ${3#0}; install the release again to mend that."
  wrong=yes
}

# status_secret_form SERVICE NAME BYTES ENCODING PREFIX: only root may look
status_secret_form() {
  secrets_file "$1"
  shift
  { [ -f "$secrets_file" ] && [ -r "$secrets_file" ]; } || return 0
  secret_fits "$secrets_file" "$@" || name_unfit "$secrets_file" "$@"
}

status_shim() {
  if our_shim "$1"; then
    print command "$1"
    status_mode "$1" 0755 ''
  elif other_shim "$1"; then
    target_of "$1"
    if [ -n "$target" ]; then
      print command_of_another "$1"
    else
      say "$1 leads to nothing that runs."
      wrong=yes
    fi
  else
    say "$1 does not lead to the installed release."
    wrong=yes
  fi
}

# status_health "SERVICE HOST PORT PATH MEMBER…"
status_health() {
  # shellcheck disable=SC2086 # the record's words
  set -- $1
  status_state=inactive
  if runs "$1"; then status_state=active; fi
  print "service.$1" "$status_state"
  status_healthy=no
  # Asked twice: a busy machine may miss the first time. What does not run, answers nothing.
  if look_at_health "$@" || { [ "$status_state" = active ] && sleep 1 && look_at_health "$@"; }; then status_healthy=yes; fi
  print "healthy.$1" "$status_healthy"
  [ "$status_state-$status_healthy" != active-yes ] || return 0
  wrong=yes
  sick_service=$1
  state_of "$1"
  case $nl$state_lines in
    *"${nl}ActiveState=inactive$nl"*) say "service $1 is stopped; 'systemctl start $1' starts it." ;;
    *) show_sick ;;
  esac
}

status_enabled() {
  if is_enabled "$1"; then return 0; fi
  say "${1##*/} is not enabled, so that it does not run after the next boot; 'systemctl enable ${1##*/}' changes that."
  wrong=yes
}

status_unit() {
  unit_text "$@"
  has_text "$units/$1.service" "$unit_text$nl" || {
    say "$units/$1.service is not the unit of this release."
    wrong=yes
  }
  status_mode "$units/$1.service" 0644 root:root
}

status_release() {
  recorded release
  if foreign_root || [ -z "$found" ]; then
    print installed no
    end 7
  fi
  read_installed
  wrong=no
  print installed yes
  print install_root "$root"
  for status_key in product kind version sha256 release state_root config_path; do
    recorded "$status_key"
    print "$status_key" "$found"
  done
  status_intact=no
  if whole "$current"; then status_intact=yes; fi
  print intact "$status_intact"
  [ "$status_intact" = yes ] || wrong=yes
  [ "$root/$(readlink "$current")" = "$release" ] || wrong=yes
  status_previous=$(readlink "$root/previous" 2>/dev/null) || status_previous=
  [ -z "$status_previous" ] || print previous "$root/$status_previous"
  for_recorded shim status_shim
  recorded_units
  [ -z "$unit_names" ] || look_at_units
  check_addresses
  each_line status_health "$health_lines"
  for_recorded unit status_enabled
  recorded version
  if [ "$has_services" = yes ] && [ "$found" = "$version" ]; then
    each_service status_unit
    each_folder status_folder
    each_secret status_secret_form
  fi
  for_recorded secret status_secret
  for_recorded made_config status_made_config
  if [ -e "$root/restart-needed" ] || [ -e "$transition" ]; then
    say "an install was not finished; run it again."
    wrong=yes
  fi
  [ "$wrong" = no ] || end 6
}
