# The first configuration: files that the product definition writes out, and what the product
# sets up itself. None of it is ever written over.

make_user() {
  id -u "$4" >/dev/null 2>&1 && return 0
  nologin=$(command -v nologin || printf '%s' /bin/false)
  if has useradd; then
    telling useradd --system --user-group --no-create-home --home-dir "$5" --shell "$nologin" "$4"
  else
    telling adduser --quiet --system --group --no-create-home --home "$5" --shell "$nologin" "$4"
  fi || die 1 "the user $4 could not be made, for the reason above."
  changed=yes
}

# prepare_folder WHAT FOLDER MODE OWNER
prepare_folder() {
  # A folder for configuration that was there before us stays as its owner made it.
  [ "$1" = state ] || is_recorded config_folder "$2" || return 0
  put_folder "$2" "$3" "$4"
}

# For an installation without services: everything belongs to whoever installs it.
prepare_own_folders() {
  for own_folder in "$state" "$config_folder"; do
    [ -z "$config_file" ] && [ "$own_folder" = "$config_folder" ] && continue
    [ -d "$own_folder" ] || {
      (umask 077 && mkdir -p -- "$own_folder")
      changed=yes
    }
  done
}

# put_config SERVICE FILE TEXT USER: once; from then on it is the operator's
put_config() {
  if [ -e "$2" ] || [ -L "$2" ]; then return 0; fi
  mkdir -p -- "${2%/*}"
  put_file "$2" 0640 "root:$4" "$3"
}

put_environment() {
  environment_text "$1"
  put_config "$1" "$6/$1.env" "$environment_text" "$4"
}

# setup_owner: who owns what setup makes
find_setup_owner() { setup_owner=${setup_owner:-$4}; }

# What a product sets up lies where its service may write, and whatever the service's user put there must be followed by nobody
# but that user.
as_setup_user() {
  if [ -z "$setup_user" ]; then
    "$@"
  elif has setpriv; then
    setpriv --reuid="$setup_user" --regid="$setup_user" --init-groups -- "$@"
  else
    runuser -u "$setup_user" -- "$@"
  fi
}

# choose_setup_user: root only where the service's user cannot make its configuration, in a folder that was there before us
choose_setup_user() {
  setup_user=$setup_owner
  if [ -z "$setup_user" ] || as_setup_user test -w "$config_folder/."; then return 0; fi
  setup_user=
  setup_link=$(find "$state/." -type l -print -quit)
  [ -z "$setup_link" ] || die 5 "$setup_link is a symbolic link that $setup_owner may have put there, and $setup_binary would follow it as root, for $setup_owner cannot write to $config_folder; remove the link or let $setup_owner write there, then try again."
}

# Where the user who calls keeps things is not where the service does.
forget_caller() {
  [ -n "$setup_user" ] || return 0
  unset XDG_CONFIG_HOME XDG_DATA_HOME XDG_STATE_HOME XDG_CACHE_HOME XDG_RUNTIME_DIR
  USER=$setup_user
  LOGNAME=$setup_user
  export USER LOGNAME
}

# run_setup WORD …
run_setup() { (each_command_variable_exported && HOME=$state && export HOME && forget_caller && cd -- "$state" && umask 077 && trap - PIPE && as_setup_user "$release/$setup_binary" "$@" </dev/null >/dev/null 2>"$setup_log"); }
export_variable() { export "$1=$2"; }
each_command_variable_exported() { each_command_variable export_variable; }

# What the product said, without words that could be a token.
setup_failed() {
  sed -e 's/[A-Za-z0-9_+=-]\{24,\}/***/g' "$setup_log" >&2 || :
  rm -f -- "$config_file" "$setup_log"
  die 1 "$setup_binary $1 (its last words are above), so that there is no configuration $config_file; nothing runs that was not running before."
}

# The product makes its configuration where there is none. As long as the mark is there, a file that is there is half of one.
set_up() {
  [ -n "$setup_binary" ] || return 0
  setup_mark=$root/setup-unfinished
  setup_log=$root/.greenlight-setup
  setup_owner=
  if [ "$has_services" = yes ]; then each_service find_setup_owner; fi
  if [ -e "$setup_mark" ]; then rm -f -- "$config_file"; fi
  if [ ! -e "$config_file" ] && [ ! -L "$config_file" ]; then
    choose_setup_user
    : >"$setup_mark"
    sync "$setup_mark"
    (umask 077 && : >"$setup_log")
    need_restart
    with_setup run_setup || setup_failed "could not set itself up"
    [ -f "$config_file" ] || setup_failed "set itself up without making its configuration"
    with_validation run_setup || setup_failed "does not find the configuration valid that it made"
    [ -z "$setup_owner" ] || [ "$me" != 0 ] || chown -RhP -- "$setup_owner:$setup_owner" "$state"
    rm -f -- "$setup_log"
    changed=yes
  fi
  # Also when somebody's editor or the product itself made the file anew: it holds the key to everything.
  if is_recorded made_config "$config_file"; then narrow_mode "$config_file" 0600 "${setup_owner:-root}:${setup_owner:-root}"; fi
  if [ -e "$setup_mark" ]; then
    sync
    rm -f -- "$setup_mark"
  fi
}
