# Stops a unit and starts it again; prints how long it took and how it ended.
set -u
systemctl is-active --quiet "$1" || {
  echo "it does not run"
  exit 1
}
read -r before _ </proc/uptime
systemctl stop "$1"
read -r after _ </proc/uptime
echo "stopped after $((${after%.*} - ${before%.*})) s"
systemctl show -p ActiveState -p Result "$1"
systemctl start "$1"
