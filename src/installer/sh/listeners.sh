# Who listens on a port of this machine, as the kernel says (proc(5)): an answer counts only where the service's own process gives it.

# address_word ADDRESS: in $address_word, as the kernel writes it, the lowest byte first; empty for a name or what is not looked for
address_word() {
  address_word=
  case $1 in
    ::1) address_word=00000000000000000000000001000000 ;;
    *[!0-9.]*) ;;
    *.*.*.*)
      address_rest=$1
      while [ -n "$address_rest" ]; do
        address_word=$(printf '%02X' "${address_rest%%.*}")$address_word
        case $address_rest in *.*) address_rest=${address_rest#*.} ;; *) address_rest= ;; esac
      done
      ;;
  esac
}

# find_listeners ADDRESS PORT: in $listeners, "USER INODE" a line each, of the sockets that would get what is sent there: those of the
# address itself, else those of every address. For a name, all that listen on the port.
find_listeners() {
  listeners=
  address_word "$1"
  listen_port=$(printf '%04X' "$2")
  listen_all=$(grep -hE "^ *[0-9]+: [0-9A-F]+:$listen_port [0-9A-F]+:[0-9A-F]+ 0A " /proc/net/tcp /proc/net/tcp6 2>/dev/null) || return 0
  for listen_word in "$address_word" "0000000000000000FFFF0000$address_word" 00000000 00000000000000000000000000000000; do
    each_line look_at_listener "$listen_all"
    [ -z "$listeners" ] || return 0
  done
}
look_at_listener() {
  # shellcheck disable=SC2086 # the kernel's words
  set -- $1
  [ -z "$address_word" ] || [ "${2%:*}" = "$listen_word" ] || return 0
  listeners=$listeners$8\ ${10}$nl
}

# find_holders: in $holders, the processes, by /proc/<number>, that have one of these listeners open
find_holders() {
  holders=
  each_line find_holder "$listeners"
}
find_holder() { holders=$holders$(find /proc/[0-9]*/fd -maxdepth 1 -lname "socket:\\[${1#* }\\]" -printf '%h\n' 2>/dev/null)$nl || :; }

# held_by PROCESS: whether it has one of these listeners open; where its files are not ours to see, by whose they are
held_by() {
  held=no
  held_process=$1
  each_line look_at_held "$listeners"
  [ "$held" = yes ]
}
look_at_held() {
  if [ "$me" = 0 ]; then
    [ -z "$(find "/proc/$held_process/fd" -maxdepth 1 -lname "socket:\\[${1#* }\\]" 2>/dev/null)" ] || held=yes
  elif [ "$(stat -c %u "/proc/$held_process" 2>/dev/null)" = "${1%% *}" ]; then
    held=yes
  fi
}

# own_listener ADDRESS PORT: whether the service whose $state_lines these are has that address, by its main process or another of its
# control group
own_listener() {
  find_listeners "$1" "$2"
  [ -n "$listeners" ] || return 1
  state_value MainPID
  case $state_value in '' | 0) return 1 ;; esac
  if held_by "$state_value"; then return 0; fi
  state_value ControlGroup
  [ -n "${state_value#/}" ] && [ "$me" = 0 ] || return 1
  find_holders
  group_found=no
  each_line look_at_group "$holders"
  [ "$group_found" = yes ]
}
look_at_group() {
  while IFS= read -r group_line; do
    case ${group_line#*:*:}/ in "$state_value"/*) group_found=yes ;; esac
  done 2>/dev/null <"${1%/fd}/cgroup" || :
}

# tell_holders: in $told, whose these listeners are
tell_holders() {
  told=
  find_holders
  each_line tell_holder "$holders"
  [ -n "$told" ] || told="a process that cannot be seen from here"
}
tell_holder() {
  tell_process=${1%/fd}
  tell_name=$(readlink "$tell_process/exe" 2>/dev/null) || tell_name=
  tell_name=${tell_name##*/}
  tell_user=$(stat -c %U "$tell_process" 2>/dev/null) || tell_user='somebody'
  tell_unit=$(sed -n 's/^.*\/\([^/]*\.\(service\|scope\|socket\)\)$/\1/p' "$tell_process/cgroup" 2>/dev/null | tail -n 1) || tell_unit=
  told="$told${told:+ and }process ${tell_process#/proc/} (${tell_name:-without a name} of user $tell_user${tell_unit:+, in $tell_unit})"
}
