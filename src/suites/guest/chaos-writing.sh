# Writes through the product again and again from now on, whatever becomes of this check; ends when something was written.
#   chaos-writing WORD…
set -u
notes=${greenlight:?}/notes
: >"$notes/chaos-writes"
# shellcheck disable=SC2016 # its own shell expands it
systemd-run --quiet --collect --unit=greenlight-writing sh -c '
  to=$1
  shift
  while :; do ! timeout -s KILL 30 "$@" </dev/null >/dev/null 2>&1 || echo written >>"$to"; done
' writing "$notes/chaos-writes" "$@" || exit
waited=0
while ! [ -s "$notes/chaos-writes" ] && [ $waited -lt 60 ]; do
  waited=$((waited + 1))
  sleep 1
done
head -n 1 "$notes/chaos-writes"
