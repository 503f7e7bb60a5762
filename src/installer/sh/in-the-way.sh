# What install refuses before it changes anything: what is not ours, and what is newer than it.

# find_theirs UNIT: in $theirs, what systemd runs by that name, wherever it has it from: a package, an init script, another unit's alias
find_theirs() {
  theirs=
  state_lines=$(systemctl show -p LoadState -p FragmentPath "$1")$nl || return 0
  state_value FragmentPath
  theirs=$state_value
  state_value LoadState
  case $state_value:$theirs in
    not-found:* | *:"$units/$1") theirs= ;;
    masked:*) theirs=${theirs:-a mask} ;;
  esac
}

has_group() { getent group "$1" >/dev/null 2>&1 || grep -q "^$1:" /etc/group; }

check_service() {
  # Ours is asked for only until it is there.
  if [ ! -e "$units/$1.service" ]; then
    find_theirs "$1.service"
    [ -z "$theirs" ] || die 5 "$theirs is the unit $1.service of this machine already, and not ours: it would be taken over, and not come back. Remove the package that it came with, or whatever else put it there (systemctl status $1.service), then try again."
  fi
  if [ -e "$units/$1.service" ] || [ -L "$units/$1.service" ]; then
    is_recorded unit "$units/$1.service" || die 5 "$units/$1.service is there and not ours; move it away, then try again."
  fi
  no_link "$units/$1.service"
  if ! id -u "$4" >/dev/null 2>&1 && has_group "$4"; then
    die 5 "a group $4 is there, and no user of that name, so that the service's user could not be made with a group of its own; remove or rename the group (groupdel $4), then try again; nothing was changed."
  fi
  no_link "$5"
  # Kept state belongs to root, or to nobody when its user was removed by hand.
  [ -e "$5" ] || return 0
  [ -d "$5" ] || die 5 "$5 should be the folder for the state of $1, and is something else; move it away, then try again."
  state_owner=$(stat -c %U "$5")
  case $state_owner in "$4" | root | UNKNOWN) ;; *) die 5 "$5 belongs to $state_owner; move it away or give it to root, then try again." ;; esac
}

# Texts that could not be written for these places are refused before anything is.
check_unit() {
  unit_text "$@"
  environment_text "$1"
}

# A chosen folder for state becomes the service's, and goes with it: whatever somebody else keeps in one must never.
check_state() {
  if [ ! -e "$state" ] || [ "$state" = "$usual_state" ] || is_recorded state "$state" || is_recorded state_root "$state"; then return 0; fi
  [ -d "$state" ] || die 5 "$state is no folder; give $title an empty folder, or one of its own."
  if [ ! -r "$state" ] || [ -n "$(find "$state/." -mindepth 1 -maxdepth 1 -print -quit)" ]; then
    die 5 "$state holds something that no installer of ours put there; give $title an empty folder, or one of its own."
  fi
}

# check_links: where root would write, or give away, for a service
check_links() {
  no_link "$state"
  for_recorded config_folder no_link
  for_recorded made_config no_link
  for_recorded secret no_link
}

check_ours() {
  if foreign_root; then die 5 "$root holds something that no installer of ours put there; move it away, then try again."; fi
  recorded kind
  record_kind=$found
  [ -z "$record_kind" ] || [ "$record_kind" = "$kind" ] || die 5 "$root holds the kind $record_kind of $product; uninstall that first."
  check_places
  check_state
  choose_command_root
  choose_persistence
  each_command check_shim
  if [ "$has_services" = yes ]; then
    each_service check_service
    each_service check_unit
    check_links
  fi
}

check_age() {
  # What a killed run was on its way to has not been decided yet.
  [ ! -f "$transition" ] || return 0
  recorded version
  installed_version=$found
  if [ -z "$installed_version" ]; then
    recorded kept_version
    if [ -n "$found" ] && is_older "$version" "$found"; then
      die 9 "$version is older than $found, which may have converted what it left when it was uninstalled, in one direction only; install $found or a later version, or remove what is left with '$program uninstall --remove-state'."
    fi
    return 0
  fi
  # Where a way back was given up, the record may be that of the version which it led to.
  age_link=$(link_of "$current")
  [ -z "$age_link" ] || installed_version=${age_link%-*}
  if is_older "$version" "$installed_version"; then
    die 9 "$version is older than $installed_version, which is installed and may have converted its data, in one direction only; '$program rollback' goes back to the version before, with the data of then."
  fi
}
