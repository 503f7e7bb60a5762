# What a way back that was cut off left beside the paths that it was putting back: the copy that was to take a path's place,
# and what had been there. Either may hold secrets.

# for_data COMMAND: with each path that a backup can list, whether it is there or not
for_data() {
  recorded config
  data_files=$(printf '%s\n' "$found" | sed 's/^[^ ]* //')
  for data_key in state config_folder secret made_config; do
    recorded "$data_key"
    data_files=$data_files$nl$found
  done
  each_line "$1" "$data_files$nl$state$nl$config_file"
}

# remove_leftovers PATH: where both changed places only by half, what had been there is there again, and nothing is left over
remove_leftovers() {
  rm -rf -- "$1.greenlight-restored"
  [ -e "$1.greenlight-aside" ] || [ -L "$1.greenlight-aside" ] || return 0
  if [ ! -e "$1" ] && [ ! -L "$1" ]; then
    mv -T -- "$1.greenlight-aside" "$1"
  elif [ "$remove_state" = yes ]; then
    rm -rf -- "$1.greenlight-aside"
  else
    give_to_root "$1.greenlight-aside"
  fi
}

# What an earlier uninstall kept may be all that is known of it.
remove_aside() { case $1 in *.greenlight-aside) [ "$remove_state" = no ] || rm -rf -- "$1" ;; esac }

keep_leftovers() { if [ -e "$1.greenlight-aside" ]; then note aside "$1.greenlight-aside"; fi; }
keep_aside() { if [ -e "$1" ]; then note aside "$1"; fi; }
