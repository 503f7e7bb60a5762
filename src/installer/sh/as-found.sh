# What an operator disabled or stopped stays so, through deploy, a new version and the way back. It is looked at before anything is stopped,
# and kept in a file until a run is done: the next one must not take for the operator's what a killed one did.

as_found=
never_ran=

# find_as_found: "disabled SERVICE" and "stopped SERVICE", a line each, in $as_found. One that failed was stopped by nobody.
find_as_found() {
  as_found=
  if [ -e "$transition" ] || [ "$(cat -- "$root/restart-needed" 2>/dev/null)" = first ]; then
    [ ! -f "$root/services-as-found" ] || as_found=$(cat -- "$root/services-as-found")
    return 0
  fi
  recorded_units
  [ -n "$unit_names" ] || return 0
  look_at_units
  for_recorded unit look_as_found
}
look_as_found() {
  # What somebody removed is put back, and runs.
  [ -f "$1" ] || return 0
  look_name=${1##*/}
  look_name=${look_name%.service}
  is_enabled "$1" || as_found=$as_found${as_found:+$nl}"disabled $look_name"
  state_of "$look_name"
  state_value ActiveState
  [ "$state_value" != inactive ] || as_found=$as_found${as_found:+$nl}"stopped $look_name"
}

# was_found HOW SERVICE
was_found() {
  case $nl$as_found$nl in *"$nl$1 $2$nl"*) return 0 ;; esac
  return 1
}

put_as_found() {
  if [ -z "$as_found" ]; then
    [ ! -e "$root/services-as-found" ] || rm -f -- "$root/services-as-found"
    return 0
  fi
  printf '%s\n' "$as_found" >"$root/.greenlight-as-found"
  sync "$root/.greenlight-as-found"
  mv -T -- "$root/.greenlight-as-found" "$root/services-as-found"
}

# end_run: nothing is left to be done by the next one
end_run() { rm -f -- "$root/restart-needed" "$root/services-as-found"; }

# wanted_units: in $unit_names, those that are to run
wanted_units() {
  recorded_units
  set -- "$unit_names"
  unit_names=
  for wanted_name in $1; do was_found stopped "$wanted_name" || unit_names="$unit_names $wanted_name"; done
}

say_as_found() { each_line say_one_as_found "$as_found"; }
say_one_as_found() {
  said_name=${1#* }
  is_recorded unit "$units/$said_name.service" || return 0
  case $1 in
    disabled*) say "service $said_name was disabled and stays so: it will not run after the next boot; 'systemctl enable $said_name' changes that." ;;
    stopped*) say "service $said_name was stopped and stays so: whether it is healthy could not be asked; 'systemctl start $said_name' starts it." ;;
  esac
}
