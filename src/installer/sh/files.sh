# Files and folders that become what they should be in one step, and are left alone when they are that already.

# What was changed under a running service is kept in a file until the service runs it: a killed run is finished so.
need_restart() {
  [ "$has_services" = yes ] && [ "$restart" = no ] || return 0
  put_as_found
  printf '%s' "$never_ran" >"$root/restart-needed"
  restart=yes
}

# give OWNER PATH: only root can
give() { [ "$me" != 0 ] || chown -h -- "$1" "$2"; }

# has_text FILE TEXT
has_text() {
  [ -f "$1" ] && [ ! -L "$1" ] || return 1
  case $2 in
    # Without a process for the text.
    *"$nl")
      cmp -s - "$1" <<END
${2%"$nl"}
END
      ;;
    *) printf '%s' "$2" | cmp -s - "$1" ;;
  esac
}

# find_temporary FILE: in $put_temporary, where a file is built that is to take this one's place. Where others may write, they know the usual
# name and could have a link or a folder there.
find_temporary() {
  put_temporary=${1%/*}/.greenlight-$product
  if [ -n "$(find "${1%/*}/." -maxdepth 0 -perm /022)" ]; then
    # On another file system it would not move there in one step.
    if [ "$(stat -c %d "${1%/*}")" != "$(stat -c %d "$root")" ]; then
      rm -f -- "$put_temporary".* 2>/dev/null || :
      put_temporary=$(mktemp -- "$put_temporary.XXXXXXXX")
      return 0
    fi
    put_temporary=$root/.greenlight-file
  fi
  rm -f -- "$put_temporary"
}

# put_file FILE MODE OWNER TEXT: exactly this text, in one step, and only for those who may read, change and run it
put_file() {
  if has_text "$1" "$4"; then
    put_mode "$1" "$2" "$3"
    return 0
  fi
  find_temporary "$1"
  (umask 077 && printf '%s' "$4" >"$put_temporary")
  chmod "$2" "$put_temporary"
  give "$3" "$put_temporary"
  sync "$put_temporary"
  need_restart
  mv -T -- "$put_temporary" "$1"
  changed=yes
}

# no_link PATH: what a service's user may have put in the place of its file, root must not follow
no_link() { [ ! -L "$1" ] || die 5 "$1 is a symbolic link, which would be followed elsewhere; put the file or folder itself in its place, then try again."; }

# put_mode PATH MODE OWNER
put_mode() {
  no_link "$1"
  mode_found=$(stat -c '%U:%G %a' "$1")
  if [ "$me" = 0 ] && [ "${mode_found% *}" != "$3" ]; then
    # State that an earlier uninstall kept belongs to root: it is given back, with everything in it.
    chown -RhP -- "$3" "$1"
    changed=yes
  fi
  # Without leading zeros, as stat has it; two of them are octal to nobody but us.
  mode_wanted=$(printf '%o' "0$2")
  if [ "${mode_found#* }" != "$mode_wanted" ]; then
    # By way of what was opened: where a service may write, a link can take the file's place at any moment.
    exec 8<"$1"
    mode_path=$(cd -P -- "${1%/*}" && pwd -P)/${1##*/}
    [ "$(readlink /proc/self/fd/8)" = "$mode_path" ] || die 5 "$1 was replaced while its mode was being set; look at what does that, then try again."
    # With two more zeros a folder loses its special bits as well.
    chmod "00$mode_wanted" /proc/self/fd/8
    exec 8<&-
    changed=yes
  fi
}

# no_wider FOUND MODE: whether nobody may do more than the mode lets them; octal digits
no_wider() { [ $((0$1 & ~0$2)) -eq 0 ]; }

# narrow_mode PATH MODE OWNER: what root owns gets this mode. What a service owns, it may have made narrower, and that stays.
narrow_mode() {
  no_link "$1"
  narrow_found=$(stat -c %a "$1")
  case $3 in
    root:*) put_mode "$@" ;;
    *) put_mode "$1" "$(printf '%04o' $((0$narrow_found & 0$2)))" "$3" ;;
  esac
}

# put_folder FOLDER MODE OWNER
put_folder() {
  no_link "$1"
  if [ -d "$1" ]; then
    narrow_mode "$@"
  else
    mkdir -p -- "${1%/*}"
    mkdir -m "$2" -- "$1"
    changed=yes
    put_mode "$@"
  fi
}

# switch_to RELEASE LINK: in one step
switch_to() {
  [ "$(readlink "$2" 2>/dev/null)" = "versions/$1" ] && return 0
  ln -sfn -- "versions/$1" "$root/.greenlight-link"
  mv -T -- "$root/.greenlight-link" "$2"
  changed=yes
}
