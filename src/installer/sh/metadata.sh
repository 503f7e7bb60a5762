# install-metadata.json, schema 2: by it clients of the product find their state and its own commands find what to remove.

json_list() {
  list_text=
  each_line add_item "$1"
  quoted="[$list_text]"
}
add_item() {
  json_text "$1"
  list_text="$list_text${list_text:+, }$quoted"
}

# member NAME VALUE: a line of the object, its value written already
member() { metadata_text="$metadata_text$metadata_indent\"$1\": $2,$nl"; }
text_member() {
  json_text "$2"
  member "$1" "$quoted"
}
list_member() {
  json_list "$2"
  member "$1" "$quoted"
}
truth_member() { if [ "$2" = yes ]; then member "$1" true; else member "$1" false; fi; }
add_shim_path() { shim_paths=$shim_paths$command_root/$1$nl; }

make_metadata() {
  metadata_text="{$nl"
  metadata_indent='  '
  member schema_version 2
  text_member artifact_kind "$kind"
  text_member installed_at_utc "$installed_at"
  text_member archive_path "$installed_from"
  text_member install_root "$root"
  text_member config_path "$config_file"
  text_member state_root "$state"
  if [ -z "$main_command" ]; then
    metadata_text="$metadata_text  \"cli_exposure\": null$nl}$nl"
    return 0
  fi
  metadata_text="$metadata_text  \"cli_exposure\": {$nl"
  metadata_indent='    '
  command_path=$command_root/$main_command
  # An installer cannot change the PATH of the shell that called it.
  shell_word "$command_path"
  here=$main_command
  later=$main_command
  parent_note="$main_command is on PATH."
  needs_new_shell=false
  if [ "$command_root_on_path" = no ]; then
    here=$quoted
    if [ "$persistence" != session-only ]; then
      needs_new_shell=true
      parent_note="Open a new login shell, or call $quoted until then."
    else
      later=$quoted
      parent_note="PATH does not name $command_root; call $quoted."
    fi
  fi
  text_member command_name "$main_command"
  text_member command_root "$command_root"
  text_member command_path "$command_path"
  shim_paths=
  each_command add_shim_path
  list_member shim_paths "$shim_paths"
  text_member target_binary_path "$current/$main_command"
  text_member state_root "$state"
  text_member config_path "$config_file"
  member session_path_updated false
  truth_member persistent_path_requested "$persist_requested"
  text_member persistence_strategy "$persistence"
  member user_path_updated false
  recorded profile
  list_member profile_files "$found"
  truth_member command_root_already_on_path "$command_root_on_path"
  text_member current_shell_command "$here"
  text_member new_shell_command "$later"
  text_member parent_shell_command "$here"
  text_member parent_shell_path_restart_required "$needs_new_shell"
  text_member parent_shell_path_note "$parent_note"
  member secondary_alias_roots '[]'
  member legacy_shim_paths_removed '[]'
  member legacy_path_entries_removed '[]'
  member legacy_session_path_updated false
  metadata_text="$metadata_text$metadata_indent\"legacy_user_path_updated\": false$nl  }$nl}$nl"
}

# At the root and beside the executables; at the root with the manifest of the release, from which the product's own commands read
# which one is installed. Nothing that runs reads either at its start, so that nothing is restarted for it.
put_metadata() {
  make_metadata
  manifest_whole=$(cat -- "$release/release-manifest.json" && printf .)
  metadata_restart=$restart
  restart=yes
  put_file "$release/install-metadata.json" 0644 root:root "$metadata_text"
  put_file "$root/install-metadata.json" 0644 root:root "$metadata_text"
  put_file "$root/release-manifest.json" 0644 root:root "${manifest_whole%.}"
  restart=$metadata_restart
}
