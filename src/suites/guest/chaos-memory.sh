# Leaves each service less memory than any process has, until its process is gone; then takes the limit away and lets systemd do the rest.
#   chaos-memory UNIT…
set -u
before=
for unit; do
  before="$before $(systemctl show -p MainPID --value "$unit")" || exit
  systemctl set-property --runtime "$unit" MemoryMax=64K MemorySwapMax=0 || exit
done
waited=0
for pid in $before; do
  while [ -e "/proc/$pid" ] && [ $waited -lt 300 ]; do
    waited=$((waited + 1))
    sleep 0.1
  done
done
for unit; do
  systemctl set-property --runtime "$unit" MemoryMax=infinity MemorySwapMax=infinity || exit
  rm -r "/run/systemd/system.control/$unit.d" || exit
done
systemctl daemon-reload || exit
[ $waited -lt 300 ] || echo "it was not ended by a limit of 64 KiB"
