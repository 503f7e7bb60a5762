usage() {
  cat 2>/dev/null <<END || :
$title $version for $platform (kind $kind)

usage: $program install --archive FILE --sha256 DIGEST [--signature FILE [--signer FILE]]
                  [--install-root DIR] [--state-root DIR] [--config FILE] [--command-root DIR]
                  [--no-persist-path] [--no-service] [--wait SECONDS]
       $program rollback [--install-root DIR] [--wait SECONDS]
       $program uninstall [--install-root DIR] [--remove-state]
       $program status [--install-root DIR]
       $program show unit|environment SERVICE [--install-root DIR] [--state-root DIR] [--config FILE]

install    verifies FILE against DIGEST, installs it and waits until its services are healthy.
           Configuration that is there is never written over. Running it again changes nothing.
           Where another version is installed, that one must be healthy, or be stopped; state and
           configuration are backed up first; when the new version does not become healthy, the
           previous one is put back with them. A service that was disabled or stopped stays so.
rollback   goes back to the previous version, with the data that it had; what was written since
           is kept aside and named.
uninstall  removes what was installed; keeps state, drop-ins and changed configuration, unless
           --remove-state is given.
status     says what is installed and whether it is whole and healthy.
show       prints what install would write.

Results are key=value lines on stdout, everything else goes to stderr.
Exit codes: 0 done, 1 a command failed, 2 wrong usage, 3 this machine lacks something,
4 the archive is not what it should be, 5 something that is not ours is in the way,
6 what is installed is not healthy, and is not upgraded, 7 not installed, or nothing whole to go back to, 8 the new version
was not healthy and the previous one is back, 9 older than what is installed, 10 a way back that
had begun is closed, for its release or its backup is damaged; what is in use stays.
END
}

wrong_usage() {
  say "$1"
  usage >&2
  end 2
}

list_shown() { shown="$shown${shown:+, }unit $1, environment $1"; }

show_unit() {
  [ "$1" = "$show_service" ] || return 0
  shown=yes
  if [ "$show_what" = unit ]; then
    unit_text "$@"
    printf '%s\n' "$unit_text" || :
  else
    environment_text "$1"
    printf '%s' "$environment_text" || :
  fi
}

show_release() {
  # Of what this machine has installed, nothing enters.
  record_lines=
  find_places
  shown=
  case $show_what in unit | environment) each_service show_unit ;; esac
  [ -z "$shown" ] || return 0
  each_service list_shown
  [ -n "$shown" ] || wrong_usage "$title has no service whose unit or environment could be shown."
  wrong_usage "show prints one of these: $shown."
}

command=${1-}
[ $# = 0 ] || shift
archive=
digest=
signature=
signer=
root_option=
state_option=
config_option=
command_root_option=
persist_wanted=yes
services_wanted=yes
remove_state=no
wait_seconds=90
show_what=
show_service=
while [ $# -gt 0 ]; do
  case $command:$1 in
    *:--install-root | install:--archive | install:--sha256 | install:--signature | install:--signer | install:--state-root | install:--config | install:--command-root | install:--wait | rollback:--wait | show:--state-root | show:--config)
      [ $# -ge 2 ] || wrong_usage "$1 needs a value."
      [ -n "$2" ] || wrong_usage "$1 needs a value that is not empty."
      one_line "The value of $1" "$2"
      case $1 in
        --archive) archive=$2 ;;
        --sha256) digest=$2 ;;
        --signature) signature=$2 ;;
        --signer) signer=$2 ;;
        --install-root) root_option=$2 ;;
        --state-root) state_option=$2 ;;
        --config) config_option=$2 ;;
        --command-root) command_root_option=$2 ;;
        *) wait_seconds=$2 ;;
      esac
      shift 2
      ;;
    install:--no-persist-path)
      persist_wanted=no
      shift
      ;;
    install:--no-service)
      services_wanted=no
      shift
      ;;
    uninstall:--remove-state)
      remove_state=yes
      shift
      ;;
    *:--help | *:-h)
      usage
      end 0
      ;;
    show:[a-z]*)
      if [ -z "$show_what" ]; then show_what=$1; elif [ -z "$show_service" ]; then show_service=$1; else wrong_usage "'$1' is not understood here."; fi
      shift
      ;;
    *) wrong_usage "'$1' is not understood here." ;;
  esac
done
# A leading zero is octal to a shell's arithmetic, and a number of any length more than it can count with.
case $wait_seconds in '' | *[!0-9]* | 0?* | ??????*) wrong_usage "--wait takes a whole number of seconds, at most 99999 and without leading zeros, not '$wait_seconds'." ;; esac
for given_file in archive signature signer; do
  eval "given=\$$given_file"
  # A path that starts with a dash must not be taken for an option by anything that gets it.
  case $given in '' | /*) ;; *)
    one_line "The folder that --$given_file is in" "$PWD"
    eval "$given_file=\$PWD/\$given"
    ;;
  esac
done

case $command in
  install | rollback | uninstall | status | show)
    find_root
    "${command}_release"
    ;;
  help | --help | -h) usage ;;
  '') wrong_usage "say what to do." ;;
  *) wrong_usage "'$command' is no command." ;;
esac
