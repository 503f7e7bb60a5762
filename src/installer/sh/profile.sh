# Where no PATH has the folder of commands: a block in the profile of whoever installs; root's is everybody's, and nobody's home.

# for_profiles COMMAND: with each profile that a block belongs into
for_profiles() {
  [ "$persistence" = posix-profile ] || return 0
  if [ "$me" = 0 ]; then
    # One that an earlier installer put into root's own stays there until it is removed.
    recorded profile
    each_line "$1" "${found:-$login_profiles/$product.sh}"
    return 0
  fi
  "$1" "$home/.profile"
  case $platform in macos-*) "$1" "$home/.zprofile" ;; esac
  # Where there is one, bash reads no .profile.
  [ ! -e "$home/.bash_profile" ] || "$1" "$home/.bash_profile"
}

block_begin="# >>> $title CLI >>>"
block_end="# <<< $title CLI <<<"

make_block() {
  shell_word "$command_root"
  block_line="$path_variable=$quoted"
  # A value that a shell splits or expands nowhere: assignments and case words are safe, and so is what is quoted.
  block_text="$block_begin
$block_line
case \":\$PATH:\" in
  *\":\$$path_variable:\"*) ;;
  *) PATH=\"\$$path_variable:\$PATH\"; export PATH ;;
esac
$block_end"
}

# has_block FILE: whether the file has a block for our command folder
has_block() { [ -f "$1" ] && grep -Fxq -e "$block_begin" "$1" && grep -Fxq -e "$block_line" "$1"; }

# A block that is there, whoever wrote it, is what this installation stands on too: it is owned as well.
choose_persistence() {
  make_block
  persist_requested=$persist_wanted
  recorded persistence
  persistence=$found
  case $persistence in existing-path | posix-profile) return 0 ;; esac
  if [ "$me" = 0 ]; then
    choose_root_persistence
  elif has_block "$home/.profile" || has_block "$home/.bash_profile"; then
    persistence=posix-profile
  elif on_path "$command_root"; then
    persistence=existing-path
  elif [ "$persist_wanted" = yes ]; then
    persistence=posix-profile
  else
    persistence=session-only
  fi
}

# The system's own folders are on the PATH of every login, whatever the caller's is.
choose_root_persistence() {
  persistence=session-only
  case $command_root in
    "$usual_command_root" | /usr/local/bin | /usr/bin | /bin)
      persistence=existing-path
      return 0
      ;;
  esac
  if has_block "$login_profiles/$product.sh"; then
    persistence=posix-profile
  elif on_path "$command_root"; then
    persistence=existing-path
  elif [ "$persist_wanted" = yes ] && [ -d "$login_profiles" ]; then
    persistence=posix-profile
  fi
}

note_profile() { note profile "$1"; }

# judge_block LINES: whose block that is, in $block_owner: ours, another's, whose commands run from the folder that it names, or nobody's
judge_block() {
  case $nl$1 in
    *"$nl$block_line$nl"*) block_owner=ours ;;
    *)
      block_owner=nobody
      each_line look_at_block_line "$1"
      ;;
  esac
}
look_at_block_line() {
  case $1 in "$path_variable='"*"'") ;; *) return 0 ;; esac
  block_folder=${1#"$path_variable='"}
  replace "${block_folder%"'"}" "'\\''" "'"
  block_folder=$replaced
  each_command look_for_another
}
look_for_another() {
  target_of "$block_folder/$1"
  case $target in '' | "$current/$1") ;; *) block_owner=another ;; esac
}

# end_block: the block that was read, in $edit_block, is kept, gives its place to ours, or goes
end_block() {
  judge_block "$edit_block"
  if [ "$block_owner" = another ] || { [ -z "$edit_new" ] && [ "$block_owner" = nobody ]; }; then
    edit_text=$edit_text$edit_blank$edit_block
  elif [ -n "$edit_new" ] && [ "$edit_done" = no ]; then
    edit_text=$edit_text$edit_blank$edit_new$nl
    edit_done=yes
  else
    # Blank lines are held back: the one before a block goes with it.
    edit_blank=${edit_blank%"$nl"}
    return 0
  fi
  edit_blank=
}

# edit_profile FILE BLOCK: puts the block in the place of ours, or of one that is nobody's any more, or at the end; an empty
# one takes ours away. Installations with folders of commands of their own have a block each, and leave each other's alone.
edit_profile() {
  edit_new=$2
  edit_text=
  edit_blank=
  edit_inside=no
  edit_done=no
  if [ -f "$1" ]; then
    while IFS= read -r edit_line || [ -n "$edit_line" ]; do
      if [ "$edit_inside" = yes ]; then
        [ "$edit_line" != "$block_begin" ] || break
        edit_block=$edit_block$edit_line$nl
        if [ "$edit_line" = "$block_end" ]; then
          edit_inside=no
          end_block
        fi
      elif [ "$edit_line" = "$block_begin" ]; then
        edit_inside=yes
        edit_block=$edit_line$nl
      elif [ -z "$edit_line" ]; then
        edit_blank=$edit_blank$nl
      else
        edit_text=$edit_text$edit_blank$edit_line$nl
        edit_blank=
      fi
    done <"$1"
    edit_text=$edit_text$edit_blank
  fi
  # A block without its end would take the rest of somebody's profile along.
  [ "$edit_inside" = no ] || die 5 "$1 has '$block_begin' without '$block_end'; mend it, then try again."
  if [ -n "$2" ] && [ "$edit_done" = no ]; then edit_text=$edit_text${edit_text:+$nl}$2$nl; fi
  put_profile "$1" "$edit_text"
}

# Somebody's file, and it may be a link into a folder of theirs: mode, owner and link stay.
put_profile() {
  if [ -f "$1" ] && printf '%s' "$2" | cmp -s - "$1"; then return 0; fi
  profile_file_of "$1"
  if [ -z "$2" ]; then
    rm -f -- "$profile_file"
  else
    rm -f -- "$profile_file.greenlight-new"
    [ ! -f "$profile_file" ] || cp -p -- "$profile_file" "$profile_file.greenlight-new"
    printf '%s' "$2" >"$profile_file.greenlight-new"
    sync "$profile_file.greenlight-new"
    mv -T -- "$profile_file.greenlight-new" "$profile_file"
  fi
  changed=yes
}

put_block() { edit_profile "$1" "$block_text"; }

# profile_file_of FILE: in $profile_file, what it leads to when it is a link
profile_file_of() {
  profile_file=$1
  [ ! -L "$1" ] || profile_file=$(readlink -f -- "$1")
}

# remove_block FILE: unless another installation still has a command there
remove_block() {
  make_block
  # A killed run may have been about to put it there.
  profile_file_of "$1"
  rm -f -- "$profile_file.greenlight-new"
  has_block "$1" || return 0
  for block_name in $(each_command echo); do
    if other_shim "$command_root/$block_name"; then return 0; fi
  done
  # First, while the block still says which folder it was made for.
  drop_command_root "$command_root"
  edit_profile "$1" ''
}
