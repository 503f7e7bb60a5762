# Publishes a message until a subscriber has it, and prints what that received: one that is published before the subscription stands is
# lost, as it should be.
#   nats-smoke SERVER
set -u
nats -s "$1" sub --count 1 --raw greenlight.smoke >received &
subscriber=$!
for _ in 1 2 3 4 5 6 7 8 9 10; do
  nats -s "$1" pub greenlight.smoke hello >/dev/null 2>&1
  kill -0 $subscriber 2>/dev/null || break
  sleep 0.3
done
wait $subscriber && cat received
