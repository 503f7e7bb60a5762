# Gives the state a small file system of its own, fills that to the last byte, lets services write into it and start on it; then frees it
# and puts the state back where it was.
#   chaos-full STATE UNITS WORD…   units with spaces between them; the words write once through the product
set -u
state=$1 units=$2
shift 2
small=/run/greenlight-small
heard=${greenlight:?}/notes/chaos-heard
tries() {
  [ $# -gt 0 ] || return 0
  for _ in 1 2 3; do timeout -s KILL 20 "$@" >>"$heard" 2>&1 </dev/null || return 0; done
}
# shellcheck disable=SC2086
systemctl stop $units || exit
size=$(du -sk "$state") || exit
mkdir "$small" && mount -t tmpfs -o "size=$((${size%%[!0-9]*} + 8192))k" tmpfs "$small" || exit
cp -a "$state/." "$small/" && mount --bind "$small" "$state" || exit
# shellcheck disable=SC2086
systemctl reset-failed $units 2>/dev/null
# shellcheck disable=SC2086
systemctl start $units || exit
sleep 3
head -c 1G /dev/zero >"$small/greenlight-fill" 2>/dev/null
df -k --output=avail "$state"
tries "$@"
# shellcheck disable=SC2086
systemctl restart --no-block $units
waited=0
while [ $waited -lt 15 ]; do
  waited=$((waited + 1))
  sleep 1
  # shellcheck disable=SC2086
  systemctl show -p ActiveState --value $units | grep -qv -e failed -e '^$' || break
done
tries "$@"
rm "$small/greenlight-fill"
# shellcheck disable=SC2086
systemctl stop $units
umount "$state" || exit
# What we move must be as safe as it was; the power is cut later.
find "$state" -mindepth 1 -delete && cp -a "$small/." "$state/" && sync && umount "$small" && rmdir "$small" || exit
# shellcheck disable=SC2086
systemctl reset-failed $units 2>/dev/null
# shellcheck disable=SC2086
systemctl start $units
