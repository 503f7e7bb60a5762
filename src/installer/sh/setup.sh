# The first configuration: files that the product definition writes out, secrets that are made here, and what the product
# sets up itself. None of it is ever written over.

make_user() {
  id -u "$4" >/dev/null 2>&1 && return 0
  nologin=$(command -v nologin || printf '%s' /bin/false)
  if has useradd; then
    useradd --system --user-group --no-create-home --home-dir "$5" --shell "$nologin" "$4"
  else
    adduser --quiet --system --group --no-create-home --home "$5" --shell "$nologin" "$4" >&2
  fi
  changed=yes
}

# The product's own configuration is its user's to change, by way of a new file; what root keeps beside it is not (sticky).
prepare_folders() {
  put_folder "$5" 0750 "$4:$4"
  # A folder that was there before us stays as its owner made it.
  is_recorded config_folder "$6" || return 0
  if [ -n "$setup_binary" ]; then folder_mode=1770; else folder_mode=0750; fi
  put_folder "$6" "$folder_mode" "root:$4"
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

# secrets_file SERVICE: in $secrets_file
secrets_file() {
  secrets_service=$1
  each_service find_secrets_file
}
find_secrets_file() { [ "$1" != "$secrets_service" ] || secrets_file=$6/$1.secrets; }

# put_secret SERVICE NAME: made once, never shown; a file that has it already is left as it is
put_secret() {
  secrets_file "$1"
  secret_file=$secrets_file
  secret_text=
  if [ -f "$secret_file" ]; then
    if grep -q -e "^$2=" "$secret_file"; then return 0; fi
    secret_text=$(cat -- "$secret_file")$nl
  fi
  secret=$(od -An -v -tx1 -N32 /dev/urandom | tr -d ' \n')
  [ ${#secret} = 64 ] || die 1 "/dev/urandom gave no secret for $2."
  put_file "$secret_file" 0600 root:root "$secret_text$2=$secret$nl"
  secret=
  secret_text=
}

# setup_user: who owns what setup makes
find_setup_user() { setup_user=${setup_user:-$4}; }

# run_setup WORD …
run_setup() { (each_command_variable_exported && HOME=$state && export HOME && cd -- "$state" && umask 077 && "$release/$setup_binary" "$@" </dev/null >/dev/null 2>"$setup_log"); }
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
  setup_user=
  if [ "$has_services" = yes ]; then each_service find_setup_user; fi
  if [ -e "$setup_mark" ]; then rm -f -- "$config_file"; fi
  if [ ! -e "$config_file" ] && [ ! -L "$config_file" ]; then
    : >"$setup_mark"
    sync "$setup_mark"
    (umask 077 && : >"$setup_log")
    need_restart
    with_setup run_setup || setup_failed "could not set itself up"
    [ -f "$config_file" ] || setup_failed "set itself up without making its configuration"
    with_validation run_setup || setup_failed "does not find the configuration valid that it made"
    [ -z "$setup_user" ] || [ "$me" != 0 ] || chown -RhP -- "$setup_user:$setup_user" "$state"
    rm -f -- "$setup_log"
    changed=yes
  fi
  # Also when somebody's editor or the product itself made the file anew: it holds the key to everything.
  if is_recorded made_config "$config_file"; then put_mode "$config_file" 0600 "${setup_user:-root}:${setup_user:-root}"; fi
  if [ -e "$setup_mark" ]; then
    sync
    rm -f -- "$setup_mark"
  fi
}
