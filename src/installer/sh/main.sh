usage() {
  cat <<END
$title $version for $platform (kind $kind)

usage: $program install --archive FILE --sha256 DIGEST [--wait SECONDS]
       $program uninstall [--remove-state]
       $program status

install    verifies FILE against DIGEST, installs it into $root and waits until its
           services are healthy. Configuration that is there is never written over.
           Running it again changes nothing.
uninstall  removes what was installed; keeps state and changed configuration, unless
           --remove-state is given.
status     says what is installed and whether it is whole and healthy.

Results are key=value lines on stdout, everything else goes to stderr.
Exit codes: 0 done, 1 a command failed, 2 wrong usage, 3 this machine lacks something,
4 the archive is not what it should be, 5 something that is not ours is in the way,
6 installed but not healthy, 7 not installed (status only).
END
}

wrong_usage() {
  say "$1"
  usage >&2
  exit 2
}

command=${1-}
[ $# = 0 ] || shift
archive=
digest=
remove_state=no
wait_seconds=90
while [ $# -gt 0 ]; do
  case $command:$1 in
    install:--archive | install:--sha256 | install:--wait)
      [ $# -ge 2 ] || wrong_usage "$1 needs a value."
      case $1 in --archive) archive=$2 ;; --sha256) digest=$2 ;; *) wait_seconds=$2 ;; esac
      shift 2
      ;;
    uninstall:--remove-state)
      remove_state=yes
      shift
      ;;
    *:--help | *:-h)
      usage
      exit 0
      ;;
    *) wrong_usage "'$1' is not understood here." ;;
  esac
done
case $wait_seconds in '' | *[!0-9]*) wrong_usage "--wait takes a whole number of seconds, not '$wait_seconds'." ;; esac
# A path that starts with a dash must not be taken for an option by anything that gets it.
case $archive in '' | /*) ;; *) archive=$PWD/$archive ;; esac

case $command in
  install) install_release ;;
  uninstall) uninstall_release ;;
  status) status_release ;;
  help | --help | -h) usage ;;
  '') wrong_usage "say what to do." ;;
  *) wrong_usage "'$command' is no command." ;;
esac
