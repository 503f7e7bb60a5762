# Waiting until every service is healthy, and longer: a service that is about to end may well answer first.

# Everywhere: after an installation, an upgrade, a way back and any other start.
watch_seconds=5

# ask_one "SERVICE HOST PORT PATH MEMBER…": the first that does not answer well, itself, is in $silent, and in what way in $silent_fault
ask_one() {
  [ -z "$silent" ] || return 0
  # shellcheck disable=SC2086 # the record's words
  set -- $1
  if was_found stopped "$1"; then return 0; fi
  look_at_health "$@" || silent=$1
}

# look_at_health SERVICE HOST PORT PATH MEMBER…: whether it answers, and it is the service that does; else the sentence is in $silent_fault
look_at_health() {
  state_of "$1"
  shift
  http_ok "$@" || :
  if own_listener "$1" "$2"; then
    [ -n "$http_fault" ] || return 0
    tell_answer
    silent_fault=$told
  elif [ -n "$listeners" ]; then
    tell_holders
    silent_fault="$http_url is not the service's: $told listens there, on port $2"
  else
    tell_answer
    silent_fault="$told, and no process is seen to listen there"
  fi
  return 1
}

# judge UNIT: what can be said of it at once. One that systemd has had to start again is not healthy, whatever it answers now.
judge() {
  [ -z "$sick" ] || return 0
  state_of "$1"
  sick_service=$1
  case $nl$state_lines in
    *"${nl}ActiveState=failed$nl"* | *"${nl}ActiveState=inactive$nl"*) sick="service $1 ended instead of becoming healthy" ;;
    *"${nl}NRestarts=0$nl"*) ;;
    *"${nl}NRestarts="*) [ "$started" = no ] || sick="service $1 has died and was started again" ;;
  esac
  case $nl$state_lines in *"${nl}ActiveState=active$nl"*) ;; *) silent=${silent:-$1} ;; esac
  if is_young; then young=yes; fi
  state_value MainPID
  main_processes="$main_processes$1:$state_value "
  case $watched_processes in '' | *" $1:$state_value "*) ;; *) sick=${sick:-service $1 was started again while it was watched} ;; esac
}

# is_young: whether the unit of $state_lines has been active for less than it would be watched
is_young() {
  state_value ActiveEnterTimestampMonotonic
  case $state_value in '' | 0 | *[!0-9]*) return 1 ;; esac
  young_since=$((state_value / 1000000))
  IFS=' .' read -r young_now young_rest </proc/uptime || return 1
  [ $((young_now - young_since)) -lt "$watch_seconds" ]
}

# await_all: healthy, and after as many seconds as it is watched still so, by the same processes; 0, or the reason in $sick
await_all() {
  [ -n "$unit_names" ] || return 0
  find_addresses
  await_begin=$(date +%s)
  await_said=$await_begin
  watched_processes=
  while :; do
    silent=
    silent_fault=
    young=$started
    main_processes=' '
    look_at_units
    for judge_name in $unit_names; do judge "$judge_name"; done
    [ -z "$sick" ] || return 1
    each_line ask_one "$health_lines"
    await_now=$(date +%s)
    if [ -z "$silent" ]; then
      [ "$young" = yes ] && [ -z "$watched_processes" ] || return 0
      watched_processes=$main_processes
      say "healthy after $((await_now - await_begin)) s; watched for another $watch_seconds s."
      sleep "$watch_seconds"
    elif [ "$((await_now - await_begin))" -ge "$wait_seconds" ]; then
      sick="service $silent did not become healthy within $wait_seconds s"
      sick_service=$silent
      return 1
    else
      if [ "$((await_now - await_said))" -ge 2 ]; then
        say "service $silent is not healthy yet, after $((await_now - await_begin)) s of at most $wait_seconds: ${silent_fault:-it is starting}"
        # Seldom, the longer it takes.
        await_said=$((await_now + (await_now - await_begin) / 4))
      fi
      sleep 0.2 2>/dev/null || sleep 1
    fi
  done
}

# need_healthy: an upgrade is judged by a question; where what runs does not answer that well either, nothing could be told by it. An
# installation that never was healthy may be mended by a later version.
need_healthy() {
  if [ "$(cat -- "$root/restart-needed" 2>/dev/null)" = first ]; then return 0; fi
  wanted_units
  [ -n "$unit_names" ] || return 0
  sick=
  started=no
  need_wait=$wait_seconds
  # It is not starting: what it does not answer soon it does not answer.
  [ "$wait_seconds" -le 10 ] || wait_seconds=10
  await_all || {
    show_sick
    recorded version
    die 6 "$sick: $product $found, which is installed, is not healthy by the question that the new version would be asked as well. Nothing was stopped or changed. Mend it, or say in <its configuration folder>/$sick_service.health where it is to be asked (http://HOST:PORT/PATH), or stop it (systemctl stop $sick_service; systemctl reset-failed $sick_service) to upgrade it unasked; then try again."
  }
  wait_seconds=$need_wait
}

# tell_port SERVICE ADDRESS PORT: who else has a port that the sick service usually listens on
tell_port() {
  [ "$1" = "$sick_service" ] || return 0
  case $2 in 0.0.0.0 | ::) set -- "$1" any "$3" ;; esac
  find_listeners "$2" "$3"
  [ -n "$listeners" ] || return 0
  state_of "$1"
  if own_listener "$2" "$3"; then return 0; fi
  tell_holders
  say "port $3 of $2, on which $1 usually listens, is held by $told."
}

# tell_health "SERVICE HOST PORT PATH MEMBER…": what the sick service is asked, and what answers
tell_health() {
  # shellcheck disable=SC2086 # the record's words
  set -- $1
  [ "$1" = "$sick_service" ] || return 0
  look_at_health "$@" || {
    origin_of "$sick_service"
    say "asked for the health of $sick_service, where $origin says: $silent_fault."
  }
}

# show_sick: everything that is known of why: the service's own last lines, what was asked and answered, and who has its ports
show_sick() {
  say "the last lines of service $sick_service:"
  journalctl --no-pager -q -n 20 -u "$sick_service" >&2 2>/dev/null || :
  [ -z "$unit_names" ] || look_at_units
  find_addresses
  each_line tell_health "$health_lines"
  each_listener tell_port
}
