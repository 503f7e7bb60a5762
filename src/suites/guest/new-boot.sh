# Prints the id of the boot in which the phase before ran, that of this one, and what systemd had logged of the former's shutdown, if anything.
set -u
read -r before <"${greenlight:?}/boot-id" || exit
read -r now </proc/sys/kernel/random/boot_id
echo "$before"
echo "$now"
journalctl -q --no-pager -o cat -n 1 -b "$(echo "$before" | tr -d -)" _PID=1 UNIT=shutdown.target
