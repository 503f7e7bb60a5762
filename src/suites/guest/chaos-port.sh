# Somebody else has the first port of each service when that starts; when nothing starts any more, or after half a minute, the port is free
# again, and whoever runs the machine starts the services.
#   chaos-port UNIT ADDRESS:PORT …
set -u
units=
for word; do
  case $word in
    *.service) units="$units $word" ;;
    *) sockets="${sockets-} $word" ;;
  esac
done
# shellcheck disable=SC2086
systemctl stop $units || exit
taken=
for socket in ${sockets-}; do
  name=greenlight-port-${socket##*:}
  systemd-run --quiet --unit="$name" --socket-property="ListenStream=$socket" sleep 600 || exit
  taken="$taken $name.socket"
done
# shellcheck disable=SC2086
systemctl start --no-block $units
waited=0
while [ $waited -lt 30 ]; do
  waited=$((waited + 1))
  sleep 1
  # shellcheck disable=SC2086
  systemctl show -p ActiveState --value $units | grep -qv -e failed -e '^$' || break
done
# shellcheck disable=SC2086
systemctl stop $taken || exit
# shellcheck disable=SC2086
systemctl reset-failed $units 2>/dev/null
# shellcheck disable=SC2086
systemctl restart $units
