# PROGRAM: says whether it runs two seconds later. Only that is asked, and no exit code read for it: a program can end with any,
# the one by which `timeout` says that it had to end a program among them. Here `timeout` ends what runs, and runs as long as it does.
set -u
if [ -z "${GREENLIGHT_DISPLAY-}" ] && command -v xvfb-run >/dev/null; then
  GREENLIGHT_DISPLAY=own exec xvfb-run -a sh "$0" "$@"
fi
timeout -k 5 60 "$1" >said 2>&1 &
pid=$!
sleep 2
# What has ended is gone, or waits as Z until its exit code is asked for.
state=
read -r _ _ state _ 2>/dev/null <"/proc/$pid/stat"
case $state in
  "" | Z)
    wait $pid
    echo "ended by itself with exit code $?"
    tail -n 3 said
    ;;
  *)
    echo "up for two seconds"
    kill $pid
    wait $pid
    ;;
esac
# How it ended once it was told to is not asked.
exit 0
