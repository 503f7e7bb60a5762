# Services as the record names them: so the ones of another version can be stopped, started and waited for as well.

unit_name() {
  unit_name=${1##*/}
  unit_names="$unit_names ${unit_name%.service}"
}

# recorded_units: in $unit_names, by the names that systemd has for them
recorded_units() {
  unit_names=
  for_recorded unit unit_name
}

# Processes whose executable lies in the root: a desktop application, a command that somebody left running.
processes_below() {
  find /proc/[0-9]*/exe -maxdepth 0 -printf '%h %l\n' 2>/dev/null | while IFS= read -r process_line; do
    case ${process_line#* } in "$1"/*) printf '%s\n' "${process_line%% *}" ;; esac
  done
}

# stop_processes FOLDER: politely, then not
stop_processes() {
  process_signal=TERM
  process_tries=0
  while :; do
    process_list=$(processes_below "$1") || :
    [ -n "$process_list" ] || return 0
    if [ "$process_tries" -eq 0 ] || [ "$process_signal" = KILL ]; then
      for process in $process_list; do kill -s "$process_signal" "${process#/proc/}" 2>/dev/null || :; done
    fi
    process_tries=$((process_tries + 1))
    [ "$process_tries" -lt 50 ] || process_signal=KILL
    [ "$process_tries" -lt 100 ] || die 1 "processes that run from $1 cannot be ended; end them, then try again."
    sleep 0.2 2>/dev/null || sleep 1
  done
}

stop_all() {
  recorded_units
  # shellcheck disable=SC2086 # names of units have no spaces
  [ -z "$unit_names" ] || systemctl stop $unit_names || say "not every service could be stopped in order."
  stop_processes "$root"
}

# Reloading costs systemd seconds on a slow machine: enabling leaves it to the one reload that follows.
enable_unit() {
  enable_name=${1##*/}
  enable_name=${enable_name%.service}
  systemctl is-enabled --quiet "$enable_name" 2>/dev/null || {
    systemctl enable --quiet --no-reload "$enable_name"
    reload=yes
    changed=yes
  }
}

# disable_unit FILE: stopped, disabled, gone
disable_unit() {
  if [ -e "$1" ]; then
    systemctl disable --now --no-reload --quiet "${1##*/}" || say "${1##*/} could not be stopped in order."
    systemctl reset-failed "${1##*/}" 2>/dev/null || :
  else
    systemctl stop "${1##*/}" 2>/dev/null || :
  fi
  rm -f -- "$1" "${1%/*}/.greenlight-$product"
}

# start_all: 0 when every service runs what was installed; otherwise $sick says which one does not
start_all() {
  sick=
  recorded_units
  [ -n "$unit_names" ] || return 0
  [ "$restart$reload" = nono ] || systemctl daemon-reload || return 1
  for start_name in $unit_names; do
    if [ "$restart" = no ] && systemctl is-active --quiet "$start_name"; then continue; fi
    changed=yes
    systemctl reset-failed "$start_name" 2>/dev/null || :
    systemctl restart "$start_name" || {
      sick="service $start_name could not be started"
      sick_service=$start_name
      return 1
    }
  done
}

# await_one "SERVICE HOST PORT PATH"
await_one() {
  [ -z "$sick" ] || return 0
  # shellcheck disable=SC2086 # the record's words
  set -- $1
  until http_ok "$2" "$3" "$4" && systemctl is-active --quiet "$1"; do
    case $(systemctl is-active "$1" 2>/dev/null) in
      failed | inactive) sick="service $1 ended instead of becoming healthy" ;;
      *) [ "$(date +%s)" -lt "$await_end" ] || sick="service $1 did not become healthy within $wait_seconds s" ;;
    esac
    [ -z "$sick" ] || {
      sick_service=$1
      return 0
    }
    sleep 0.2 2>/dev/null || sleep 1
  done
}

# A service that systemd has had to start again is not healthy, whatever it answers now.
none_restarted() {
  for steady_name in $unit_names; do
    steady_count=$(systemctl show -p NRestarts --value "$steady_name") || steady_count=
    case $steady_count in 0 | '') ;; *)
      sick="service $steady_name has died and was started again $steady_count times"
      sick_service=$steady_name
      return 1
      ;;
    esac
  done
}

# await_all SECONDS: healthy, and after as many seconds still so; 0 or $sick
await_all() {
  await_end=$(($(date +%s) + wait_seconds))
  for_recorded health await_one
  [ -z "$sick" ] || return 1
  if [ "$1" -gt 0 ] && [ -n "$unit_names" ]; then
    sleep "$1"
    await_end=$(date +%s)
    for_recorded health await_one
    [ -z "$sick" ] || return 1
  fi
  none_restarted
}

show_sick() { journalctl --no-pager -q -n 20 -u "$sick_service" >&2 2>/dev/null || :; }
