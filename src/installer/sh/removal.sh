# What uninstall takes away whole is looked at before anything is touched: metadata, and a record too, may name what has become
# somebody's home since, or never was a product's folder.

# physical PATH: in $physical, by the name that no link has a part in
physical() { physical=$(cd -P -- "$1" 2>/dev/null && pwd -P) || physical=$1; }

note_service_user() { service_users=$service_users$nl$4; }

# list_homes: in $homes, a line each, of whoever has an account; but for the product's own users, who live in its state
list_homes() {
  recorded user
  service_users=$found
  each_service note_service_user
  homes=
  while IFS=: read -r home_user home_rest; do
    case $nl$service_users$nl in *"$nl$home_user$nl"*) continue ;; esac
    home_rest=${home_rest%:*}
    home_rest=${home_rest##*:}
    case $home_rest in /*[!/]*) homes=$homes$home_rest$nl ;; esac
  done <<END
$(getent passwd 2>/dev/null || cat /etc/passwd 2>/dev/null)
END
  homes=${home:+$home$nl}${caller_home:+$caller_home$nl}$homes
  # By their own names as well, where a link leads to them.
  homes=$homes$(printf %s "$homes" | xargs -r -d '\n' realpath -m -- 2>/dev/null) || :
}

look_at_home() {
  [ -z "$unsafe" ] && [ -d "$1" ] || return 0
  if inside "$1" "$removal" || inside "$1" "$physical"; then unsafe="is no folder to remove, for it is, or holds, the home folder $1"; fi
}

# safe_to_remove FOLDER: 0, or the reason in $unsafe
safe_to_remove() {
  unsafe=
  removal=$1
  case $1 in
    [!/]* | */../* | */.. | */./* | */. | *//* | */)
      unsafe="is no folder to remove"
      return 1
      ;;
  esac
  physical "$1"
  if system_folder "$1" || system_folder "$physical"; then
    unsafe="is no folder to remove, for it is the system's"
  elif inside "$(pwd -P)" "$physical"; then
    unsafe="is, or holds, the folder that you are in; go elsewhere, then try again"
  else
    list_homes
    each_line look_at_home "$homes"
  fi
  [ -z "$unsafe" ]
}
