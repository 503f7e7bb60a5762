# COMMANDS CONFIG STATE WHAT…: plants data through the product's own commands, and looks at it. Of what is secret only digests are noted
# and come back: the secret's value is made here, of the archive's digest, and is in no text that is kept.
set -u
palyra=$1/palyra config=$2/palyra.toml state=$3 what=$4
shift 4
# shellcheck disable=SC2154 # the prelude sets it
notes=$greenlight/notes/planted
PALYRA_VAULT_BACKEND=encrypted_file
export PALYRA_VAULT_BACKEND

# Runs the command as the owner of the configuration, so that files are its own.
owner=$(stat -c %U "$config") group=$(stat -c %g "$config")
as_owner() {
  if [ "$owner" = root ]; then
    "$palyra" "$@"
  else
    HOME=$state setpriv --reuid="$owner" --regid="$group" --init-groups "$palyra" "$@"
  fi
}

digest() {
  sum=$(sha256sum)
  echo "$1 ${sum%% *}"
}
# digests COMMAND…: a line for each thing that is planted; the command prints the secret
digests() {
  digest configuration <"$config"
  sed -n 's/^auth_token *= *"\(..*\)".*/\1/p' "$config" | digest "admin token"
  "$@" | digest secret
}

case $what in
  plant) # SEED
    secret=$(printf 'planted in %s\n' "$1" | sha256sum)
    printf ' %s\n ' "${secret%% *}" >value
    as_owner secrets set global planted --value-stdin <value || exit
    grep -q '^auth_token *= *"..*"' "$config" || exit
    mkdir -p "$notes" && digests cat value >"$notes/digests"
    rm value
    ;;
  noted) cat "$notes/digests" ;;
  now) digests as_owner secrets get global planted --reveal ;;
  run) as_owner "$@" ;; # ARGUMENT…
esac
