# Runs a command between two pictures of an installation, `before` and `after`. Lists have an item a line:
#   $places   everything in them, with digests of the files    $folders   whose each is and who may enter, for what is in it may change
#   $units    their processes
# shellcheck disable=SC2086
set -u
IFS='
'
picture() (
  set -f
  # Not every unit has drop-ins.
  find ${places:?} -printf '%p %y %m %U:%G %s %l\n' 2>/dev/null
  find $places -type f -exec sha256sum {} + 2>/dev/null
  for folder in ${folders?}; do stat -c '%n %a %U:%G' "$folder"; done
  # Profiles of whoever installs, and of all: the installer may have a block in them.
  find /root /etc/profile.d -maxdepth 1 \( -name '.*' -o -name '*.sh' \) -type f -printf '%p %m %s\n' -exec sha256sum {} +
  for unit in ${units?}; do echo "process of $unit: $(systemctl show -p MainPID --value "$unit")"; done
)
picture >before
"$@"
code=$?
picture >after
exit $code
