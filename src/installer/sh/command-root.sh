# The folder of commands: the one that was chosen, else for root the system's, whatever PATH and HOME are at the moment, and for anybody
# else one on PATH that can be written.

on_path() {
  case ":$caller_path:" in *":$1:"* | *":$1/:"*) return 0 ;; esac
  return 1
}

# Whether a file can be made there: a probe knows more than mode bits do.
can_write() {
  [ -d "$1" ] || return 1
  if [ -e "$1/.greenlight-$product" ] || [ -L "$1/.greenlight-$product" ]; then rm -f -- "$1/.greenlight-$product" 2>/dev/null || return 1; fi
  # Not by ':', whose redirection would end the shell; and through no link that somebody puts there now.
  (set -C && printf '' >"$1/.greenlight-$product") 2>/dev/null || return 1
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
  if [ -z "$command_root" ] && [ "$me" = 0 ]; then command_root=$usual_command_root; fi
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

# Folders of commands belong to the system, but one that only a profile brought onto PATH goes when it is empty.
drop_command_root() {
  case $1 in '' | /usr/* | /bin | /sbin | /opt/homebrew/*) return 0 ;; esac
  rmdir -- "$1" 2>/dev/null || :
}
