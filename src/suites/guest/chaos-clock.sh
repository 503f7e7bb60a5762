# The clock goes a day forward, and after some seconds back to what it would be.
set -u
uptime() {
  read -r up _ </proc/uptime
  up=${up%.*}
}
now=$(date +%s) && uptime
began=$((now - up))
date -s "@$((now + 86400))" && sleep 5 || exit
uptime
date -s "@$((began + up))" && sleep 2
