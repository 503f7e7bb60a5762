# status: what is installed here, and whether it is as it should be. Changes nothing.

status_link() {
  if [ "$(readlink "$commands/$1" 2>/dev/null)" = "$current/$1" ]; then
    print command "$commands/$1"
  else
    say "$commands/$1 does not lead to the installed release."
    wrong=yes
  fi
}

status_service() {
  status_state=$(systemctl is-active "$1" 2>/dev/null) || :
  print "service.$1" "${status_state:-unknown}"
  status_healthy=no
  if http_ok "$7" "$8" "$9"; then status_healthy=yes; fi
  print "healthy.$1" "$status_healthy"
  [ "$status_state-$status_healthy" = active-yes ] || wrong=yes
  printf '%s' "$3" | cmp -s - "$2" || {
    say "$2 is not the unit of this release."
    wrong=yes
  }
}

status_release() {
  if foreign_root || [ -z "$(recorded release)" ]; then
    print installed no
    return 7
  fi
  wrong=no
  print installed yes
  for status_key in product kind version sha256 release; do print "$status_key" "$(recorded "$status_key")"; done
  status_intact=no
  if intact "$current"; then status_intact=yes; fi
  print intact "$status_intact"
  [ "$status_intact" = yes ] || wrong=yes
  [ "$root/$(readlink "$current")" = "$(recorded release)" ] || wrong=yes
  if [ "$(recorded version)" = "$version" ]; then
    each_command status_link
    each_service status_service
  else
    say "this script is of version $version; ask the one of version $(recorded version) for links and services."
  fi
  [ ! -e "$root/restart-needed" ] || {
    say "an install was not finished; run it again."
    wrong=yes
  }
  [ "$wrong" = no ] || return 6
}
