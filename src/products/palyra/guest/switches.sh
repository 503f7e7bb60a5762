# CONFIG RECIPE SERVICE: what could switch a capability on, a line for each setting by the place that it stands in, and `PLACE looked`
# once that place was read: the configuration, the running process's environment, the unit's, and that of the packaged recipe. Nothing
# else of these files is said: there are secrets in them.
set -u
config=$1 recipe=$2 service=$3

# said PLACE: of lines NAME=VALUE on standard input those that may be a switch
said() {
  sed -n "s/^\(export \)\{0,1\}\(PALYRA_EXPERIMENTAL_[A-Z0-9_]*=.*\)/$1 \2/p"
}

# Tables become part of the names that stand below them, and quotes go; inline tables stay as they are.
awk '
  { sub(/\r$/, "") }
  /^[ \t]*(#|$)/ { next }
  /^[ \t]*\[/ { sub(/[ \t]*#.*$/, ""); gsub(/[][ \t"]/, ""); table = $0 "."; next }
  {
    at = index($0, "=")
    if (at == 0) next
    name = table substr($0, 1, at - 1)
    value = substr($0, at + 1)
    gsub(/[ \t"]/, "", name)
    if (name !~ /^feature_rollouts(\.|$)|\.mode$/ && value !~ /^[ \t]*\{/) next
    sub(/^[ \t]+/, "", value)
    if (value !~ /^\{/) { sub(/[ \t]*#.*$/, "", value); gsub(/["\047]/, "", value) }
    else if (name !~ /^feature_rollouts/ && value !~ /mode[ \t]*=/) next
    print "configuration " name "=" value
  }' "$config" && echo "configuration looked"

# Read in one go, and kept nowhere: it has secrets.
pid=$(systemctl show -p MainPID --value "$service") && [ "$pid" -gt 0 ] && [ -r "/proc/$pid/environ" ] &&
  tr '\0' '\n' <"/proc/$pid/environ" | said environment && [ -e "/proc/$pid" ] && echo "environment looked"

if [ "$(systemctl show -p LoadState --value "$service")" = loaded ]; then
  systemctl show -p Environment --value "$service" | tr ' ' '\n' | said unit
  # A file that may be missing is no place where something stands while it is.
  systemctl show -p EnvironmentFiles --value "$service" | sed -n 's/^\(.*\) (ignore_errors=\([a-z]*\))$/\2 \1/p' >files
  read=yes
  while read -r optional file; do
    if [ "$optional" = no ] || [ -e "$file" ]; then
      said unit <"$file" || read=no
    fi
  done <files
  [ "$read" = no ] || echo "unit looked"
fi

said recipe <"$recipe" && echo "recipe looked"
rm -f files
