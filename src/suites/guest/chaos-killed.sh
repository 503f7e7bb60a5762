# Kills the main process of each service, as nobody can refuse.
#   chaos-killed UNIT…
set -u
for unit; do
  pid=$(systemctl show -p MainPID --value "$unit") && [ "$pid" -gt 0 ] && kill -KILL "$pid" || exit
  # What is dying must not be asked how it is.
  while [ -e "/proc/$pid" ]; do sleep 0.1; done
done
