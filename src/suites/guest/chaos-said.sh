# Brings what was logged of each service since this was last asked, a file each, and what commands of the product said that wrote meanwhile.
# From a line of our own in the journal on, by its cursor: clocks may have jumped. (--after-cursor would pass over the first line of a unit.)
#   chaos-said UNIT…
set -u
notes=${greenlight:?}/notes
mkdir said || exit
logger -t greenlight "looking for what is said"
journalctl --sync
if [ -e "$notes/chaos-cursor" ]; then
  read -r cursor <"$notes/chaos-cursor" || exit
  for unit; do journalctl -q --no-pager -o cat --cursor="$cursor" -u "$unit" >"said/$unit" || exit; done
fi
: >>"$notes/chaos-heard"
mv "$notes/chaos-heard" said/commands || exit
journalctl -q --no-pager -n 1 -o cat -t greenlight --show-cursor | sed -n 's/^-- cursor: //p' >"$notes/chaos-cursor"
[ -s "$notes/chaos-cursor" ]
