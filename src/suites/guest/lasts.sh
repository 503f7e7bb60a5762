# Looks at a service until it has been up for so long: prints what systemd shows of it, whether it answered, and the seconds that it was up.
#   lasts UNIT URL SECONDS
set -u
# shellcheck source=/dev/null
. "${greenlight:?}/prelude.sh"
since=$(systemctl show -p ExecMainStartTimestampMonotonic --value "$1") || exit
first='' unanswered=0
while :; do
  now=$(systemctl show -p MainPID -p NRestarts -p SubState "$1")
  answered=yes
  http_get "$2" >/dev/null 2>&1 || answered=no unanswered=$((unanswered + 1))
  read -r up _ </proc/uptime
  up=$((${up%.*} - since / 1000000))
  printf '%s\nAnswered=%s\nUp=%s\n\n' "$now" $answered $up
  # What does not last need not be waited for.
  if [ "${first:=$now}" != "$now" ] || [ $unanswered -gt 1 ]; then break; fi
  rest=$(($3 - up))
  if [ $answered = no ]; then
    rest=1
  elif [ $rest -gt 5 ]; then
    rest=5
  fi
  [ $rest -gt 0 ] || break
  sleep $rest
done
