# How users come to the commands: a small script for each, which leads to the current release.

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
