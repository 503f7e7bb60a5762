# uninstall: takes away what the record names, and nothing else. The record goes last, so that a run that was killed
# is finished by the next one; and it stays, shortened, as long as state or configuration that it names was kept.

safe_to_remove() {
  case $1 in
    / | /*/../* | /*/.. | /*/) return 1 ;;
    /*/*) return 0 ;;
  esac
  return 1
}

# for_recorded KEY COMMAND: the command with each value
for_recorded() {
  while IFS= read -r for_line || [ -n "$for_line" ]; do
    case $for_line in "$1="*) "$2" "${for_line#*=}" ;; esac
  done <"$record"
}

stop_unit() {
  [ -e "$1" ] || {
    systemctl stop "${1##*/}" 2>/dev/null || :
    return 0
  }
  systemctl disable --now --no-reload --quiet "${1##*/}" || say "${1##*/} could not be stopped in order."
  systemctl reset-failed "${1##*/}" 2>/dev/null || :
  rm -f -- "$1" "$(dirname "$1")/.greenlight-$product"
}

remove_link() {
  rm -f -- "$(dirname "$1")/.greenlight-$product"
  if our_link "$1"; then rm -f -- "$1"; fi
}

# A configuration file that the operator changed is theirs, unless everything is to go.
remove_config() {
  config_digest=${1%% *}
  config_file=${1#* }
  [ -f "$config_file" ] || return 0
  if [ "$remove_state" = yes ] || [ "$(digest_of "$config_file")" = "$config_digest" ]; then
    rm -f -- "$config_file"
  fi
}

remove_config_folder() {
  [ -d "$1" ] || return 0
  rm -f -- "$1/.greenlight-$product"
  find "$1" -depth -type d -empty -delete
}

remove_state_folder() {
  [ -d "$1" ] || return 0
  if [ "$remove_state" = yes ]; then
    safe_to_remove "$1" || die 5 "the record names $1 as state, which is no folder to remove; nothing more was done."
    rm -rf -- "$1"
  else
    # Without its user the state would belong to whoever gets that number next.
    chown -Rh -- root:root "$1"
  fi
}

remove_user() {
  if id -u "$1" >/dev/null 2>&1; then
    if has userdel; then userdel "$1"; else deluser --quiet --system "$1"; fi
  fi
  # userdel takes a group of the same name along only where the system is set up so.
  if grep -q "^$1:" /etc/group; then groupdel "$1" 2>/dev/null || say "group $1 is still in use and stays."; fi
}

keep_config() { if [ -f "${1#* }" ]; then print config "$1"; fi; }
keep_config_folder() { if [ -d "$1" ]; then print config_folder "$1"; fi; }
keep_state() { if [ -d "$1" ]; then print state "$1"; fi; }
report_config() { print kept "${1#* }"; }
report_state() { print kept "$1"; }

# What is left of the record, or nothing of it and its folder.
end_record() {
  {
    for_recorded config keep_config
    for_recorded config_folder keep_config_folder
    for_recorded state keep_state
  } >"$root/.greenlight-kept"
  if [ -s "$root/.greenlight-kept" ]; then
    {
      printf '%s\n' 'greenlight-install-record 1'
      print product "$product"
      cat "$root/.greenlight-kept"
    } >"$root/.greenlight-record"
    mv -T -- "$root/.greenlight-record" "$record"
    rm -f -- "$root/.greenlight-kept"
    for_recorded config report_config
    for_recorded state report_state
  else
    rm -f -- "$root/.greenlight-kept" "$record"
    rmdir -- "$root"
  fi
}

uninstall_release() {
  need_root
  if [ ! -e "$root" ] && [ ! -L "$root" ]; then
    say "$product is not installed in $root; nothing was changed."
    print installed no
    print changed no
    return 0
  fi
  if foreign_root || [ ! -f "$record" ]; then
    # What a killed install left before it had made anything outside its folder.
    if foreign_root; then die 5 "$root has no record of an installer of ours; nothing was removed."; fi
    rm -rf -- "$root"/.greenlight-*
    rmdir -- "$root"
    print installed no
    print changed yes
    return 0
  fi
  lock_root
  for_recorded unit stop_unit
  [ -z "$(recorded unit)" ] || systemctl daemon-reload
  for_recorded link remove_link
  for_recorded config remove_config
  for_recorded config_folder remove_config_folder
  for_recorded state remove_state_folder
  for_recorded user remove_user
  was_installed=$(recorded release)
  find "$root" -mindepth 1 -maxdepth 1 ! -name install-record -exec rm -rf -- {} +
  end_record
  print installed no
  if [ -z "$was_installed" ] && [ "$remove_state" = no ]; then print changed no; else print changed yes; fi
}
