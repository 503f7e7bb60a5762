# Installations that another installer made: Palyra's own writes the same metadata, schema 2, and no record; and one that
# lost its metadata is known by its release-manifest.json.

# leads_to FILE TARGET: whether a script's text has the target as a word of its own, quoted as either generation of writers did
leads_to() {
  [ -f "$1" ] && [ ! -L "$1" ] || return 1
  shell_word "$2"
  grep -Fq -e "$quoted" "$1" || grep -Fq -e "\"$2\"" "$1" || grep -Fqx -e "exec $2 \"\$@\"" "$1"
}

# remove_foreign_shim FILE TARGET
remove_foreign_shim() {
  if leads_to "$1" "$2"; then
    rm -f -- "$1"
    foreign_swept=yes
  fi
}

remove_targeted_shim() { remove_foreign_shim "$1" "$foreign_target"; }

# Without metadata, the folder itself says which block in a profile was made for it.
sweep_folder() {
  foreign_swept=no
  for sweep_name in $(each_command echo); do
    remove_foreign_shim "$1/$sweep_name" "$root/$sweep_name"
    remove_foreign_shim "$1/$sweep_name" "$root/current/$sweep_name"
  done
  command_root=$1
  remove_foreign_blocks
  [ "$foreign_swept" = no ] || drop_command_root "$1"
}

# remove_foreign_blocks: what a second run of that installer left out of its list is looked for as well
remove_foreign_blocks() { each_line remove_block "$foreign_profiles$nl$home/.profile$nl$home/.bash_profile$nl$home/.zprofile"; }

# A copy of the unit that somebody installed by hand would fail at every boot.
stop_foreign_units() {
  systemd_runs || return 0
  for foreign_unit in "$units"/*.service; do
    [ -f "$foreign_unit" ] || continue
    if grep -q -F -e "ExecStart=$root/" "$foreign_unit" || grep -q -F -e "ExecStart=\"$root/" "$foreign_unit"; then
      telling systemctl disable --now --quiet "${foreign_unit##*/}" || say "${foreign_unit##*/} could not be stopped in order."
      say "$foreign_unit started what is removed now; it is stopped and disabled, and stays for you to remove."
    fi
  done
}

# The release's own files below the root are those that are as its checksums say, its programs, and what its installer wrote.
# Everything else may be data: a daemon that was started in the root has its journal there.
remove_foreign_binary() { [ -d "$root/$1" ] || rm -f -- "$root/$1"; }
remove_foreign_release() {
  foreign_listed=
  [ ! -f "$root/checksums.txt" ] || foreign_listed=$(cd -- "$root" && sha256sum --check checksums.txt 2>/dev/null) || :
  # By what is found, not by what is listed: a name on a list could lead out of the root.
  find "$root" -type f ! -path "$root/$foreign_last" | while IFS= read -r foreign_file; do
    case $nl$foreign_listed$nl in *"$nl${foreign_file#"$root"/}: OK$nl"*) rm -f -- "$foreign_file" ;; esac
  done
  each_binary remove_foreign_binary
  for foreign_file in checksums.txt release-manifest.json install-metadata.json; do
    [ "$foreign_file" = "$foreign_last" ] || rm -f -- "$root/$foreign_file"
  done
  rm -f -- "$root"/service/*.service
  find "$root" -mindepth 1 -depth -type d -empty -delete
}

# keep_foreign_data: beside the root; in $foreign_kept, when there is any. By what it is known by, a run that was killed is finished:
# that goes last, from where the data has gone in one step.
keep_foreign_data() {
  remove_foreign_release
  if [ -z "$(find "$root" -mindepth 1 -maxdepth 1 ! -name "$foreign_last" -print -quit)" ]; then
    rm -f -- "$root/$foreign_last"
    rmdir -- "$root"
    return 0
  fi
  foreign_kept=$root.kept-$(now)
  while [ -e "$foreign_kept" ]; do foreign_kept=$foreign_kept+; done
  mv -T -- "$root" "$foreign_kept"
  rm -f -- "$foreign_kept/$foreign_last"
}

# Where the root is gone, a run may have been killed between the two.
finish_foreign() {
  for foreign_kept in "$root".kept-*; do
    for foreign_last in install-metadata.json release-manifest.json; do
      [ -f "$foreign_kept/$foreign_last" ] || continue
      rm -f -- "$foreign_kept/$foreign_last"
      print kept "$foreign_kept"
    done
  done
}

# remove_foreign_data: what it is known by goes last, so that a run that was killed still finds the state
remove_foreign_data() {
  [ -z "$foreign_state" ] || rm -rf -- "$foreign_state"
  find "$root" -mindepth 1 -maxdepth 1 ! -name "$foreign_last" -exec rm -rf -- {} +
  rm -rf -- "$root"
}

# foreign_says NAME: what the metadata has of it, in $foreign_said
foreign_says() { foreign_said=$(json_values "$1") || die 5 "what $root/install-metadata.json has as $1 cannot be read; nothing was removed."; }

# foreign_path PATH: in $foreign_path, in its shortest form; one that leads back up is nobody's to guess at
foreign_path() {
  case $1 in
    */../* | */..) foreign_path=$1 ;;
    /*) foreign_path=$(realpath -ms -- "$1") ;;
    *) foreign_path=$1 ;;
  esac
}

uninstall_foreign() {
  foreign_state=
  foreign_manifest=$root/release-manifest.json
  foreign_last='install-metadata.json'
  if [ -f "$root/install-metadata.json" ]; then
    json_all=$(tr '\n\r\t' '   ' <"$root/install-metadata.json")
    printf '%s\n' "$json_all" | grep -Eq '"schema_version" *: *2 *[,}]' || die 5 "$root/install-metadata.json is not of schema 2; nothing was removed."
    foreign_says install_root
    foreign_path "$foreign_said"
    [ "$foreign_path" = "$root" ] || die 5 "$root/install-metadata.json is about '$foreign_said'; nothing was removed."
    foreign_says command_name
    [ "$foreign_said" = "$main_command" ] || die 5 "$root/install-metadata.json is not about $product; nothing was removed."
    foreign_says state_root
    foreign_path "$foreign_said"
    foreign_state=$foreign_path
    foreign_says target_binary_path
    foreign_target=$foreign_said
    foreign_says shim_paths
    [ -n "$foreign_said" ] || foreign_says command_path
    foreign_shims=$foreign_said
    foreign_says command_root
    command_root=$foreign_said
    foreign_says profile_files
    foreign_profiles=$foreign_said
  else
    [ -n "$root_option" ] || die 5 "$root has no record of an installer of ours and no metadata; name it with --install-root if it is to be removed."
    { [ -f "$foreign_manifest" ] && grep -q -e "\"artifact_name\": *\"$product-$kind-" "$foreign_manifest"; } || die 5 "$root has no record of an installer of ours, no metadata and no manifest of $product; nothing was removed."
    foreign_last='release-manifest.json'
    command_root=
    foreign_target=
    foreign_shims=
    foreign_profiles=
  fi
  if [ "$remove_state" = yes ] && [ -n "$foreign_state" ]; then
    safe_to_remove "$foreign_state" || die 5 "the metadata names $foreign_state as state, which $unsafe; nothing was removed."
    # Not every account is one that this machine can list.
    case $foreign_state in /home/*/* | /Users/*/*) ;; /home/* | /Users/*) die 5 "the metadata names $foreign_state as state, which is no folder to remove, for it may be a home folder; nothing was removed." ;; esac
  fi
  lock_root
  if [ ! -d "$root" ]; then
    report_gone
    return 0
  fi
  stop_foreign_units
  stop_processes "$root"
  if [ -n "$foreign_target" ]; then
    each_line remove_targeted_shim "$foreign_shims"
  else
    each_command_root sweep_folder
    sweep_path=$caller_path:
    while [ -n "$sweep_path" ]; do
      case ${sweep_path%%:*} in /*) sweep_folder "${sweep_path%%:*}" ;; esac
      sweep_path=${sweep_path#*:}
    done
    command_root=
  fi
  if [ -n "$command_root" ]; then
    remove_foreign_blocks
    drop_command_root "$command_root"
  fi
  foreign_kept=
  if [ "$remove_state" = yes ]; then remove_foreign_data; else keep_foreign_data; fi
  print install_root "$root"
  [ -z "$foreign_kept" ] || print kept "$foreign_kept"
  [ -z "$foreign_state" ] || [ ! -d "$foreign_state" ] || print kept "$foreign_state"
  print installed no
  print changed yes
}
