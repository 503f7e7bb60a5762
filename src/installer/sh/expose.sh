# How users come to the commands: a folder on PATH, a small script for each command, and where PATH has no such folder a
# block in the profile of whoever installs.

on_path() { case ":$caller_path:" in *":$1:"* | *":$1/:"*) return 0 ;; esac; return 1; }

# Whether a file can be made there: a probe knows more than mode bits do.
can_write() {
  [ -d "$1" ] || return 1
  # Not by ':', whose redirection would end the shell.
  { printf '' >"$1/.greenlight-$product"; } 2>/dev/null || return 1
  rm -f -- "$1/.greenlight-$product"
}

try_command_root() {
  # The last of them is the one to fall back on.
  command_root_last=$1
  [ -z "$command_root" ] || return 0
  if on_path "$1" && can_write "$1"; then command_root=$1; fi
}

choose_command_root() {
  recorded command_root
  place --command-root "$command_root_option" "$found" ''
  command_root=$chosen
  if [ -z "$command_root" ]; then
    each_command_root try_command_root
    command_root=${command_root:-$command_root_last}
  fi
  case $command_root in *:*) die 2 "--command-root $command_root holds a ':', so that no PATH can name it; choose another." ;; esac
  case $command_root in "$root" | "$root"/* | /) die 2 "--command-root $command_root is no folder for commands; choose one outside of $root." ;; esac
  recorded on_path
  command_root_on_path=$found
  if [ -z "$command_root_on_path" ]; then
    if on_path "$command_root"; then command_root_on_path=yes; else command_root_on_path=no; fi
  fi
}

# for_profiles COMMAND: with each profile that a block belongs into
for_profiles() {
  [ "$persistence" = posix-profile ] || return 0
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
  if has_block "$home/.profile" || has_block "$home/.bash_profile"; then
    persistence=posix-profile
  elif on_path "$command_root"; then
    persistence=existing-path
  elif [ "$persist_wanted" = yes ]; then
    persistence=posix-profile
  else
    persistence=session-only
  fi
}

note_profile() { note profile "$1"; }

# edit_profile FILE BLOCK: puts the block in the place of the one that is there, or at the end; an empty one takes it away
edit_profile() {
  edit_text=
  edit_blank=
  edit_inside=no
  edit_done=no
  if [ -f "$1" ]; then
    while IFS= read -r edit_line || [ -n "$edit_line" ]; do
      if [ "$edit_line" = "$block_begin" ]; then
        edit_inside=yes
        if [ -n "$2" ] && [ "$edit_done" = no ]; then
          edit_text=$edit_text$edit_blank$2$nl
          edit_done=yes
        fi
        edit_blank=
      elif [ "$edit_inside" = yes ]; then
        [ "$edit_line" != "$block_end" ] || edit_inside=no
      elif [ -z "$edit_line" ]; then
        # Blank lines are held back: the one before a block goes with it.
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
  profile_file=$1
  [ ! -L "$1" ] || profile_file=$(readlink -f -- "$1")
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

shim_variable() {
  shell_word "$2"
  shim_text="$shim_text${nl}export $1=$quoted"
}

# make_shim COMMAND: its text is in $shim_text, and the line that makes it ours in $shim_line
make_shim() {
  shell_word "$current/$1"
  shim_line="exec $quoted \"\$@\""
  # The path as it is, too: by that, readers of the metadata know the script.
  shim_text="#!/bin/sh
# Calls $current/$1
set -eu"
  each_command_variable shim_variable
  shim_text="$shim_text$nl$shim_line$nl"
}

# our_shim FILE: whether the script leads to this installation
our_shim() {
  make_shim "${1##*/}"
  [ -f "$1" ] && [ ! -L "$1" ] && grep -Fxq -e "$shim_line" "$1"
}

# Whether the script is that of another installation of the same command: the last one installed has the name.
other_shim() { [ -f "$1" ] && [ ! -L "$1" ] && grep -q -e "^exec ['\"]/.*/${1##*/}['\"] \"\\\$@\"\$" "$1"; }

check_shim() {
  if [ -e "$command_root/$1" ] || [ -L "$command_root/$1" ]; then
    our_shim "$command_root/$1" || other_shim "$command_root/$1" || die 5 "$command_root/$1 is there and not ours; move it away, then try again."
  fi
}

# displace FILE: another installation's script is given back when this installation goes
displace() {
  if other_shim "$1" && ! our_shim "$1"; then
    mkdir -p -- "$root/displaced"
    cp -p -- "$1" "$root/.greenlight-displaced"
    mv -T -- "$root/.greenlight-displaced" "$root/displaced/${1##*/}"
  fi
}

put_shim() {
  displace "$command_root/$1"
  make_shim "$1"
  mkdir -p -- "$command_root"
  shim_restart=$restart
  restart=yes # a command's script is none of a service's business
  put_file "$command_root/$1" 0755 root:root "$shim_text"
  restart=$shim_restart
}

# target_of SCRIPT: what such a script leads to, in $target; nothing when that does not run
target_of() {
  target=
  if [ ! -f "$1" ] || [ -L "$1" ]; then return 0; fi
  target=$(sed -n "s/^exec ['\"]\\(\\/.*\\)['\"] \"\\\$@\"\$/\\1/p" "$1")
  replace "$target" "'\\''" "'"
  target=$replaced
  [ -x "$target" ] || target=
}

# find_heir COMMAND: in $heir, whose script is the command's when this installation goes
find_heir() {
  heir=$root/displaced/$1
  target_of "$heir"
  [ -n "$target" ] || heir=
}

# hand_on FILE: this installation goes while another one has the command, and that, or one that it displaced in its turn, was
# to give it back to this one: from now on it gives it back to whom this one would have.
hand_on() {
  find_heir "${1##*/}"
  [ -n "$heir" ] || return 0
  hand_on_script=$1
  hand_on_steps=0
  # Two installations may have displaced each other.
  while [ "$hand_on_steps" -lt 16 ]; do
    hand_on_steps=$((hand_on_steps + 1))
    other_shim "$hand_on_script" || return 0
    target_of "$hand_on_script"
    hand_on_root=${target%/current/"${1##*/}"}
    { [ "$hand_on_root" != "$target" ] && [ -f "$hand_on_root/install-record" ]; } || return 0
    hand_on_script=$hand_on_root/displaced/${1##*/}
    if our_shim "$hand_on_script"; then
      cp -p -- "$heir" "$hand_on_root/.greenlight-displaced"
      mv -T -- "$hand_on_root/.greenlight-displaced" "$hand_on_script"
      return 0
    fi
  done
}

# remove_shim FILE
remove_shim() {
  rm -f -- "${1%/*}/.greenlight-$product"
  if our_shim "$1"; then
    find_heir "${1##*/}"
    if [ -n "$heir" ]; then
      cp -p -- "$heir" "${1%/*}/.greenlight-$product"
      mv -T -- "${1%/*}/.greenlight-$product" "$1"
    else
      rm -f -- "$1"
    fi
  else
    hand_on "$1"
  fi
}

# Folders of commands belong to the system, but one that only a profile brought onto PATH goes when it is empty.
drop_command_root() {
  case $1 in '' | /usr/* | /bin | /sbin | /opt/homebrew/*) return 0 ;; esac
  rmdir -- "$1" 2>/dev/null || :
}

# remove_block FILE: unless another installation still has a command there
remove_block() {
  make_block
  has_block "$1" || return 0
  for block_name in $(each_command echo); do
    if other_shim "$command_root/$block_name"; then return 0; fi
  done
  edit_profile "$1" ''
  drop_command_root "$command_root"
}
