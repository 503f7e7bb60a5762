# Prints what lies in folders while units are stopped: then nothing is there that is gone with them. Those that ran run again afterwards.
#   state UNITS FOLDER…   units with spaces between them; of everything its type, size, mode and path, of each file its digest
set -u
units=$1 ran=
shift
for unit in $units; do ! systemctl is-active --quiet "$unit" || ran="$unit $ran"; done
# shellcheck disable=SC2086
[ -z "$ran" ] || systemctl stop $ran || exit
find "$@" -printf '%y %s %m %p\n'
find "$@" -type f -exec sha256sum {} +
# shellcheck disable=SC2086
[ -z "$ran" ] || systemctl start $ran || exit
exit 0
