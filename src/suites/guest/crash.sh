# Brings what the journal has from when this machine was first told to do anything, over all of its boots. Its argument:
#   kernel      what the kernel said
#   complaints  what anybody said that is an error or worse; as files, what was said before that, and what the journal keeps
#               of what it is told now
#   restarts    what systemd started anew by itself (SD_MESSAGE_UNIT_RESTART_SCHEDULED)
set -u
began=$(stat -c %W "${greenlight:?}/notes") || exit 2
[ "$began" -gt 0 ] || {
  echo "it is not known when the first suite began" >&2
  exit 2
}
said() { journalctl -q --no-pager -o short-iso "$@"; }
case $1 in
  kernel) said --since="@$began" _TRANSPORT=kernel ;;
  complaints)
    logger -t greenlight looking
    journalctl --sync
    said -n 1 -t greenlight >heard
    said -p 3 --until="@$began" >baseline && said -p 3 --since="@$began"
    ;;
  restarts) said --since="@$began" MESSAGE_ID=5eb03494b6584870a536b337290809b3 ;;
  *) exit 2 ;;
esac
