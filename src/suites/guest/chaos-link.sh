# Each network link is gone for some seconds, and comes back with its routes. Should this script not live to see it, a timer brings it back:
# whoever asks comes over that link.
set -u
for link in /sys/class/net/*; do
  link=${link##*/}
  [ "$link" != lo ] || continue
  routes=$(ip route show default dev "$link")
  back="ip link set $link up; ${routes:+ip route replace $routes dev $link}"
  systemd-run --quiet --collect --unit="greenlight-link-$link" --on-active=60 sh -c "$back" || exit
  ip link set "$link" down || exit
  sleep 8
  sh -c "$back" || exit
  systemctl stop "greenlight-link-$link.timer"
done
