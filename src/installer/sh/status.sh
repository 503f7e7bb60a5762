# status: what is installed here, and whether it is as it should be. Changes nothing.

status_shim() {
  if our_shim "$1"; then
    print command "$1"
  else
    say "$1 does not lead to the installed release."
    wrong=yes
  fi
}

# status_health "SERVICE HOST PORT PATH"
status_health() {
  # shellcheck disable=SC2086 # the record's words
  set -- $1
  status_state=$(systemctl is-active "$1" 2>/dev/null) || :
  print "service.$1" "${status_state:-unknown}"
  status_healthy=no
  if http_ok "$2" "$3" "$4"; then status_healthy=yes; fi
  print "healthy.$1" "$status_healthy"
  [ "$status_state-$status_healthy" = active-yes ] || wrong=yes
}

status_unit() {
  unit_text "$@"
  printf '%s\n' "$unit_text" | cmp -s - "$units/$1.service" || {
    say "$units/$1.service is not the unit of this release."
    wrong=yes
  }
}

status_release() {
  if foreign_root || [ -z "$(recorded release)" ]; then
    print installed no
    return 7
  fi
  read_installed
  wrong=no
  print installed yes
  print install_root "$root"
  for status_key in product kind version sha256 release state_root config_path; do print "$status_key" "$(recorded "$status_key")"; done
  status_intact=no
  if intact "$current"; then status_intact=yes; fi
  print intact "$status_intact"
  [ "$status_intact" = yes ] || wrong=yes
  [ "$root/$(readlink "$current")" = "$(recorded release)" ] || wrong=yes
  status_previous=$(readlink "$root/previous" 2>/dev/null) || status_previous=
  [ -z "$status_previous" ] || print previous "$root/$status_previous"
  for_recorded shim status_shim
  for_recorded health status_health
  if [ "$has_services" = yes ] && [ "$(recorded version)" = "$version" ]; then each_service status_unit; fi
  if [ -e "$root/restart-needed" ] || [ -e "$transition" ]; then
    say "an install was not finished; run it again."
    wrong=yes
  fi
  [ "$wrong" = no ] || return 6
}
