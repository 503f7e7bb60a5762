# systemd_runs: whether systemd is the first process of this machine. In a container or a chroot its commands may be there all the same, do
# half of what they are told, or nothing.
systemd_state=
systemd_runs() {
  if [ -z "$systemd_state" ]; then
    systemd_state=$(systemctl is-system-running 2>/dev/null) || :
    systemd_state=${systemd_state:-unknown}
  fi
  case $systemd_state in offline | unknown) return 1 ;; esac
}

need_systemd() { systemd_runs || die 3 "systemd is not the first process here (systemctl is-system-running: $systemd_state), as in a container or a chroot, so that no service could be run; install on a machine that systemd runs, or the programs alone with --no-service. Where it was installed, '$program uninstall' removes it; nothing was changed."; }

# Services as the record names them: so the ones of another version can be stopped, started and waited for as well.

unit_names=
states=
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
  # The kernel names executables without any link on the way to them.
  process_folder=$(cd -P -- "$1" 2>/dev/null && pwd -P) || process_folder=$1
  find /proc/[0-9]*/exe -maxdepth 0 -printf '%h %l\n' 2>/dev/null | while IFS= read -r process_line; do
    case ${process_line#* } in "$process_folder"/*) printf '%s\n' "${process_line%% *}" ;; esac
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
    [ "$process_tries" -lt 25 ] || process_signal=KILL
    [ "$process_tries" -lt 75 ] || die 1 "processes that run from $1 cannot be ended; end them, then try again."
    sleep 0.2 2>/dev/null || sleep 1
  done
}

stop_all() {
  recorded_units
  # shellcheck disable=SC2086 # names of units have no spaces
  [ -z "$unit_names" ] || telling systemctl stop $unit_names || say "not every service could be stopped in order."
  stop_processes "$root"
}

# Reloading costs systemd seconds on a slow machine: enabling leaves it to the one reload that follows. A unit of ours is wanted by
# one target, so that its link says whether it is enabled.
is_enabled() { [ -e "$units/multi-user.target.wants/${1##*/}" ]; }
enable_unit() {
  if is_enabled "$1"; then return 0; fi
  enable_name=${1##*/}
  if was_found disabled "${enable_name%.service}"; then return 0; fi
  telling systemctl enable --quiet --no-reload "${enable_name%.service}" || die 1 "$enable_name could not be enabled; systemd's words are above."
  reload=yes
  changed=yes
}

# disable_unit FILE: stopped, disabled, gone
disable_unit() {
  reload=yes
  if ! systemd_runs; then
    rm -f -- "${1%/*}/multi-user.target.wants/${1##*/}"
    rmdir -- "${1%/*}/multi-user.target.wants" 2>/dev/null || :
  elif [ -e "$1" ]; then
    telling systemctl disable --now --no-reload --quiet "${1##*/}" || say "${1##*/} could not be stopped in order."
    systemctl reset-failed "${1##*/}" 2>/dev/null || :
  else
    systemctl stop "${1##*/}" 2>/dev/null || :
    # systemd disables nothing whose file is gone.
    rm -f -- "${1%/*}/multi-user.target.wants/${1##*/}"
    rmdir -- "${1%/*}/multi-user.target.wants" 2>/dev/null || :
  fi
  rm -f -- "$1" "${1%/*}/.greenlight-$product"
}

# reload_units: once for all that came, changed or went. Systemd itself is not asked whether it must (NeedDaemonReload): it compares times
# only, and clocks are set back.
reload_units() {
  [ "$reload" = yes ] && systemd_runs || return 0
  telling systemctl daemon-reload || {
    sick="systemd could not read its units again"
    sick_service=init.scope
    return 1
  }
  reload=no
}

# look_at_units: of each its name, whether it runs, as which process, since when, and how often systemd had to start it again; in $states
look_at_units() {
  states=
  systemd_runs || return 0
  # shellcheck disable=SC2086 # names of units have no spaces
  states=$(systemctl show -p Id -p ActiveState -p NRestarts -p MainPID -p ControlGroup -p ActiveEnterTimestampMonotonic $unit_names) || states=
}

# state_of UNIT: its lines, in $state_lines, in whatever order systemd has them
state_of() {
  state_lines=
  state_wanted=$1
  state_block=
  each_paragraph_line "$states"
}
each_paragraph_line() {
  set -- "$1$nl$nl"
  while [ -n "$1" ]; do
    case $nl$state_block in *"${nl}Id=$state_wanted.service$nl"*) state_lines=$state_block ;; esac
    case $1 in "$nl"*) state_block= ;; *) state_block=$state_block${1%%"$nl"*}$nl ;; esac
    set -- "${1#*"$nl"}"
  done
}
# state_value KEY: what the unit of $state_lines has of it
state_value() {
  state_value=$nl$state_lines
  case $state_value in *"$nl$1="*) state_value=${state_value#*"$nl$1="} state_value=${state_value%%"$nl"*} ;; *) state_value= ;; esac
}
runs() {
  state_of "$1"
  case $nl$state_lines in *"${nl}ActiveState=active$nl"*) return 0 ;; esac
  return 1
}

starting() { during "services are being started" start_all; }

# start_all: 0 when every service runs what was installed; otherwise $sick says which one does not
start_all() {
  sick=
  started=no
  reload_units || return 1
  wanted_units
  [ -n "$unit_names" ] || return 0
  [ "$restart" = yes ] || look_at_units
  for start_name in $unit_names; do
    if [ "$restart" = no ] && runs "$start_name"; then continue; fi
    changed=yes
    started=yes
    systemctl reset-failed "$start_name" 2>/dev/null || :
    telling systemctl restart "$start_name" || {
      sick="service $start_name could not be started"
      sick_service=$start_name
      return 1
    }
  done
}
