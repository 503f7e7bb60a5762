# What takes long says so while it does, with the time that it has taken: silence is taken for a hang.

ticker=

# pause: two seconds, in which a signal is heard at once
pause() {
  sleep 2 2>/dev/null &
  wait $!
}

# tick WHAT: until it is ended, or whoever started it is. It holds neither the lock nor what others read.
tick() {
  exec </dev/null >/dev/null 9<&-
  # Its pause ends with it: what is left of an installer counts as running. No other part of the installer hears this signal, so
  # that one that comes before this line ends it as well, and is not lost.
  trap 'kill -s KILL $! 2>/dev/null; exit 0' USR1
  tick_seconds=0
  while pause && kill -0 $$ 2>/dev/null; do
    tick_seconds=$((tick_seconds + 2))
    if [ "$tick_seconds" = 2 ] || [ $((tick_seconds % 6)) = 0 ]; then say "$1, for $tick_seconds s…"; fi
  done
}

stop_ticker() {
  [ -n "$ticker" ] || return 0
  kill -s USR1 "$ticker" 2>/dev/null || :
  wait "$ticker" 2>/dev/null || :
  ticker=
}

# during WHAT COMMAND…: one at a time
during() {
  stop_ticker
  tick "$1" &
  ticker=$!
  shift
  # Where failing does not end the script, its code is handed on.
  "$@"
  during_code=$?
  stop_ticker
  return "$during_code"
}
